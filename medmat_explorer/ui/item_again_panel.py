"""The opened item asked again of the run's own backbone: every way, exactly what is sent, and what it looks at."""

import streamlit as st

from medmat_explorer.backbones.contract import Capability, Sent
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.run_record import JudgedAnswer, RunRecord
from medmat_explorer.experiments.item_look import ItemLook
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, resources
from medmat_explorer.ui.item_asking import LOOK_SECONDS, keep, kept, looking_owner, problem_of
from medmat_explorer.ui.item_attention_panel import draw_attention
from medmat_explorer.ui.item_occlusion_panel import draw_occlusion
from medmat_explorer.ui.item_variants_panel import draw_likelihoods, draw_variants
from medmat_explorer.ui.opened_item import OpenedItem
from medmat_explorer.ui.run_backbone import draw_loading, loaded_for

SENT, SENT_PROBLEM = "what was sent of an opened item", "why it is not told what was sent"


def draw_again(record: RunRecord, asked: JudgedAnswer, item: QAItem, catalog: Catalog) -> None:
    """What can be asked of the run's backbone when it is loaded; else what to load."""
    st.subheader("Ask the backbone")
    loaded = loaded_for(record.header)
    if loaded is None:
        draw_loading(record.header)
        return
    try:
        opened = OpenedItem(record.header, asked, item, catalog.image_of(item), loaded, catalog)
    except MedmatError as error:
        frame.show_error(error)
        return
    with st.container(horizontal=True):
        st.button("Ask again, every way", on_click=_ask, args=(opened,), icon=":material/replay:")
        st.button("Show exactly what is sent", on_click=_send, args=(opened,), icon=":material/outgoing_mail:")
    _draw_sent(opened)
    _draw_look(opened)
    draw_occlusion(opened)
    if Capability.ATTENTION in loaded.capabilities:
        draw_attention(opened)


def _ask(opened: OpenedItem) -> None:
    worker, plan = resources.desk().worker, opened.header.plan
    keep(
        opened.about,
        lambda: ItemLook(opened.item, opened.picture, plan, worker, opened.loaded.revision, looking_owner()),
    )


def _draw_look(opened: OpenedItem) -> None:
    """Drawn again by the clock as long as answers come."""
    if sentence := problem_of(opened.about):
        frame.show_error(sentence)
    look = kept(opened.about, ItemLook)
    if look is not None:
        st.fragment(_draw_answers, run_every=None if look.done else LOOK_SECONDS)(opened, look, look.done)


def _draw_answers(opened: OpenedItem, look: ItemLook, over: bool) -> None:
    if look.done and not over:
        st.rerun()
    answers = look.answers
    if not look.done:
        st.progress(len(answers) / max(look.total, 1), f"{len(answers)} of {look.total} answered")
    if look.problem:
        frame.show_error(look.problem)
    if answers:
        st.markdown("**Asked again**, of the backbone as it is loaded now")
        draw_variants(answers, opened.asked, key="asked again")
        draw_likelihoods(look.asked or answers[0], key="asked again likelihoods")


def _send(opened: OpenedItem) -> None:
    """Kept for one item at a time: it holds a picture."""
    for name in (SENT, SENT_PROBLEM):
        st.session_state.pop(name, None)
    try:
        st.session_state[SENT] = {opened.about: resources.desk().worker.sent(opened.question)}
    except MedmatError as error:
        st.session_state[SENT_PROBLEM] = {opened.about: str(error)}


def _draw_sent(opened: OpenedItem) -> None:
    if sentence := st.session_state.get(SENT_PROBLEM, {}).get(opened.about):
        frame.show_error(sentence)
    sent: Sent | None = st.session_state.get(SENT, {}).get(opened.about)
    if sent is None:
        return
    shape = " × ".join(map(str, sent.shape)) or "a shape that is not told"
    tokens = f"{sent.tokens:,} tokens, those of the picture included" if sent.tokens else "its tokens are not told"
    with st.container(border=True):
        st.markdown(f"**As it is sent**: {tokens}; the picture becomes a tensor of {shape}.")
        picture, text = st.columns([1, 2])
        picture.image(sent.picture, alt="The picture as it goes into the preparation")
        text.code(sent.text, language=None, wrap_lines=True)
