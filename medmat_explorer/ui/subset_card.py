"""The card of one subset: what it is, how sure that is, where it comes from, what is here, what to do with it."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.charts.lattice_content import element_text
from medmat_explorer.domain.relation import SAME_TRIPLE, Relation
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.paper import facts
from medmat_explorer.paper.notes import DataQualityNote, notes_for_subset
from medmat_explorer.ui import frame, lattice_view
from medmat_explorer.ui.components.triple import triple
from medmat_explorer.ui.lattice_view import LatticeView, Stock
from medmat_explorer.ui.mix_view import add_source
from medmat_explorer.ui.plain import counted, plain

SURENESS = {
    "high": "a sure reading",
    "medium": "a fair reading, another is possible",
    "low": "an unsure reading",
}
FEW_SOURCES = 4
"""So many source data sets are listed at once; more fold into an expander."""


def draw_subset_card(view: LatticeView) -> None:
    """The card of the chosen subset; of a target that no subset has, one sentence."""
    with st.container(border=True, key="subset_card"):
        if view.chosen is None:
            st.write(
                f"{plain(str(view.target.triplet))} is a triple of your own, no subset. Choose a chip to see a card."
            )
            return
        subset = view.chosen
        is_target = view.target.subset is not None and view.target.subset.number == subset.number
        shared = SAME_TRIPLE if is_target else view.relations[subset.number]
        st.markdown(f"**Subset {subset.number}** · {'the target' if is_target else describe_shared(shared)}")
        elements = {axis: element_text(subset, axis, view.rule) for axis in Axis}
        triple(elements, None if is_target else shared, key="card_triple")
        st.markdown(_describe(subset, view.universe.stock[subset.number]))
        _draw_actions(view, subset, is_target)
        _draw_sources([d for n in subset.dataset_numbers if (d := view.universe.datasets.get(n))])
        if subset == facts.subsets().get(subset.number):
            _draw_notes(notes_for_subset(subset.number))


def describe_shared(shared: Relation) -> str:
    """For people: `shares modality and area`, `unrelated`."""
    if shared is SAME_TRIPLE:
        return "shares all three elements"
    return f"shares {' and '.join(axis.value for axis in shared.axes)}" if shared else "unrelated"


def _describe(subset: Subset, stock: Stock) -> str:
    sure = SURENESS.get(subset.task_confidence, subset.task_confidence)
    why = f" (note: {plain(subset.task_note)})" if subset.task_note else ""
    kind = f"{subset.kind}, several labels at once" if subset.multi_label else subset.kind
    if subset.distribution:
        kind += f", {subset.distribution} of distribution"
    lines = {
        "Published task": plain(subset.published_task),
        "Short task": f"{plain(subset.triplet.task)}, {sure}{why}",
        "Group": plain(subset.task_group),
        "Kind": plain(kind),
        "Here": _here(stock) if stock.items else _why_absent(stock),
    }
    if subset.task_group == subset.triplet.task:
        del lines["Group"]
    return "  \n".join(f"**{name}** {text}" for name, text in lines.items())


def _here(stock: Stock) -> str:
    unchecked = f", {stock.unchecked:,} not looked at yet" if stock.unchecked else ""
    return f"{stock.items:,} items, {stock.readable:,} pictures readable{unchecked}"


def _why_absent(stock: Stock) -> str:
    if not stock.published:
        return "nothing; its questions are announced, none are published"
    return "nothing of it is in this collection"


def _draw_actions(view: LatticeView, subset: Subset, is_target: bool) -> None:
    with st.container(horizontal=True, gap="small"):
        if not is_target:
            st.button(
                "Make it the target",
                icon=":material/my_location:",
                on_click=lattice_view.choose_target,
                args=(subset.number,),
            )
            st.button("Add to a mix", icon=":material/blender:", on_click=add_source, args=(subset.number,))
        if view.universe.stock[subset.number].items:
            frame.link("browse", "Browse its items", {"subset": subset.number}, ":material/photo_library:")
            frame.link("spot_check", "Spot check it", {"subset": subset.number}, ":material/psychology_alt:")


def _draw_notes(notes: Sequence[DataQualityNote]) -> None:
    if not notes:
        return
    with st.expander(f"{counted(len(notes), 'note')} on its data", icon=":material/report:"):
        for note in notes:
            st.caption(plain(note.text))


def _draw_sources(sources: list[SourceDataset]) -> None:
    if not sources:
        return
    title = counted(len(sources), "source data set")
    box = st.expander(title) if len(sources) > FEW_SOURCES else st.container(gap=None)
    with box:
        if len(sources) <= FEW_SOURCES:
            st.markdown(f"**{title}**")
        for source in sources:
            links = " ".join(f"[source](<{link}>)" for link in source.links)
            st.markdown(f"{plain(source.number)} {plain(source.name)} {links}")
