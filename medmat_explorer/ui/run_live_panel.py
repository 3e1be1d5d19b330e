"""A run under way: how far, how fast, how long still, its place in the queue, what is being written, what has come."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.evaluation.controls import CONTROLS
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, SpotCheckPlan, control_of
from medmat_explorer.evaluation.spot_check import score_answers
from medmat_explorer.experiments.spot_check_service import LiveRun, LiveState
from medmat_explorer.ui import resources
from medmat_explorer.ui.answer_card import answer_cards
from medmat_explorer.ui.components.item_cards import item_cards
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.run_headline_panel import draw_headline
from medmat_explorer.ui.run_opened import catalog_of
from medmat_explorer.ui.work_bar import duration

CARDS = 24
"""Cards of a run under way: each look at it costs the backbone time."""

RECENT = 40
"""Answers over which the rate is taken, so that it follows what is asked now."""

SECONDS, MANY = 0.4, 500
"""How often it is looked at, and from how many answers on less often."""


def is_under_way(live: LiveRun | None) -> bool:
    """Whether a run goes on, or waits for its turn."""
    return live is not None and live.state in (LiveState.WAITING, LiveState.RUNNING)


def draw_live(run_id: str) -> None:
    """The bar and the latest cards, drawn again by the clock until the run ends; then the page draws the stored run."""
    live = resources.desk().live(run_id)
    often = SECONDS if live is None or live.total <= MANY else 2.5 * SECONDS
    st.fragment(_draw_live, run_every=often)(run_id)


def _draw_live(run_id: str) -> None:
    live = resources.desk().live(run_id)
    if live is None or not is_under_way(live):
        st.rerun()
    answers = live.answers
    st.progress(min(1.0, len(answers) / max(live.total, 1)), progress_words(answers, live.total, live.earlier))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", on_click=live.stop, icon=":material/stop_circle:")
        st.caption(plain(live.sentence) or "It goes on while you look at other pages. Stopped runs can be resumed.")
    if now := live.writing:  # asked once: it ends at any moment
        st.caption(f"Item {now[0]}, writing: {plain(now[1])}")
    _draw_so_far(live, answers)


def progress_words(answers: Sequence[JudgedAnswer], total: int, earlier: int = 0) -> str:
    """For example `120 of 400 answered, 8.3 a second, about 34 seconds left`.

    The first `earlier` answers tell nothing of the rate: a resumed run had them before it was stopped.
    """
    text = f"{len(answers):,} of {total:,} answered"
    rate = recent_rate(answers[earlier:])
    if rate is None or len(answers) >= total:
        return text
    return f"{text}, {rate:.1f} a second, about {duration((total - len(answers)) / rate)} left"


def recent_rate(answers: Sequence[JudgedAnswer]) -> float | None:
    """Answers a second over the latest; None before there are two moments."""
    moments = [answer.at for answer in answers[-RECENT:] if answer.at]
    seconds = (moments[-1] - moments[0]).total_seconds() if moments else 0.0
    return (len(moments) - 1) / seconds if seconds > 0 else None


def _draw_so_far(live: LiveRun, answers: Sequence[JudgedAnswer]) -> None:
    main = [answer for answer in answers if answer.variant == MAIN]
    scores = score_answers(main)
    if scores.headline is not None:
        draw_headline(scores, so_far=True)
    if asked := _controls_so_far(live.header.plan, answers):
        st.caption(f"Controls: {asked}. What they say is shown when the run has ended.")
    catalog = catalog_of(live.header)
    item_cards(answer_cards(in_places(main), catalog), key="live answers")
    if len(main) > CARDS:
        st.caption(f"The latest {CARDS} of {len(main):,} answers; the scores count all.")


def in_places(answers: Sequence[JudgedAnswer], places: int = CARDS) -> list[JudgedAnswer]:
    """The latest answers, each in the place of the oldest before it, so that no other card moves when one comes."""
    if len(answers) <= places:
        return list(answers)
    latest = enumerate(answers[-places:], start=len(answers) - places)
    return [answer for _, answer in sorted(latest, key=lambda each: each[0] % places)]


def _controls_so_far(plan: SpotCheckPlan, answers: Sequence[JudgedAnswer]) -> str:
    if not plan.controls or len(answers) < len({answer.item for answer in answers}) + 1:
        return ""
    counts = dict.fromkeys(plan.controls, 0)
    for answer in answers:
        if (name := control_of(answer.variant)) in counts:
            counts[name] += 1
    return ", ".join(f"{CONTROLS[name].title.lower()} {count:,} answered" for name, count in counts.items() if count)
