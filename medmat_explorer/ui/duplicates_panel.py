"""Pictures that are there twice: where, how alike, side by side; and the items that are left without them."""

import streamlit as st

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.paper.notes import NOTES
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.duplicates import KINDS, SearchRecord, SeenImages, search_record, seen_images
from medmat_explorer.store.near_looks import NEARLY
from medmat_explorer.store.pair_report import (
    Pair,
    PairSide,
    Place,
    PlaceCount,
    pairs_between,
    pairs_between_datasets,
    place_counts,
)
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.components.pairs import PairView, SideView, pairs
from medmat_explorer.ui.pictures import picture_address, picture_problem
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.search_job import draw_start, seen_so_far

SCOPE, BETWEEN, KIND, PAGE = "scope", "pairs", "kind", "pairs_page"
SCOPES = {
    "all": "everywhere",
    "leaks": "between train and test",
    "within": "within a split",
    "subsets": "between subsets",
}
PAGE_SIZE = 12
LIKELY = ("shared ISIC images", "data set 61 is part of 80", "COVID collections overlap")
"""Notes on the paper that name source data sets with the same pictures."""


def draw_duplicates(catalog: Catalog) -> None:
    """Start or repeat the search; what it found by place, and the pairs of the place that the address names."""
    version = catalog.files
    record = search_record(version)
    unchecked = catalog.summary().images["unchecked"]
    if record is None:
        st.write(
            "Looks for the same file content, for pictures that look nearly the same (re-encoded, resized, brighter) "
            "and for mirrored ones, within and between splits and subsets. A million images take a minute or so."
        )
        draw_start(catalog, "Look for duplicates and leaks", check=unchecked > 0, key="search", primary=True)
        return
    _draw_record(catalog, record, _seen(catalog.name, catalog.version, seen_so_far(catalog), catalog))
    draw_start(catalog, "Look again", check=True, key="search")
    counts = place_counts(catalog, version)
    if counts:
        _draw_places(catalog, counts)
    else:
        st.write("No picture is there twice, as far as the image files were looked at.")
    _draw_likely(catalog)


@st.cache_data(max_entries=8, show_spinner=False)
def _seen(name: str, version: str, seen: tuple[str, ...], _catalog: Catalog) -> SeenImages:
    return seen_images(_catalog.files)


def _draw_record(catalog: Catalog, record: SearchRecord, seen: SeenImages) -> None:
    figures = (
        ("Exact copies", record.copies, "Files beyond the first with the same content."),
        ("Nearly alike", record.near, f"Pictures whose look differs from another's in at most {NEARLY} bits of 64."),
        ("Mirrored", record.mirrored, "Pictures that look like another's mirror image."),
        ("Leaking images", record.leaks, "Images whose picture, or one nearly like it, is in training and in test."),
    )
    with st.container(horizontal=True):
        for label, value, meaning in figures:
            st.metric(label, f"{value:,}", help=meaning, width=150)
    st.caption(f"Searched {record.made} among {record.readable:,} readable images; others are compared by path only.")
    if seen.states > record.states:
        st.warning(f"Searched before {seen.states - record.states:,} more images were checked: look again.")
    elif seen.mark != record.mark:
        st.warning("Image files have changed since the search: look again.")
    if record.crowded:
        st.caption(
            f":material/info: {record.crowded:,} looks resemble so many others that some of their pairs may be missing."
        )
    with st.container(horizontal=True):
        for leak, said in (("none", "without leaks"), ("exact", "leak exactly"), ("near", "leak nearly")):
            items = catalog.count(Selection.of(leak=[leak]))
            frame.link("browse", f"{items:,} items {said}", {Facet.LEAK.value: leak}, ":material/photo_library:")


def _draw_places(catalog: Catalog, counts: tuple[PlaceCount, ...]) -> None:
    scope = url_state.value(SCOPE)
    scope = scope if scope in SCOPES else "all"
    st.segmented_control(
        "Where",
        list(SCOPES),
        format_func=SCOPES.__getitem__,
        required=True,
        **url_state.bind(SCOPE, scope, default="all", resets=(BETWEEN, KIND, PAGE)),
    )
    shown = [count for count in counts if _in_scope(count, scope)]
    if not shown:
        st.write(f"No picture is there twice {SCOPES[scope]}.")
        return
    columns = [Column("Here"), Column("And here"), *(Column(kind, amount=True) for kind in KINDS), Column("", False)]
    linked_table(
        columns,
        [_place_row(count) for count in shown],
        key="health places",
        label=f"Pairs of pictures {SCOPES[scope]}",
        selected=_name(*asked) if (asked := _asked()) else "",
        on_act=lambda act: url_state.write({BETWEEN: act, KIND: None, PAGE: None}),
    )
    st.caption("Of several copies in one place the first stands for all in pairs with other places.")
    chosen = next((count for count in shown if (count.a, count.b) == asked), None)
    if chosen:
        _draw_pairs(catalog, chosen)


def _in_scope(count: PlaceCount, scope: str) -> bool:
    within = count.a == count.b
    between = count.a.subset != count.b.subset
    return {"all": True, "leaks": count.is_leak, "within": within, "subsets": between}[scope]


def _place_row(count: PlaceCount) -> list[Cell]:
    name = _name(count.a, count.b)
    said = f"Show the {count.pairs:,} pairs of {count.a} and {count.b}"
    amounts = [Cell(f"{n:,}", tone="" if n else "quiet") for n in (count.exact, count.near, count.mirrored)]
    mark = Cell("leak", tone="warn") if count.is_leak else Cell("")
    return [
        Cell(str(count.a), act=name, title=said),
        Cell("the same" if count.a == count.b else str(count.b)),
        *amounts,
        mark,
    ]


def _name(a: Place, b: Place) -> str:
    return f"{a.subset}.{a.split}.{b.subset}.{b.split}"


def _asked() -> tuple[Place, Place] | None:
    parts = url_state.value(BETWEEN).split(".")
    return (Place(*parts[:2]), Place(*parts[2:])) if len(parts) == 4 else None


def _draw_pairs(catalog: Catalog, count: PlaceCount) -> None:
    st.subheader(f"{count.a} and {count.b}" if count.a != count.b else f"Within {count.a}")
    kinds = ["all", *(kind for kind in KINDS if getattr(count, kind))]
    kind = url_state.value(KIND)
    kind = kind if kind in kinds else "all"
    total = count.pairs if kind == "all" else int(getattr(count, kind))
    last = -(-total // PAGE_SIZE)
    page = url_state.number(PAGE, 1, least=1, most=last)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Kind", kinds, required=True, **url_state.bind(KIND, kind, default="all", resets=(PAGE,)))
        if last > 1:
            st.number_input(f"Page of {last:,}", 1, last, width=130, **url_state.bind(PAGE, page, default=1))
    wanted = "" if kind == "all" else kind
    found = pairs_between(catalog, catalog.files, count.a, count.b, wanted, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    views = [_view(catalog, pair, count) for pair in found]
    pairs(views, key="health pairs", label=f"Pairs of {count.a} and {count.b}, page {page} of {last}")


def _view(catalog: Catalog, pair: Pair, count: PlaceCount) -> PairView:
    if pair.kind == "exact":
        what = "one file, used in both" if pair.a.image == pair.b.image else "two files with the same content"
    else:
        what = f"{pair.distance} of 64 bits differ" + (" once mirrored" if pair.kind == "mirrored" else "")
    clash = "different right labels" if pair.conflict and count.a.subset == count.b.subset else ""
    return PairView(pair.kind, what, clash, (_side(catalog, pair.a, count.a), _side(catalog, pair.b, count.b)))


def _side(catalog: Catalog, side: PairSide, place: Place) -> SideView:
    problem = picture_problem(side.image_state)
    return SideView(
        key=side.key,
        src="" if problem else picture_address(catalog, side.key, 256),
        problem=problem,
        href=frame.address("browse", {"item": side.key}),
        place=f"{place} · data set {side.dataset}" if side.dataset else str(place),
        path=side.image,
        labels=" / ".join(side.labels),
        items=f"{side.items:,} items" if side.items > 1 else "",
    )


def _draw_likely(catalog: Catalog) -> None:
    if catalog.declared:
        return
    st.subheader("The paper's data sets that likely share images")
    present = catalog.datasets()
    for note in (note for note in NOTES if note.key in LIKELY):
        here = sorted(note.datasets & set(present), key=lambda number: (len(number), number))
        st.markdown(f"- {plain(note.text)} {_found(catalog, here)}")


def _found(catalog: Catalog, here: list[str]) -> str:
    """What this collection says about data sets that may share pictures."""
    if len(here) < 2:
        held = f"only data set {here[0]}" if here else "none"
        return f"**Here:** {held} of these data sets, so nothing can be compared."
    shared = pairs_between_datasets(catalog, catalog.files, frozenset(here))
    if not shared:
        return f"**Here:** no pair of pictures between data sets {', '.join(here)}."
    listed = ", ".join(f"{a} and {b}: {n:,}" for (a, b), n in sorted(shared.items()))
    return f"**Here:** pairs between data sets {listed}."
