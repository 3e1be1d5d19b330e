"""Make a subset of one's own on the Data page: a form, a look at what would come of it, the making, and its result."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.domain.own_subset import OPTIONS, OwnItem
from medmat_explorer.domain.question_wordings import WORDINGS, derived_wordings
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.errors import ImageRefusedError, MedmatError
from medmat_explorer.media import open_image
from medmat_explorer.own_subsets.making import BackgroundChange, leaves_nothing, own_subset_titles
from medmat_explorer.own_subsets.plan import SubsetPreview, SubsetWish, preview_subset, triplet_of
from medmat_explorer.paper.facts import subsets as published_subsets
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.work_bar import follow_work

MOST_LABELS, MOST_HEIGHT = 200, 320
REASONS = {
    "two-labels": "the same picture under different labels",
    "copy": "a copy of a picture that is kept",
    "unreadable": "no picture that can be read",
    "missing": "no such file",
    "outside": "leads out of the folder",
    "too-large": "too large to be opened",
    "ambiguous": "several files have that name",
    "no-label": "no label",
    "no-image": "a row that names no image",
    "unknown-split": "a split that is not train or test",
    "no-distractor": "no other label to choose from",
    "cannot-be-asked": "texts that a question cannot hold",
}
"""Why pictures are left out, for people."""

SHARE_HELP = "Drawn by content, label by label; a split that folder or table gives is kept."
SIDE = 320
"""Pixels of an example picture's longer side."""

PREVIEW, PROBLEM = "own subset preview", "own subset problem"
BUSY = "Another own subset is being made or taken away on this server: wait for it or stop it."


@st.cache_resource(show_spinner=False)
def _changes() -> list[BackgroundChange]:
    """What was made and taken away on this server, newest last; shared by all sessions."""
    return []


def draw_own_subset(catalog: Catalog | None) -> None:
    """The whole panel; `catalog` is the collection that is looked at, whose elements and name are offered."""
    st.subheader("Make a subset of your own")
    st.write(
        "A folder of labelled images becomes a subset in Med-MAT's form, with six wordings of its question, one right "
        "option and up to three from its other labels. It then takes part in everything: Browse, Lattice, Spot check."
    )
    with st.expander("New subset", icon=":material/create_new_folder:", expanded=PREVIEW in st.session_state):
        wish = _draw_form(catalog)
        _draw_buttons(wish)
        _draw_preview()
    if problem := st.session_state.get(PROBLEM):
        frame.show_error(problem)
    _draw_change()
    _draw_removal(catalog)


def _draw_form(catalog: Catalog | None) -> SubsetWish | None:
    """What is asked for; None while folder, collection or triple are not said."""
    left, right = st.columns(2)
    folder = left.text_input(
        "Folder of labelled images, on the machine that runs this app",
        placeholder="/data/liver-ct",
        help="One folder a label, also inside train/ and test/; or images with a CSV that has columns such as image, "
        "label, split, question, caption, patient. Several labels of one image are parted by | or ;.",
        key="own folder",
    )
    table = right.text_input("Table of labels", placeholder="only where it is not found in the folder", key="own table")
    names = list(resources.collection_names())
    collection = st.selectbox(
        "Collection that it joins",
        names,
        index=names.index(catalog.name) if catalog and catalog.name in names else None,
        accept_new_options=True,
        placeholder="Choose one, or write a new name",
        key=f"own collection {catalog.name if catalog else ''}",
    )
    elements = _draw_triple(catalog)
    details = _draw_details()
    if not (folder.strip() and collection and all(elements)):
        _draw_wordings(None)
        return None
    triplet = triplet_of(*elements)
    return SubsetWish(
        folder=Path(folder.strip()).expanduser(),
        collection=collection.strip(),
        triplet=triplet,
        table=Path(table.strip()) if table.strip() else None,
        wordings=_draw_wordings(triplet),
        **details,
    )


def _draw_triple(catalog: Catalog | None) -> list[str]:
    """Three pickers with the elements that are known; others may be written."""
    known = [*published_subsets().values(), *(catalog.subsets() if catalog else ())]
    chosen = []
    for column, axis in zip(st.columns(3), Axis, strict=True):
        names = sorted({subset.triplet[axis] for subset in known}, key=str.casefold)
        chosen.append(
            column.selectbox(
                axis.value.capitalize(),
                names,
                index=None,
                accept_new_options=True,
                placeholder="Choose, or write a new one",
                key=f"own {axis.value}",
            )
        )
    return [" ".join((name or "").split()) for name in chosen]


def _draw_details() -> dict[str, Any]:
    """Numbers, and where the pictures come from."""
    share, options, seed, number = st.columns(4)
    details: dict[str, Any] = {
        "share": float(
            share.number_input(
                "Test share",
                0.0,
                0.9,
                0.1,
                0.05,
                help="By content, label by label; a given split stays.",
                key="own share",
            )
        ),
        "options": int(options.number_input("Most options", 2, 26, OPTIONS, help="4 in the paper.", key="own options")),
        "seed": int(seed.number_input("Seed", 0, 2**31 - 1, 0, help="Of split and options.", key="own seed")),
        "number": number.text_input("Number", placeholder="the next free, U01", key="own number").strip(),
    }
    with st.expander("Where the pictures come from"):
        first, second = st.columns(2)
        details["title"] = first.text_input("Name of the data set", key="own title")
        details["citation"] = second.text_input("Citation", key="own citation")
        details["link"] = first.text_input("Link", placeholder="https://", key="own link")
        details["licence"] = second.text_input("Licence", placeholder="CC BY 4.0", key="own licence")
    return details


def _draw_wordings(triplet: MatTriplet | None) -> tuple[str, ...]:
    """Six lines, derived from the triple until they are edited."""
    if triplet is None:
        st.caption("The six wordings of the question come from the triple and can be edited then.")
        return ()
    with st.expander("Wordings of the question"):
        text = st.text_area(
            f"One a line, up to {WORDINGS}",
            "\n".join(derived_wordings(triplet)),
            height=180,
            key=f"own wordings {triplet}",
        )
    return tuple(line for line in text.splitlines() if line.strip())


def _draw_buttons(wish: SubsetWish | None) -> None:
    is_busy = any(job.running for job in _changes())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Preview", on_click=_look, args=(wish,), disabled=wish is None, icon=":material/visibility:")
        st.button(
            "Make the subset",
            on_click=_begin,
            args=(wish,),
            disabled=wish is None or is_busy,
            type="primary",
            icon=":material/add_photo_alternate:",
        )
        if wish is None:
            st.caption("Give the folder, the collection and the triple first.")


def _look(wish: SubsetWish) -> None:
    """Keeps a preview, or why there is none, for the next drawing."""
    _forget()
    try:
        st.session_state[PREVIEW] = preview_subset(wish, settings().home)
    except MedmatError as error:
        st.session_state[PROBLEM] = str(error)


def _begin(wish: SubsetWish) -> None:
    _forget()
    if any(job.running for job in _changes()):
        st.session_state[PROBLEM] = BUSY
        return
    _changes().append(BackgroundChange.making(wish, settings().home))


def _forget() -> None:
    for name in (PREVIEW, PROBLEM):
        st.session_state.pop(name, None)


def _draw_preview() -> None:
    """Labels with counts, example questions with their pictures, and what is in the way."""
    found: SubsetPreview | None = st.session_state.get(PREVIEW)
    if found is None:
        return
    name = " · ".join(found.triplet[axis] for axis in Axis)
    st.markdown(
        f"**{plain(found.number)} {plain(name)}** · at most {found.splits['train']:,} questions for training and "
        f"{found.splits['test']:,} for the test"
    )
    for sentence in found.hindrances:
        st.error(plain(sentence), icon=":material/block:")
    for note in found.notes:
        st.caption(f":material/info: {plain(note)}")
    if found.refused:
        said = f"Left out: {_reasons(found.refused)}. The first: {plain(found.first_refused[0])}"
        st.warning(said, icon=":material/warning:")
    labels, examples = st.columns([1, 3])
    rows = [{"label": label, "pictures": n} for label, n in list(found.labels.items())[:MOST_LABELS]]
    height = min(36 * len(rows) + 38, MOST_HEIGHT)
    labels.dataframe(pd.DataFrame(rows), hide_index=True, height=height, alt="Labels with their numbers of pictures")
    for column, example in zip(examples.columns(3), found.examples, strict=False):
        with column:
            _draw_example(found.root, example)
    st.caption("Nothing is written yet, and only these pictures were opened: bad ones and copies are found later.")


def _draw_example(root: Path, example: OwnItem) -> None:
    """A picture with its question; the right option is marked by a sign."""
    try:
        picture = open_image(Path(example.picture.image), root)
        picture.thumbnail((SIDE, SIDE))
        st.image(picture, alt=f"Example: {example.picture.image}")
    except ImageRefusedError as error:
        st.caption(f":material/broken_image: {plain(str(error))}")
    lines = [f"**{plain(example.question)}**"]
    for letter, option in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", example.options, strict=False):
        mark = " :material/check: right" if letter == example.letter else ""
        lines.append(f"{letter}: {plain(option)}{mark}")
    st.markdown("  \n".join(lines))


def _draw_change() -> None:
    """The change under way with its bar, or what came of the last one."""
    job = _changes()[-1] if _changes() else None
    if job is None:
        return
    if job.running:
        follow_work(job, job.collection, "Stopped before the end, it leaves everything as it was.")
    elif job.error:
        frame.show_error(job.error)
    elif job.result is not None and "removed" in job.result:
        said = f"Subset {plain(job.result['subset'])} is removed from {plain(job.collection)}."
        st.success(said, icon=":material/check_circle:")
    elif job.result is not None:
        _draw_result(job.result)


def _draw_result(made: dict[str, Any]) -> None:
    splits, number = made["splits"], made["subset"]
    st.success(
        f"Made subset {plain(number)} of {plain(made['collection'])}: {made['items']:,} questions, {splits['train']:,} "
        f"for training and {splits['test']:,} for the test, {len(made['labels']):,} labels.",
        icon=":material/check_circle:",
    )
    for note in made["notes"]:
        st.caption(f":material/info: {plain(note)}")
    if made["refused"]:
        st.write(f"{made['refused']:,} left out: {_reasons(made['reasons'])}. Each with its reason:")
        st.code(made["refused_file"], language=None)
    with st.container(horizontal=True):
        for page, label, icon, name in (
            ("browse", "Browse it", ":material/photo_library:", "subset"),
            ("lattice", "Its relations", ":material/hub:", "target"),
            ("spot_check", "Ask a model about it", ":material/psychology_alt:", "subset"),
        ):
            query = {url_state.COLLECTION: made["collection"], name: number}
            st.page_link(frame.page_named(page), label=label, icon=icon, query_params=query)


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{plain(REASONS.get(reason, reason))} ({count:,})" for reason, count in counts.items())


def _draw_removal(catalog: Catalog | None) -> None:
    """The own subsets of the collection that is looked at, each with a way to remove it that asks first."""
    titles = own_subset_titles(catalog.name, settings().home) if catalog else {}
    if catalog is None or not titles:
        return
    st.markdown(f"Own subsets of {plain(catalog.name)}")
    for number, title in titles.items():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(plain(title), width="stretch")
            frame.link("browse", "Browse", {"subset": number}, ":material/photo_library:")
            frame.link("lattice", "Relations", {"target": number}, ":material/hub:")
            with st.popover("Remove", icon=":material/delete:"):
                also = " It is all that the collection holds: the collection goes too."
                st.write(
                    "Its questions and the links or copies of its pictures go; your folder stays as it is."
                    + (also if leaves_nothing(catalog.name, number, settings().home) else "")
                )
                st.button(f"Remove {number}", on_click=_remove, args=(catalog.name, number), type="primary")


def _remove(collection: str, number: str) -> None:
    _forget()
    if any(job.running for job in _changes()):
        st.session_state[PROBLEM] = BUSY
        return
    if leaves_nothing(collection, number, settings().home):
        url_state.write({url_state.COLLECTION: None})
    _changes().append(BackgroundChange.removing(collection, number, settings().home))
