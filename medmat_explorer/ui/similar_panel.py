"""Pictures that an encoder finds similar: to an item's picture, or to one that the reader brings."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.statistics import wilson
from medmat_explorer.store.catalog import Catalog, ItemDetail
from medmat_explorer.store.embeddings import EncoderRecord, VectorSnapshot
from medmat_explorer.store.similar import SimilarItem, picture_vector, similar_items
from medmat_explorer.store.workspace import BASKET
from medmat_explorer.ui import frame, selection_state, url_state
from medmat_explorer.ui.components.gallery import GalleryCard, gallery
from medmat_explorer.ui.embedding_panel import (
    draw_computing,
    draw_encoder_choice,
    images_of,
    known_encoders,
    vectors,
)
from medmat_explorer.ui.picture_panel import LOOK_NAMES
from medmat_explorer.ui.pictures import PROBLEMS, picture_address
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.query_encoder import vector_of_picture
from medmat_explorer.ui.tag_panel import act_on_card

NEIGHBOURS = 24
SAME = "same"
"""The name in the address: whether other files of the same content are shown too."""

UPLOAD_MEGABYTES = 50


def draw_similar(catalog: Catalog, detail: ItemDetail) -> None:
    """On an item: the pictures nearest to its own, or a way to compute what is needed for that."""
    st.subheader("Similar images")
    records = known_encoders(catalog)
    if not records:
        st.write("No encoder has looked at this collection yet. It does so once, in the background.")
        draw_computing(catalog, None, images_of(catalog))
        return
    try:
        record = draw_encoder_choice(records)
        stored = vectors(catalog, record)
        _draw_neighbours(catalog, stored, detail)
        draw_computing(catalog, record, _missing(catalog, stored))
    except MedmatError as error:
        frame.show_error(error)


def _missing(catalog: Catalog, stored: VectorSnapshot) -> int:
    encoded, refused = stored.counts()
    return max(0, images_of(catalog) - encoded - sum(refused.values()))


def _draw_neighbours(catalog: Catalog, stored: VectorSnapshot, detail: ItemDetail) -> None:
    mine = picture_vector(catalog, stored, detail.item.key)
    if mine.vector is None:
        why = PROBLEMS.get(mine.reason.split(":")[0], "it cannot be read") if mine.reason else "not encoded yet"
        st.info(f"This picture has no vector: {why}.", icon=":material/info:")
        return
    same = url_state.value(SAME) == "1"
    found = similar_items(catalog, stored, mine.vector, NEIGHBOURS, "" if same else mine.content)
    _draw_agreement(catalog, found, detail)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle("With this picture itself", **url_state.bind(SAME, same, default=False))
        draw_show_button(catalog, found, "similar")
    draw_found(catalog, found, "similar", stored.record)


def _draw_agreement(catalog: Catalog, found: Sequence[SimilarItem], detail: ItemDetail) -> None:
    """How many of the neighbours are of the item's kind, with the interval and the share among all items."""
    others = [one for one in found if one.similarity < 1 or one.item.image != detail.item.image]
    if not others:
        return
    subsets = {subset.number: subset for subset in catalog.subsets()}
    cells = catalog.matrix()
    total = sum(cell[3] for cell in cells)
    lines = []
    for place, axis in enumerate(("modality", "area", "task")):
        value = getattr(detail.subset.triplet, axis)
        same = sum(getattr(subsets[one.item.subset].triplet, axis) == value for one in others)
        low, high = wilson(same, len(others))
        share = sum(cell[3] for cell in cells if cell[place] == value) / total
        lines.append(f"{axis} **{plain(value)}** {same} of n = {len(others)} ({low:.0%} to {high:.0%}; {share:.0%})")
    st.markdown("Of the item's own kind (95 % interval; share of all items): " + " · ".join(lines))


def draw_found(catalog: Catalog, found: Sequence[SimilarItem], key: str, record: EncoderRecord) -> None:
    """The pictures as a gallery, the nearest first."""
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    tags = _tags_of(catalog, found)
    gallery(
        [_card(catalog, one, titles[one.item.subset], tags.get(one.item.id, [])) for one in found],
        key=f"gallery of {key}",
        label=f"{len(found)} similar pictures, the nearest first",
        density="medium",
        tags=[tag for tag in catalog.connection.tags() if tag != BASKET],
        problems=PROBLEMS,
        on_act=lambda act, item, tag: _act(catalog, act, item, tag),
    )
    st.caption(
        f"The number is the cosine of two vectors by {plain(record.title)} ({record.dimensions} numbers: "
        f"{plain(record.pooled)}); compare it within one encoder only."
    )


def draw_show_button(catalog: Catalog, found: Sequence[SimilarItem], key: str) -> None:
    """One click puts these items into the gallery, where they can be tagged, asked and exported."""
    st.button(
        "Show these in the gallery",
        key=f"show {key}",
        on_click=show_items,
        args=(catalog, [one.item.id for one in found]),
        icon=":material/photo_library:",
        disabled=not found,
    )


def show_items(catalog: Catalog, ids: Sequence[int], shown: str = "gallery") -> None:
    """The gallery, or another view, of exactly these items."""
    try:
        name = catalog.workspace.keep_set(ids)
    except MedmatError as error:
        st.toast(plain(str(error)), icon=":material/error:")
        return
    nothing = dict.fromkeys(
        (*selection_state.CHOICES, selection_state.TEXT, selection_state.PAGE, selection_state.ITEM)
    )
    view = None if shown == "gallery" else shown
    url_state.write({**nothing, **dict.fromkeys(LOOK_NAMES), Facet.SET.value: name, "show": view})


def draw_upload(catalog: Catalog, record: EncoderRecord) -> None:
    """A picture of the reader's own, looked at once and not kept: which pictures here are nearest to it."""
    given = st.file_uploader(
        "A picture of your own",
        key="picture to find",
        max_upload_size=UPLOAD_MEGABYTES,
        help="Any format that collections may have, DICOM included. It stays on this machine, is opened under the same "
        "limits as all pictures, and is deleted when its vector is known.",
    )
    if given is None:
        return
    try:
        with st.spinner("Loading the encoder and looking at the picture; a few seconds the first time ..."):
            vector = vector_of_picture(given.getvalue(), record)
        found = similar_items(catalog, vectors(catalog, record), vector, NEIGHBOURS)
    except MedmatError as error:
        frame.show_error(error)
        return
    st.markdown(f"**{len(found)} pictures nearest to {plain(given.name)}**")
    draw_show_button(catalog, found, "found")
    draw_found(catalog, found, "found", record)


def _card(catalog: Catalog, one: SimilarItem, title: str, tags: list[str]) -> GalleryCard:
    item = one.item
    more = f" · {one.items} items" if one.items > 1 else ""
    return GalleryCard(
        key=item.key,
        src=picture_address(catalog, item.key, 256),
        alt=f"{item.answer}: {title}",
        name=f"{one.similarity:.3f} · {item.answer}",
        detail=f"{title} · {item.split}{more}",
        title=item.question,
        tags=[tag for tag in tags if tag != BASKET],
        picked=BASKET in tags,
    )


def _tags_of(catalog: Catalog, found: Sequence[SimilarItem]) -> dict[int, list[str]]:
    catalog.connection.follow(Selection())
    rows = catalog.connection.rows(
        "SELECT id, list_sort(list(tag)) FROM tags WHERE id IN (SELECT unnest($ids::BIGINT[])) GROUP BY id",
        {"ids": [one.item.id for one in found]},
    )
    return {int(id_): list(tags) for id_, tags in rows}


def _act(catalog: Catalog, act: str, key: str, tag: str) -> None:
    if act == "open":
        url_state.write({selection_state.ITEM: key, **dict.fromkeys(LOOK_NAMES)})
    else:
        act_on_card(catalog, act, key, tag)
