"""The items behind a comparison: what both runs said, side by side; by cell of the agreement table and by group."""

from collections.abc import Mapping, Sequence

import streamlit as st

from medmat_explorer.charts.palette import VERDICT_SIGNS
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunHeader, Verdict
from medmat_explorer.experiments.run_pair import Agreement, GroupDifference, PairedAnswer, RunPair
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.paired_answers import PairedOption, PairedSide, PairedView, paired_answers
from medmat_explorer.ui.pictures import picture_address
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.run_opened import catalog_of
from medmat_explorer.ui.runs_pair import subsets_of

CELL, GROUP, ITEMS_PAGE = "cell", "group", "items"
PAGE_SIZE = 12
DIFFER = "differ"
CELL_WORDS = {
    Agreement.BOTH: "both got right",
    Agreement.FIRST: "only run 1 got right",
    Agreement.SECOND: "only run 2 got right",
    Agreement.NEITHER: "neither got right",
}
CHOICES = {DIFFER: "just one got right", **{cell.value: words for cell, words in CELL_WORDS.items()}}


def draw_items(pair: RunPair, groups: Mapping[str, GroupDifference], by: str) -> None:
    """The items that the address names (`cell=`, `group=`), a page of cards."""
    st.subheader("Items side by side", anchor="items")
    cell = url_state.value(CELL)
    cell = cell if cell in CHOICES else DIFFER
    st.segmented_control(
        "Items that",
        list(CHOICES),
        format_func=CHOICES.__getitem__,
        required=True,
        **url_state.bind(CELL, cell, default=DIFFER, resets=(ITEMS_PAGE,)),
    )
    group = groups.get(url_state.value(GROUP))
    keys = _keys(pair, cell, group)
    _draw_count(keys, cell, group, by)
    if not keys:
        return
    last = -(-len(keys) // PAGE_SIZE)
    page = url_state.number(ITEMS_PAGE, 1, least=1, most=last)
    shown = keys[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    paired_answers(_views(pair, shown), key="paired answers", label=f"Items that {CHOICES[cell]}, page {page}")
    if last > 1:
        st.number_input(f"Page of {last:,}", 1, last, width=130, **url_state.bind(ITEMS_PAGE, page, default=1))


def _keys(pair: RunPair, cell: str, group: GroupDifference | None) -> list[str]:
    cells = (Agreement.FIRST, Agreement.SECOND) if cell == DIFFER else (Agreement(cell),)
    found = pair.keys_of(*cells)
    members = set(group.keys) if group else None
    return [key for key in found if members is None or key in members]


def _draw_count(keys: Sequence[str], cell: str, group: GroupDifference | None, by: str) -> None:
    where = f" of {by} {plain(group.name)}" if group else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f"**{counted(len(keys), 'item')}**{where} that {CHOICES[cell]}."
        st.markdown(told if keys else f"There is no item{where} that {CHOICES[cell]}.", width="content")
        if group:
            st.button(
                "All groups",
                type="tertiary",
                key="all groups",
                icon=":material/close:",
                on_click=url_state.write,
                args=({GROUP: None, ITEMS_PAGE: None},),
            )


def _views(pair: RunPair, keys: Sequence[str]) -> list[PairedView]:
    catalog = catalog_of(pair.first.header) or catalog_of(pair.second.header)
    items = catalog.items_found(keys) if catalog else {}
    titles = {number: subset.title for number, subset in subsets_of(pair).items()}
    return [_view(pair, key, pair.answers[key], items.get(key), catalog, titles) for key in keys]


def _view(
    pair: RunPair,
    key: str,
    answer: PairedAnswer,
    item: QAItem | None,
    catalog: Catalog | None,
    titles: Mapping[str, str],
) -> PairedView:
    first, second = pair.first.header, pair.second.header
    title = titles.get(answer.first.subset, answer.first.subset)
    here = catalog is not None and item is not None
    return PairedView(
        key=key,
        src=picture_address(catalog, key, 256) if catalog and here else "",
        alt=f"{answer.first.right_text}: {title}",
        problem="the picture is no longer here",
        title=title,
        question=item.question if item else "The item is no longer in its collection.",
        href=frame.address("browse", {url_state.COLLECTION: catalog.name, "item": key}) if catalog and here else "",
        options=_options(pair, answer),
        sides=(
            _side("Run 1", first, answer.first, pair.verdict(answer.first)),
            _side("Run 2", second, answer.second, pair.verdict(answer.second)),
        ),
    )


def _options(pair: RunPair, answer: PairedAnswer) -> list[PairedOption]:
    """The options in the order of run 1; run 2 may have seen them under other letters."""
    other, found = _places(answer.second), []
    taken, taken_too = pair.taken(answer.first), pair.taken(answer.second)
    for place, (letter, text) in enumerate(answer.first.options):
        there = other.get((text, _earlier(answer.first, place)))
        letter_too = answer.second.letters[there] if there is not None else ""
        found.append(
            PairedOption(
                text=text,
                right=letter == answer.first.right,
                letters=(letter, letter_too),
                probabilities=(_probability(answer.first, place), _probability(answer.second, there)),
                chosen=(letter == taken, bool(letter_too) and letter_too == taken_too),
            )
        )
    return found


def _places(answer: JudgedAnswer) -> dict[tuple[str, int], int]:
    """Where each option stands, by its text and how many before it have the same."""
    return {(text, _earlier(answer, place)): place for place, (_, text) in enumerate(answer.options)}


def _earlier(answer: JudgedAnswer, place: int) -> int:
    return sum(text == answer.options[place][1] for _, text in answer.options[:place])


def _probability(answer: JudgedAnswer, place: int | None) -> float | None:
    return answer.probabilities[place] if answer.probabilities and place is not None else None


def _side(name: str, header: RunHeader, answer: JudgedAnswer, verdict: Verdict) -> PairedSide:
    notes = [f"Wrote: {answer.text.strip()}"] if answer.text else []
    if answer.disagrees:
        notes.append(f"The most probable letter is {answer.letter}, which the text does not say.")
    if answer.note:
        notes.append(answer.note)
    where = {"run": header.id, "look": answer.item, url_state.COLLECTION: header.plan.collection}
    return PairedSide(name, verdict.value, VERDICT_SIGNS[verdict.value], notes, frame.address("spot_check", where))
