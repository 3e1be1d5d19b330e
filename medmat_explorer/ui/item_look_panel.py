"""One answer of a run opened: the picture, every way in which the item was put, the exact prompt, where time went."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.prompts import PROMPT_FORMS
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, RunRecord
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import url_state
from medmat_explorer.ui.answer_card import answer_card, subset_titles
from medmat_explorer.ui.answer_filter import LOOK, SHEET, wanted_answers
from medmat_explorer.ui.components.item_cards import item_cards
from medmat_explorer.ui.components.keys import keys
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.item_again_panel import draw_again
from medmat_explorer.ui.item_variants import in_order, moved, variant_title
from medmat_explorer.ui.item_variants_panel import draw_likelihoods, draw_variants
from medmat_explorer.ui.picture_panel import LOOK_NAMES, draw_picture
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.run_answers_panel import CARDS, filter_of

KEYS = [("←  →", "the answer before, the answer after"), ("Esc", "back to the answers"), ("?", "this list")]
TIMES = [
    Column("Put as"),
    *(Column(title, amount=True) for title in ("Prepare", "Prefill", "Decode", "In all", "Prompt tokens")),
]


def draw_look(record: RunRecord, catalog: Catalog | None, key: str) -> None:
    """The opened answer; a sentence where the run has none of that name."""
    main = [answer for answer in record.answers if answer.variant == MAIN]
    asked = next((answer for answer in main if answer.item == key), None)
    if asked is None:
        st.info(f"This run has no answer to an item {plain(key[:32])}.", icon=":material/search_off:")
        st.button("Back to the answers", on_click=close, icon=":material/arrow_back:")
        return
    _draw_bar(main, key)
    item = catalog.items_found([key]).get(key) if catalog else None
    _draw_item(record, asked, item, catalog)
    _draw_stored(record, asked)
    _draw_times(in_order(record.answers, key))
    if catalog is not None and item is not None and not asked.problem:
        draw_again(record, asked, item, catalog)


def close() -> None:
    """Back to all answers."""
    url_state.write(dict.fromkeys((LOOK, *LOOK_NAMES)))


def _draw_bar(main: Sequence[JudgedAnswer], key: str) -> None:
    """The way back and to the neighbours, among the answers as they are filtered and sorted."""
    listed = [answer.item for answer in wanted_answers(main, filter_of(main))]
    if key not in listed:
        listed = [answer.item for answer in main]
    place = listed.index(key)
    before = listed[place - 1] if place else None
    after = listed[place + 1] if place + 1 < len(listed) else None

    def go(to: str | None) -> None:
        if to is not None:
            sheet = listed.index(to) // CARDS + 1
            url_state.write({**dict.fromkeys(LOOK_NAMES), LOOK: to, SHEET: str(sheet) if sheet > 1 else None})

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Back to the answers", on_click=close, icon=":material/arrow_back:")
        st.button(
            "Previous answer", disabled=before is None, on_click=go, args=(before,), icon=":material/chevron_left:"
        )
        st.button("Next answer", disabled=after is None, on_click=go, args=(after,), icon=":material/chevron_right:")
        st.caption(f"Answer {place + 1:,} of {len(listed):,}", width="content")
        acts = {"ArrowLeft": lambda: go(before), "ArrowRight": lambda: go(after), "Escape": close}
        keys(KEYS, list(acts), on_key=lambda pressed: acts[pressed]())


def _draw_item(record: RunRecord, asked: JudgedAnswer, item: QAItem | None, catalog: Catalog | None) -> None:
    title = subset_titles(catalog).get(asked.subset, asked.subset)
    card = answer_card(asked, item, catalog, title)
    if catalog is None or item is None or asked.problem:
        item_cards([card], key="looked at", single=True)
        if item is not None:
            _draw_prompt(record, item)
        return
    left, right = st.columns([1.1, 1])
    with left:
        draw_picture(catalog, catalog.item(asked.item))
    with right:
        item_cards([replace(card, src="", problem="")], key="looked at", single=True)
        _draw_prompt(record, item)


def _draw_stored(record: RunRecord, asked: JudgedAnswer) -> None:
    """Every stored variant of the item, as bars; a word on what changes the answer."""
    answers = in_order(record.answers, asked.item)
    st.subheader("Every way it was put")
    draw_variants(answers, asked, record.header.wordings.get(asked.subset, ()), key="stored variants")
    changed = [variant_title(variant).lower() for variant, is_moved in moved(asked, answers[1:]).items() if is_moved]
    if len(answers) == 1:
        st.caption("This run asked no controls. Below the item can be asked again, every way.")
    elif changed:
        st.caption(f"Another option is chosen with: {plain(', '.join(changed))}.")
    else:
        st.caption("The same option is chosen every time.")
    draw_likelihoods(asked, key="stored likelihoods")


def _draw_prompt(record: RunRecord, item: QAItem) -> None:
    form = PROMPT_FORMS.get(record.header.plan.prompt)
    if form is not None:
        st.markdown(f"**The exact prompt** ({plain(form.title)}, {plain(form.id)})")
        st.code(form.build(item), language=None, wrap_lines=True)


def _draw_times(answers: Sequence[JudgedAnswer]) -> None:
    timed = [answer for answer in answers if answer.timing or answer.prompt_tokens or answer.seconds]
    if not timed:
        return
    with st.expander("Where the time went"):
        linked_table(TIMES, [_time_row(answer) for answer in timed], key="times_table", label="Seconds by answer")
        st.caption(
            "Milliseconds, each answer's share of its batch: picture and words to tensors, reading the prompt, writing."
        )


def _time_row(answer: JudgedAnswer) -> list[Cell]:
    timing = answer.timing
    parts = (timing.prepare, timing.prefill, timing.decode) if timing else (None, None, None)
    return [
        Cell(variant_title(answer.variant)),
        *(Cell("" if seconds is None else f"{1000 * seconds:,.1f}") for seconds in parts),
        Cell(f"{1000 * answer.seconds:,.1f}" if answer.seconds else ""),
        Cell(f"{answer.prompt_tokens:,}" if answer.prompt_tokens else ""),
    ]
