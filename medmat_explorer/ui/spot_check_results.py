"""The lower part of the Spot check page: a run's progress, its scores, its answers, and the runs before it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from medmat_explorer.backbones.registry import resolve
from medmat_explorer.backbones.worker import Phase
from medmat_explorer.charts.palette import VERDICT_SIGNS
from medmat_explorer.charts.score import ScoreLine, score_chart
from medmat_explorer.config import settings
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import CollectionError, MedmatError, UnknownNameError
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, RunHeader, RunRecord, RunState
from medmat_explorer.evaluation.spot_check import Scores, score_answers, score_by_subset, score_controls
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.experiments.spot_check_desk import Asked
from medmat_explorer.experiments.spot_check_service import LiveRun, LiveState
from medmat_explorer.experiments.stored_runs import open_run, stored_runs
from medmat_explorer.paper.facts import published_baseline
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, resources, url_state
from medmat_explorer.ui.components.item_cards import ItemCardView, OptionLine, item_cards
from medmat_explorer.ui.pictures import picture_address
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.selection_state import ITEM
from medmat_explorer.ui.spot_check_plan import ASKED, PROBLEM, RUN, knows_only_phantoms, load_options

MOST_CARDS, LIVE_CARDS = 200, 24
"""Most answers drawn of a run that has ended, and of one under way, where each look costs the backbone time."""


@st.fragment(run_every=0.4)
def draw_waiting() -> None:
    """While the backbone loads: what it is doing. Then opens the run, or says why there is none."""
    asked: Asked = st.session_state[ASKED]
    if asked.run is not None:
        st.session_state.pop(ASKED)
        url_state.write({RUN: asked.run.id})
        st.rerun()
    if asked.error:
        st.session_state.pop(ASKED)
        st.session_state[PROBLEM] = (asked.error, st.query_params.to_dict())
        st.rerun()
    state = resources.desk().worker.state
    st.progress(0.0, f"Loading {plain(asked.backbone)}: {plain(state.sentence)}")
    st.button("Stop loading", on_click=resources.desk().worker.unload, icon=":material/stop_circle:")


def draw_problem() -> None:
    """Why the last request came to nothing, as long as the same view is looked at."""
    if PROBLEM not in st.session_state:
        return
    sentence, view = st.session_state[PROBLEM]
    if view != st.query_params.to_dict():
        st.session_state.pop(PROBLEM)
        return
    frame.show_error(sentence)
    _draw_restart()


def _draw_restart() -> None:
    worker = resources.desk().worker
    if worker.state.phase is Phase.FAILED and worker.ref is not None:
        st.button("Restart the backbone", on_click=_restart, icon=":material/restart_alt:")


def _restart() -> None:
    st.session_state.pop(PROBLEM, None)
    resources.desk().worker.restart()


def draw_run(run_id: str) -> None:
    """A run of this server as it goes on, or a stored one."""
    live = resources.desk().live(run_id)
    if live is not None and live.state in (LiveState.WAITING, LiveState.RUNNING):
        _draw_live(run_id)
        return
    _draw_stored(open_run(settings().home, run_id), live)


@st.fragment(run_every=0.4)
def _draw_live(run_id: str) -> None:
    live = resources.desk().live(run_id)
    if live is None or live.state not in (LiveState.WAITING, LiveState.RUNNING):
        st.rerun()
    answers = live.answers
    rate = f"{live.questions_per_second:.1f} items a second"
    text = f"{len(answers):,} of {live.total:,} answered ({rate}) {live.sentence}"
    st.progress(len(answers) / max(live.total, 1), text)
    st.button("Stop", on_click=live.stop, icon=":material/stop_circle:")
    if live.writing:
        st.caption(f"Item {live.writing[0]}, writing: {plain(live.writing[1])}")
    _draw_answers(live.header, answers, live=True)


def _draw_stored(record: RunRecord, live: LiveRun | None) -> None:
    finished = record.state is RunState.FINISHED
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{'Finished' if finished else 'Stopped'}** · {_described(record.header)}", width="stretch")
        if not finished:
            st.button("Resume", on_click=_resume, args=(record.header,), icon=":material/resume:")
    if live is not None and live.state is LiveState.FAILED:
        frame.show_error(live.sentence)
        _draw_restart()
    if record.lost_lines:
        st.warning(f"{record.lost_lines} answers could not be read back and are left out.", icon=":material/warning:")
    _draw_answers(record.header, record.answers)
    with st.expander("What is kept of this run"):
        st.json(record.header.model_dump(mode="json"), expanded=True)


def _described(header: RunHeader) -> str:
    plan, asked = header.plan, len(header.item_keys)
    items = f"{asked} items" if asked >= plan.n else f"all {asked} items there are ({plan.n} asked for)"
    controls = [name for name, on in (("blank picture", plan.blank), ("all rotations", plan.rotations)) if on]
    where = f" · {header.dtype} on {header.device}" if header.device != "none" else ""
    return (
        f"{plain(header.backbone_title)} on {plain(plan.collection)} · {items}, seed {plan.seed}"
        + (f", with {' and '.join(controls)}" if controls else "")
        + f" · {header.created:%Y-%m-%d %H:%M} UTC{where}"
    )


def _resume(header: RunHeader) -> None:
    try:
        catalog = resources.catalog(header.plan.collection)
        items = catalog.items(header.item_keys)
        ref = resolve(header.plan.backbone)
        asked = resources.desk().resume(ref, load_options(), header.id, items, catalog.image_of)
    except MedmatError as error:
        asked = Asked(header.backbone_title, error=str(error))
    st.session_state[ASKED] = asked


def _draw_answers(header: RunHeader, answers: Sequence[JudgedAnswer], live: bool = False) -> None:
    catalog = _catalog_of(header)
    if not answers:
        return
    if catalog is not None and knows_only_phantoms(header.plan.backbone, catalog):
        st.warning(
            "This backbone was trained on synthetic phantoms only. What it says about real pictures is near chance and "
            "means nothing.",
            icon=":material/warning:",
        )
    _draw_scores(answers, catalog, live)
    main = [answer for answer in answers if answer.variant == MAIN]
    shown = main[:MOST_CARDS] if not live else main[-LIVE_CARDS:]
    items = catalog.items_found([answer.item for answer in shown]) if catalog else {}
    titles = _titles(catalog)
    cards = [_card(a, items.get(a.item), catalog, titles.get(a.subset, a.subset)) for a in shown]
    item_cards(cards, key="answers")
    if len(main) > len(shown):
        which = "latest" if live else "first"
        st.caption(f"The {which} {len(shown)} of {len(main):,} answers; the scores count all.")


def _catalog_of(header: RunHeader) -> Catalog | None:
    try:
        return resources.catalog(header.plan.collection)
    except (UnknownNameError, CollectionError):
        return None


def _card(answer: JudgedAnswer, item: QAItem | None, catalog: Catalog | None, title: str) -> ItemCardView:
    said = [f"Wrote: {answer.text.strip()}" if answer.text else ""]
    said += ["The text disagrees with the most probable letter." if answer.disagrees else "", answer.problem]
    options = [
        OptionLine(
            letter,
            text,
            right=letter == answer.right,
            chosen=letter == answer.letter,
            probability=answer.probabilities[place] if answer.probabilities else None,
        )
        for place, (letter, text) in enumerate(answer.options)
    ]
    return ItemCardView(
        key=answer.item,
        src=picture_address(catalog, answer.item, 256) if catalog and item and not answer.problem else "",
        alt=f"{answer.right_text}: {title}",
        problem="the picture is no longer here" if not answer.problem else "no picture",
        title=title,
        question=item.question if item else "The item is no longer in its collection.",
        options=options,
        verdict=answer.verdict.value,
        sign=VERDICT_SIGNS[answer.verdict.value],
        notes=[note for note in said if note],
        link=_item_address(catalog, answer.item) if catalog and item else "",
    )


def _item_address(catalog: Catalog, key: str) -> str:
    return frame.address("browse", {url_state.COLLECTION: catalog.name, ITEM: key})


def _draw_scores(answers: Sequence[JudgedAnswer], catalog: Catalog | None, live: bool) -> None:
    scores = score_answers(answers)
    if scores.headline is None:
        st.info("No item could be asked; the cards say why.", icon=":material/hide_image:")
        return
    _draw_headline(scores, scores.headline)
    _draw_controls(answers)
    if live:
        return
    st.altair_chart(score_chart([_line("All", scores.headline, "", False)]), alt=_in_words(scores.headline))
    _draw_by_subset(answers, catalog)


def _draw_by_subset(answers: Sequence[JudgedAnswer], catalog: Catalog | None) -> None:
    found = {number: s.headline for number, s in score_by_subset(answers).items() if s.headline}
    titles = _titles(catalog)
    with_paper = catalog is not None and not catalog.declared
    lines = [_line(titles.get(number, number), score, number, with_paper) for number, score in found.items()]
    with st.expander(f"By subset ({len(lines)})", expanded=len(lines) <= 3 and len(answers) > len(lines)):
        picture, table = st.tabs(["Picture", "Table"])
        picture.altair_chart(score_chart(lines), alt="Accuracy with interval by subset; the table has the numbers")
        table.dataframe(_score_table(list(found.values()), lines), hide_index=True, alt="Scores by subset")
        _draw_paper_note(lines)


def _titles(catalog: Catalog | None) -> dict[str, str]:
    return {subset.number: subset.title for subset in catalog.subsets()} if catalog else {}


def _draw_paper_note(lines: Sequence[ScoreLine]) -> None:
    if any(line.paper is not None for line in lines):
        st.caption(
            "Paper: untrained LLaVA-v1.5-7B, Tables 1 and 2 (arXiv 2412.20070). Its test items were never published: "
            "these are others, drawn with their labels in equal parts, so compare with care."
        )


def _draw_headline(scores: Scores, score: Score) -> None:
    low, high = score.interval
    st.markdown(
        f"### Accuracy {score.accuracy:.1%}\n"
        f"{score.correct} of n = {score.n} right, {score.wrong} wrong, {score.unparsed} unparsed · 95 % interval "
        f"**{low:.1%} to {high:.1%}** · chance {score.chance:.1%} · majority {score.majority:.1%}"
    )
    notes = []
    if scores.text and scores.letters:
        notes.append(
            f"By what it wrote; by letter likelihood {scores.letters.accuracy:.1%}, they disagree on "
            f"{scores.disagreements} of {scores.text.n}."
        )
    if scores.no_picture:
        notes.append(f"{scores.no_picture} items could not be asked (their cards say why) and are not in n.")
    if score.below_chance:
        notes.append("Below chance: a sign that the answer's format failed, not the knowledge.")
    st.caption(" ".join(notes))


def _draw_controls(answers: Sequence[JudgedAnswer]) -> None:
    controls = score_controls(answers)
    if controls.blank and controls.blank.headline:
        st.markdown(f"With a blank picture: {_in_words(controls.blank.headline)}")
    if controls.circular:
        st.markdown(f"Right under every rotation of the options: {_in_words(controls.circular)}")


def _in_words(score: Score) -> str:
    low, high = score.interval
    return f"**{score.accuracy:.1%}** (n = {score.n}, 95 % interval {low:.1%} to {high:.1%}, chance {score.chance:.1%})"


def _line(name: str, score: Score, subset: str, with_paper: bool) -> ScoreLine:
    baseline = published_baseline(subset) if with_paper else None
    return ScoreLine(
        name=name,
        n=score.n,
        accuracy=score.accuracy,
        low=score.interval[0],
        high=score.interval[1],
        chance=score.chance,
        majority=score.majority,
        paper=baseline.percent / 100 if baseline else None,
    )


def _score_table(scores: Sequence[Score], lines: Sequence[ScoreLine]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "subset": line.name,
                "n": score.n,
                "right": score.correct,
                "unparsed": score.unparsed,
                "accuracy": f"{score.accuracy:.1%}",
                "95 % interval": f"{line.low:.1%} to {line.high:.1%}",
                "chance": f"{score.chance:.1%}",
                "majority": f"{score.majority:.1%}",
                "paper's baseline": "" if line.paper is None else f"{line.paper:.0%}",
            }
            for score, line in zip(scores, lines, strict=True)
        ]
    )


def draw_earlier_runs() -> None:
    """Stored runs, newest first; each opens."""
    entries = stored_runs(settings().home)
    if not entries:
        return
    with st.expander(f"Earlier runs ({len(entries)})"):
        for entry in entries[:50]:
            opened = {RUN: entry.header.id, url_state.COLLECTION: entry.header.plan.collection}
            st.button(
                f"{_described(entry.header)} · {entry.answers} answers, {entry.state}",
                key=f"open {entry.header.id}",
                type="tertiary",
                icon=":material/history:",
                disabled=entry.header.id == url_state.value(RUN),
                on_click=url_state.write,
                args=(opened,),
            )
