"""How the items are asked: in which prompt, scored how, and with which controls besides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from medmat_explorer.backbones.contract import Capability
from medmat_explorer.config import settings
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.domain.question_wordings import WORDINGS
from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.evaluation.controls import CONTROLS
from medmat_explorer.evaluation.prompts import DEFAULT_PROMPT, PROMPT_FORMS, PromptForm, prompt_form
from medmat_explorer.evaluation.run_record import ControlName
from medmat_explorer.media.thumbnails import thumbnail
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import url_state
from medmat_explorer.ui.plain import counted, plain

PROMPT, CONTROL, WRITTEN, OPTION_TEXTS = NAMES = ("prompt", "controls", "written", "option_texts")
"""Names in the address. The option texts' is not `options`, which is the facet of how many options an item has."""

SIDE = 256
EARLY = {"blank": ControlName.BLANK, "rotations": ControlName.ROTATIONS}
"""Names of their own that two controls had in addresses once."""


@dataclass(frozen=True)
class Asking:
    """A prompt form, whether an answer is written and options' texts are weighed, and the controls."""

    form: PromptForm
    text: bool
    options: bool
    controls: tuple[ControlName, ...]

    @property
    def must_write(self) -> bool:
        """Whether the prompt makes no sense without a written answer."""
        return must_write(self.form, self.options)


def must_write(form: PromptForm, options: bool) -> bool:
    """Whether a prompt makes no sense without a written answer; `options` says that the options' texts are weighed."""
    return form.explains or not (form.lettered or options)


def adopt_early_names() -> None:
    """Puts the controls of an early address where they stand today."""
    early = [name for name in EARLY if url_state.value(name)]
    if early:
        controls = dict.fromkeys([*url_state.values(CONTROL), *(EARLY[name].value for name in early)])
        url_state.write({**dict.fromkeys(early), CONTROL: list(controls)})


def chosen_asking(capabilities: Collection[Capability], modalities: int) -> Asking:
    """What the address says, as far as it is known and goes with the backbone and with items of so many modalities."""
    name = url_state.value(PROMPT, DEFAULT_PROMPT)
    form = prompt_form(name if name in PROMPT_FORMS else DEFAULT_PROMPT)
    chosen = url_state.values(CONTROL)
    options = bool(url_state.value(OPTION_TEXTS)) and can(capabilities, Capability.OPTIONS)
    writes = url_state.value(WRITTEN) != url_state.OFF and can(capabilities, Capability.TEXT)
    return Asking(
        form=form,
        text=writes or must_write(form, options),
        options=options,
        controls=tuple(
            control
            for control in ControlName
            if control.value in chosen and not control_problem(control, form, modalities)
        ),
    )


def dropped_asking() -> list[str]:
    """What the address says of asking that is not known, as `name=value`."""
    dropped = [f"{CONTROL}={name[:60]}" for name in url_state.values(CONTROL) if name not in list(ControlName)]
    prompt = url_state.value(PROMPT, DEFAULT_PROMPT)
    return dropped if prompt in PROMPT_FORMS else [*dropped, f"{PROMPT}={prompt[:60]}"]


def can(capabilities: Collection[Capability], wanted: Capability) -> bool:
    """Whether a backbone can be asked for it; where nothing is known of it, it is tried."""
    return not capabilities or wanted in capabilities


def control_problem(control: ControlName, form: PromptForm, modalities: int) -> str:
    """Why a control makes no sense with this prompt, or with items of so many modalities; empty when it does."""
    if control is ControlName.ROTATIONS and not form.lettered:
        return "This prompt shows no options to turn."
    if control is ControlName.ACROSS and modalities == 1:
        return "All items drawn are of one modality."
    return ""


def questions_of(control: ControlName, items: Sequence[QAItem]) -> int:
    """How many questions a control adds at most: an item that cannot be changed so is left out of it."""
    if control is ControlName.ROTATIONS:
        return sum(len(item.options) - 1 for item in items)
    return len(items) * (WORDINGS - 1 if control is ControlName.WORDINGS else 1)


def draw_controls(asking: Asking, items: Sequence[QAItem], modalities: int) -> None:
    """The five, each with what it changes and shows, and how many questions it adds at most.

    One that does not go with the prompt or the items is greyed, with the reason.
    """
    st.markdown("**Controls**: each asks again with one thing changed")
    for control in ControlName:
        with st.container(gap=None):
            _draw_control(control, asking, items, modalities)


def draw_prompt(asking: Asking) -> None:
    """The form of the prompt, with what it is for."""
    st.selectbox(
        "Prompt",
        list(PROMPT_FORMS),
        format_func=lambda name: f"{PROMPT_FORMS[name].title} ({name})",
        **url_state.bind(PROMPT, asking.form.id, default=DEFAULT_PROMPT),
    )
    st.caption(plain(asking.form.note))


def draw_scores(asking: Asking, capabilities: Collection[Capability]) -> None:
    """Which scores are taken; one that the backbone or the prompt does not allow is greyed, with the reason."""
    st.markdown("**Scores**")
    st.checkbox(
        "Letter likelihood",
        value=asking.form.lettered,
        disabled=True,
        key=f"letters {asking.form.lettered}",
        help="Always taken where the prompt has letters: one reading of the question tells it.",
    )
    writes = can(capabilities, Capability.TEXT)
    st.checkbox(
        "Written answer",
        disabled=asking.must_write or not writes,
        help="It is written out and then read; what cannot be read counts as unparsed, never as a guess.",
        **url_state.bind(WRITTEN, asking.text, default=True),
    )
    weighs = can(capabilities, Capability.OPTIONS)
    st.checkbox(
        "Likelihood of the options' texts",
        disabled=not weighs,
        help="How likely each option's own words are, by the mean of their tokens; the picture is read once for all.",
        **url_state.bind(OPTION_TEXTS, asking.options, default=False),
    )
    if not weighs:
        st.caption("This backbone cannot tell how likely an option's text is.")
    if asking.must_write:
        st.caption("This prompt is answered in words.")


def _draw_control(control: ControlName, asking: Asking, items: Sequence[QAItem], modalities: int) -> None:
    told, problem = CONTROLS[control], control_problem(control, asking.form, modalities)
    more = questions_of(control, items)
    bound = url_state.bind_member(CONTROL, control.value)
    st.checkbox(f"**{told.title}** (+{more:,})", disabled=bool(problem), **bound)
    st.caption(plain(problem or f"{told.change} {told.shows}"))


def draw_first_question(catalog: Catalog, asking: Asking, items: Sequence[QAItem]) -> None:
    """Folded away: the first item that would be asked, its picture, and the text exactly as it is put."""
    if not items:
        return
    item = items[0]
    with st.expander("The first question, exactly", icon=":material/article:"):
        picture, text = st.columns([1, 3])
        with picture:
            _draw_picture(catalog, item)
        with text:
            st.code(asking.form.build(item), language=None, wrap_lines=True)
            right = f"Right: {item.answer_letter}, {item.answer}"
            st.caption(
                f"{plain(right)} · {counted(len(item.options), 'option')} · item {item.key}. The backbone's own marks "
                "are put around it: an opened answer shows all that was sent."
            )


def _draw_picture(catalog: Catalog, item: QAItem) -> None:
    """Small, or a sentence that says why there is none."""
    try:
        file = catalog.image_of(item)
        small = thumbnail(file, file.parent, settings().home / "thumbs", SIDE)
    except ImageRefusedError as error:
        st.caption(f":material/broken_image: {plain(str(error))}")
    else:
        st.image(small.data, alt=f"{item.answer}: picture of item {item.key}")
