"""The upper part of the Spot check page: which backbone is asked which items, how, and the button that asks."""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, replace

import streamlit as st

from medmat_explorer.backbones.contract import Capability, LoadOptions
from medmat_explorer.backbones.worker import Phase
from medmat_explorer.config import settings
from medmat_explorer.domain.selection import Facet
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.plan_refusal import plan_refusal
from medmat_explorer.evaluation.power import told_before
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.control_facts import control_facts
from medmat_explorer.experiments.spot_check_desk import Asked, Request
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import asking_panel, backbone_choice, backbone_options, items_panel, resources, url_state
from medmat_explorer.ui.answer_filter import filter_changes
from medmat_explorer.ui.asking_panel import Asking
from medmat_explorer.ui.asking_time import last_rate, time_in_words
from medmat_explorer.ui.backbone_card import draw_card
from medmat_explorer.ui.backbone_choice import Choice, reference
from medmat_explorer.ui.backbone_machine import this_machine
from medmat_explorer.ui.backbone_options import chosen_options, options_problem
from medmat_explorer.ui.backbone_state import draw_act, draw_state, is_loaded, runs_stopped_by
from medmat_explorer.ui.items_panel import Drawn
from medmat_explorer.ui.plain import counted, plain

ASKED = "spot check asked for"
PROBLEM = "spot check that could not begin"
RUN = "run"
OWNER, PRESSED = "who asks the backbone", "when Ask was pressed last"
DOUBLE_CLICK = 1.0
"""Seconds within which a second press of Ask is the same press."""

FIRST_ANSWER = 0.25
"""Seconds for which a press of Ask waits for the first answer of a backbone that is ready."""

MOST_DROPPED = 5


def load_options() -> LoadOptions:
    """How the address wants the backbone to be loaded; what it does not say is as the settings have it."""
    return chosen_options()


def owner() -> str:
    """Who asks: this session. The backbone takes turns between those who ask."""
    token: str = st.session_state.setdefault(OWNER, secrets.token_hex(8))
    return token


@dataclass(frozen=True)
class Wanted:
    """All that the address asks for: who is asked, loaded how, about which items, how; and a second one to compare."""

    catalog: Catalog
    choice: Choice
    other: Choice | None
    options: LoadOptions
    drawn: Drawn
    asking: Asking
    capabilities: Collection[Capability]

    @property
    def plan(self) -> SpotCheckPlan:
        """As it is recorded."""
        return self.plan_of(self.choice)

    def plan_of(self, choice: Choice) -> SpotCheckPlan:
        """The same questions put to a backbone."""
        splits = self.drawn.selection.chosen.get(Facet.SPLIT, frozenset())
        drawn_from = [self.drawn.split] if self.drawn.split else sorted(splits)
        return SpotCheckPlan(
            collection=self.catalog.name,
            version=self.catalog.version,
            backbone=choice.ref.id if choice.ref else choice.text,
            subsets=self.drawn.subsets,
            n=self.drawn.n,
            seed=self.drawn.seed,
            prompt=self.asking.form.id,
            text=self.asking.text,
            options=self.asking.options,
            controls=self.asking.controls,
            split=str(drawn_from[0]) if len(drawn_from) == 1 else "",
        )

    def request(self, choice: Choice, options: LoadOptions) -> Request:
        """What the desk is asked for. Raises BackboneError when the backbone cannot be loaded."""
        subsets = {item.subset for item in self.drawn.items}
        return Request(
            ref=reference(choice),
            options=options,
            plan=self.plan_of(choice),
            items=self.drawn.items,
            image_of=self.catalog.image_of,
            label_counts=self.catalog.label_counts,
            facts=control_facts(self.catalog, subsets) if self.asking.controls else None,
            owner=owner(),
        )


def wanted(catalog: Catalog) -> Wanted:
    """What the address asks for; what it says that is not known is left out."""
    choice, options = backbone_choice.chosen_backbone(), chosen_options()
    drawn, capabilities = items_panel.drawn_items(catalog), _capabilities(choice, options)
    asking = asking_panel.chosen_asking(capabilities, modalities(catalog, drawn))
    return Wanted(catalog, choice, backbone_choice.other_backbone(), options, drawn, asking, capabilities)


def draw_plan(catalog: Catalog) -> None:
    """Backbone, items, how they are asked; Ask begins a run. With a run open, all but the backbone is folded away."""
    asking_panel.adopt_early_names()
    now = wanted(catalog)
    _draw_dropped(catalog)
    problem = _draw_backbone(now.choice, now.options)
    with st.expander(_in_words(now), expanded=not url_state.value(RUN), icon=":material/checklist:"):
        items_panel.draw_items(catalog, now.drawn)
        power = st.empty()
        scores, controls = st.columns([2, 3])
        with scores:
            asking_panel.draw_prompt(now.asking)
            asking_panel.draw_scores(now.asking, now.capabilities)
            _draw_other(now)
        with controls:
            asking_panel.draw_controls(now.asking, now.drawn.items, modalities(catalog, now.drawn))
        asking_panel.draw_first_question(catalog, now.asking, now.drawn.items)
    _draw_ask(now, problem)
    if now.drawn.items:
        power.caption(told_before(len(now.drawn.items)))  # last: on a fresh server it waits for a library


def _in_words(now: Wanted) -> str:
    """One line for the folded plan."""
    asked = f"{counted(len(now.drawn.items), 'item')}, seed {now.drawn.seed}"
    besides = [name.value for name in now.asking.controls]
    return " · ".join([f"Items and questions: {asked}", now.asking.form.title.lower(), *besides])


def _draw_backbone(choice: Choice, options: LoadOptions) -> str:
    """Picker, card, loading; returns why nothing can be loaded with these options, empty when it can."""
    machine = this_machine()
    from_folder = choice.ref is None or choice.folder is not None
    problem = options_problem(options, machine, choice.folder) if from_folder else ""
    with st.container(border=True):
        picker, card = st.columns([2, 3])
        with picker:
            backbone_choice.draw_picker(choice)
            backbone_choice.draw_reason(choice)
        with card:
            draw_card(choice, options, machine)
        backbone_options.draw_options(options, machine, from_folder)
        if problem:
            st.warning(plain(problem), icon=":material/block:")
        draw_state(choice, options, problem)
    return problem


def _draw_other(now: Wanted) -> None:
    """The second backbone, and why it cannot be loaded if it cannot."""
    backbone_choice.draw_other_picker(now.other)
    if now.other is not None and now.other.text != now.choice.text:
        backbone_choice.draw_reason(now.other)


def _draw_ask(now: Wanted, problem: str) -> None:
    """What asking comes to, and the button; greyed, with the reason, where nothing can be asked."""
    refusal = plan_refusal(now.plan, now.capabilities)
    able = now.choice.can_load and (now.other is None or now.other.can_load)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_cost(now), width="stretch")
        draw_act(
            "Ask both" if now.other else "Ask",
            ":material/play_arrow:",
            runs_stopped_by(resources.desk().worker, now.choice, now.options),
            _ask,
            (now,),
            disabled=not able or bool(problem or refusal) or not now.drawn.items or ASKED in st.session_state,
            type="primary",
        )
    if refusal:
        st.warning(plain(refusal), icon=":material/block:")


def _cost(now: Wanted) -> str:
    """How many questions that is, control by control, and how long they take."""
    items = len(now.drawn.items)
    more = [(name.value, asking_panel.questions_of(name, now.drawn.items)) for name in now.asking.controls]
    total = items + sum(count for _, count in more)
    parts = " + ".join([f"{items:,} asked", *(f"{count:,} {name}" for name, count in more)])
    told = f"**{counted(total, 'question')}**" + (f" ({parts})" if more else "")
    told += ", for each of the two backbones" if now.other else ""
    return f"{told}; {plain(time_in_words(total, last_rate(settings().home, now.plan.backbone)))}."


def _ask(now: Wanted) -> None:
    """Begins one run, or two one after the other; a fault becomes the request's sentence."""
    if time.monotonic() - st.session_state.get(PRESSED, -DOUBLE_CLICK) < DOUBLE_CLICK or ASKED in st.session_state:
        return
    st.session_state[PRESSED] = time.monotonic()
    is_idle = _is_idle(now)
    try:
        first = now.request(now.choice, now.options)
        if now.other is None:
            asked = resources.desk().ask(**vars(first))
        else:
            asked, _ = resources.desk().ask_both(first, now.request(now.other, replace(now.options, adapter="")))
    except MedmatError as error:
        asked = Asked(now.choice.title, error=str(error))
    if is_idle:
        _await_first_answer(asked)
    if asked.run is None:
        st.session_state[ASKED] = asked
    url_state.write({**filter_changes(), RUN: asked.run.id if asked.run else None})


def _is_idle(now: Wanted) -> bool:
    """Whether the backbone is ready and nobody is before us."""
    worker = resources.desk().worker
    state = worker.state
    return state.phase is Phase.READY and not state.jobs and is_loaded(worker, now.choice, now.options)


def _await_first_answer(asked: Asked) -> None:
    """A moment, so that the first answer stands on the page when it is drawn, and not one look later."""
    until = time.monotonic() + FIRST_ANSWER
    while time.monotonic() < until and not asked.error and not (asked.run and asked.run.answers):
        time.sleep(0.005)


def modalities(catalog: Catalog, drawn: Drawn) -> int:
    """How many modalities the drawn items are of."""
    of = {subset.number: subset.triplet.modality for subset in catalog.subsets()}
    return len({of[item.subset] for item in drawn.items})


def _capabilities(choice: Choice, options: LoadOptions) -> Collection[Capability]:
    """As loaded, where exactly this one is loaded; else as its manifest has them."""
    worker = resources.desk().worker
    loaded = worker.state.loaded if is_loaded(worker, choice, options) else None
    return loaded.capabilities if loaded and loaded.capabilities else choice.capabilities


def _draw_dropped(catalog: Catalog) -> None:
    """What the address says that is not known."""
    dropped = [
        *backbone_options.dropped_options(),
        *asking_panel.dropped_asking(),
        *items_panel.dropped_items(catalog),
    ]
    if dropped:
        more = f" and {len(dropped) - MOST_DROPPED} more" if len(dropped) > MOST_DROPPED else ""
        said = ", ".join(map(plain, dropped[:MOST_DROPPED]))
        st.caption(f":material/link_off: Left out of the address, as it is not known here: {said}{more}.")
