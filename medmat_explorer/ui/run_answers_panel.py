"""A run's answers as cards: filtered, sorted and paged by the address, every one of them within reach."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.charts.palette import VERDICT_SIGNS
from medmat_explorer.evaluation.confusion import UNREAD
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, Verdict
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import url_state
from medmat_explorer.ui.answer_card import answer_cards, subset_titles
from medmat_explorer.ui.answer_filter import (
    BY,
    CHOSEN,
    DIFFER,
    LETTER,
    LOOK,
    OF,
    ORDER_TITLES,
    RIGHT,
    SHEET,
    VERDICT,
    AnswerFilter,
    Order,
    filter_changes,
    read_filter,
    scores_differ,
    wanted_answers,
)
from medmat_explorer.ui.components.item_cards import item_cards
from medmat_explorer.ui.plain import counted, plain

CARDS = 24
"""Cards on a page."""


def draw_answers(answers: Sequence[JudgedAnswer], catalog: Catalog | None) -> None:
    """Filters, order, a page of cards, and the way to the other pages."""
    main = [answer for answer in answers if answer.variant == MAIN]
    wanted = filter_of(main)
    _draw_filters(main, wanted, catalog)
    found = wanted_answers(main, wanted)
    _draw_count(found, main, wanted)
    if not found:
        st.info("No answer of this run has all of that. Clear a filter to see more.", icon=":material/filter_alt_off:")
        return
    pages = -(-len(found) // CARDS)
    page = url_state.number(SHEET, 1, least=1, most=pages)
    shown = found[(page - 1) * CARDS : page * CARDS]
    item_cards(answer_cards(shown, catalog), key="answers", on_look=look_at)
    _draw_pages(page, pages)


def filter_of(answers: Sequence[JudgedAnswer]) -> AnswerFilter:
    """The filter in the address, as far as this run can have it."""
    return read_filter(sorted({answer.subset for answer in answers}))


def look_at(key: str) -> None:
    """Opens one answer."""
    url_state.write({LOOK: key})


def _draw_filters(main: Sequence[JudgedAnswer], wanted: AnswerFilter, catalog: Catalog | None) -> None:
    page = (SHEET,)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        verdicts = [verdict.value for verdict in Verdict if any(a.verdict is verdict for a in main)]
        st.segmented_control(
            "Verdict",
            list(dict.fromkeys([*verdicts, *filter(None, [wanted.verdict])])),
            format_func=lambda verdict: f"{VERDICT_SIGNS[verdict]} {verdict}",
            **url_state.bind(VERDICT, wanted.verdict or None, resets=page),
        )
        _draw_subset_choice(main, wanted, catalog)
        letters = sorted({letter for answer in main for letter in answer.letters} | set(wanted.letter))
        st.selectbox(
            "Letter chosen",
            ["", *letters],
            format_func=lambda letter: letter or "any",
            width=120,
            **url_state.bind(LETTER, wanted.letter, resets=page, default=""),
        )
        st.selectbox(
            "Order",
            list(Order),
            format_func=lambda order: ORDER_TITLES[order],
            width=180,
            **url_state.bind(BY, wanted.order, resets=page, default=Order.ASKED),
        )
        if wanted.differ or any(map(scores_differ, main)):
            st.toggle(
                "Scores disagree",
                help="Only answers whose letters by likelihood, by text and by option text are not all the same.",
                **url_state.bind(DIFFER, wanted.differ, resets=page, default=False),
            )


def _draw_subset_choice(main: Sequence[JudgedAnswer], wanted: AnswerFilter, catalog: Catalog | None) -> None:
    subsets, titles = sorted({answer.subset for answer in main}), subset_titles(catalog)
    if len(subsets) > 1:
        st.selectbox(
            "Subset",
            ["", *subsets],
            format_func=lambda number: titles.get(number, number) or "all",
            width=260,
            **url_state.bind(OF, wanted.subset, resets=(SHEET,), default=""),
        )


def _draw_count(found: Sequence[JudgedAnswer], main: Sequence[JudgedAnswer], wanted: AnswerFilter) -> None:
    if wanted.is_everything:
        st.caption(f"{counted(len(main), 'answer')} to the questions as asked.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(found):,}** of {counted(len(main), 'answer')}{_cell_words(wanted)}", width="content")
        st.button(
            "Clear the filters",
            on_click=lambda: url_state.write(filter_changes()),
            icon=":material/filter_alt_off:",
            type="tertiary",
        )


def _cell_words(wanted: AnswerFilter) -> str:
    """The two filters that a cell of the confusion matrix sets, which have no widget."""
    words = []
    if wanted.right:
        words.append(f"{RIGHT} label **{plain(wanted.right)}**")
    if wanted.chosen:
        words.append(UNREAD if wanted.chosen == UNREAD else f"{CHOSEN} **{plain(wanted.chosen)}**")
    return f": {', '.join(words)}" if words else ""


def _draw_pages(page: int, pages: int) -> None:
    if pages == 1:
        return

    def turn(to: int) -> None:
        url_state.write({SHEET: str(to) if to > 1 else None})

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center", key="answer_pages"):
        st.button("First", disabled=page == 1, on_click=turn, args=(1,), icon=":material/first_page:")
        st.button("Previous", disabled=page == 1, on_click=turn, args=(page - 1,), icon=":material/chevron_left:")
        st.markdown(f"Page {page:,} of {pages:,}", width="content")
        st.button("Next", disabled=page == pages, on_click=turn, args=(page + 1,), icon=":material/chevron_right:")
        st.button("Last", disabled=page == pages, on_click=turn, args=(pages,), icon=":material/last_page:")
