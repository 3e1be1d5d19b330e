"""From a target to a training mix: which arm, how many items, how shared out; a preview; and the export."""

import hashlib
from dataclasses import replace

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.domain.arms import MEANINGS, ArmKind
from medmat_explorer.domain.training_mix import BALANCES, DEFAULT_BUDGET, LEAK_RULES, Balance, LeakRule, TrainingMix
from medmat_explorer.errors import MedmatError
from medmat_explorer.export_job import BackgroundMix, MixOrder, exports_folder
from medmat_explorer.store import mix as drawing
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.duplicates import search_record
from medmat_explorer.store.exports.stored import stored_exports
from medmat_explorer.store.exports.training_configs import TRAINERS
from medmat_explorer.store.mix import DrawnMix, basket_ids
from medmat_explorer.store.mix_arms import ArmsDrawn, MixWish, draw_arms
from medmat_explorer.store.mix_export import MIX_FORMATS
from medmat_explorer.store.mix_pool import Ints, MixPool, read_pool
from medmat_explorer.ui import frame, mix_view, url_state
from medmat_explorer.ui.export_panel import FORMAT, PICTURES, draw_stored
from medmat_explorer.ui.lattice_view import LatticeView
from medmat_explorer.ui.mix_preview import draw_arms_table, draw_preview
from medmat_explorer.ui.mix_view import MixView, add_source, mix_params, read_mix
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.search_job import seen_so_far
from medmat_explorer.ui.work_bar import follow_work

__all__ = ["add_source", "draw_mix", "mix_params"]

KINDS = tuple(kind for kind in ArmKind if kind is not ArmKind.BASELINE)
MOST_SHOWN = 3
STORED_LOOKED_AT = 40
"""The newest exports of the collection among which mixes are looked for."""


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, BackgroundMix]:
    """The last export of a mix of each collection on this server; shared by all sessions."""
    return {}


def draw_mix(view: LatticeView, catalog: Catalog) -> None:
    """The whole view: choices, preview, export, and the mixes that lie here."""
    st.subheader("Training mix")
    st.caption("Items to train on for this target, never the target's own: draw them, look at them, take them away.")
    mix = read_mix(view, catalog)
    _draw_arm(view, mix)
    _draw_numbers(mix)
    if mix.problem:
        frame.show_error(mix.problem)
    elif mix.arm is None:
        st.info(_missing(mix.kind), icon=":material/add_circle:")
    else:
        _draw_drawn(catalog, mix)
    with st.expander("All arms of this target", key="all arms", on_change="rerun") as box:
        if box.open:
            _draw_all_arms(catalog, mix)
    _draw_jobs(catalog)


def _missing(kind: ArmKind) -> str:
    if kind is ArmKind.OWN:
        return "Name the subsets that you want to mix, above or by their chips' cards."
    return "No two subsets are a recipe of this target under this rule: choose another rule or arm."


def _draw_arm(view: LatticeView, mix: MixView) -> None:
    """The arm, and for a recipe or an own mix which subsets."""
    st.selectbox(
        "Arm",
        KINDS,
        format_func=lambda kind: str(kind).replace("-", " "),
        **url_state.bind(mix_view.ARM, mix.kind, default=ArmKind.RELATED),
    )
    st.caption(MEANINGS[mix.kind])
    if mix.kind is ArmKind.RECIPE:
        recipes = mix_view.recipes_here(view)
        shown = mix.arm.key if mix.arm is not None else None
        if shown is not None and shown not in recipes:
            recipes = {shown: "as the address says", **recipes}
        st.selectbox(
            "Recipe",
            list(recipes),
            format_func=lambda key: f"{key.partition(':')[2].replace('+', ' + ')} · {recipes[key]}",
            **url_state.bind(mix_view.ARM, shown, widget=" of a recipe"),
        )
    elif mix.kind is ArmKind.OWN:
        choices = mix_view.source_choices(view)
        named = mix.arm.sources if mix.arm is not None else mix.sources
        st.multiselect(
            "Subsets",
            list(choices),
            format_func=lambda number: choices[number].title,
            placeholder="Choose subsets",
            **url_state.bind(mix_view.SOURCES, [number for number in named if number in choices]),
        )


def _draw_numbers(mix: MixView) -> None:
    """Budget, balance, seed, letters and what counts as a leak."""
    first, second, third = st.columns([1, 1.6, 1])
    first.number_input(
        "Items at most",
        min_value=1,
        max_value=mix_view.LARGEST_BUDGET,
        step=1000,
        **url_state.bind(mix_view.BUDGET, mix.budget, default=DEFAULT_BUDGET),
    )
    second.segmented_control(
        "Equal shares by",
        list(Balance),
        format_func=str,
        required=True,
        help=" ".join(BALANCES.values()),
        **url_state.bind(mix_view.BALANCE, mix.wish.balance, default=Balance.SUBSET),
    )
    third.number_input(
        "Seed", min_value=0, max_value=2**31 - 1, step=1, **url_state.bind(mix_view.SEED, mix.wish.seed, default=0)
    )
    left, right = st.columns(2)
    left.toggle(
        "Every right letter equally often",
        help="Chooses items so that A, B, C, D are right equally often among questions with as many options; no "
        "question is changed.",
        **url_state.bind(mix_view.LETTERS, mix.wish.letters),
    )
    right.segmented_control(
        "Pictures that count as the target's",
        list(LeakRule),
        format_func=lambda rule: "also nearly alike" if rule == LeakRule.NEAR else "exact copies only",
        required=True,
        help=" ".join(f"{rule.value}: {meaning}" for rule, meaning in LEAK_RULES.items()),
        **url_state.bind(mix_view.LEAKS, mix.wish.leaks, default=LeakRule.NEAR),
    )


def _draw_drawn(catalog: Catalog, mix: MixView) -> None:
    """The mix drawn and shown, or the sentence that says why there is none."""
    try:
        drawn = _drawn(catalog, mix)
    except MedmatError as error:
        frame.show_error(error)
        return
    draw_preview(catalog, drawn)
    _draw_export(mix, MixOrder(catalog.name, mix.wish, mix.arm, *_chosen_form()), drawn.items)


def _drawn(catalog: Catalog, mix: MixView) -> DrawnMix:
    """The mix; drawn once for all sessions while nothing changes that it is made from."""
    if mix.arm is None:
        raise ValueError("There is no arm to draw.")
    basket = basket_ids(catalog) if mix.arm.kind is ArmKind.BASKET else None
    held = hashlib.sha256(basket.tobytes()).hexdigest() if basket is not None else ""
    asked = mix.wish.mix(mix.arm, catalog)
    return _kept_mix(repr(asked), _made_from(catalog, mix.wish), held, catalog, asked, mix.wish, basket)


def _made_from(catalog: Catalog, wish: MixWish) -> tuple[str, ...]:
    """Changes with all that a target's pool is read from."""
    record = search_record(catalog.files)
    searched = record.made if record is not None else ""
    target = wish.target.key + (" (subset)" if wish.target.subset is not None else "")
    merged = "areas merged" if wish.rule.merge_areas else ""
    return (catalog.name, catalog.version, target, merged, wish.leaks.value, searched, *seen_so_far(catalog))


@st.cache_resource(max_entries=3, show_spinner="Reading the items ...")
def _pool(made_from: tuple[str, ...], _catalog: Catalog, _wish: MixWish) -> MixPool:
    return read_pool(_catalog, _wish.target, _wish.rule, _wish.leaks)


@st.cache_resource(max_entries=12, show_spinner="Drawing the mix ...")
def _kept_mix(
    asked: str,
    made_from: tuple[str, ...],
    held: str,
    _catalog: Catalog,
    _mix: TrainingMix,
    _wish: MixWish,
    _basket: Ints | None,
) -> DrawnMix:
    return drawing.draw_mix(_catalog, _pool(made_from, _catalog, _wish), _mix, basket=_basket)


@st.cache_resource(max_entries=6, show_spinner="Drawing all arms ...")
def _arms(asked: str, made_from: tuple[str, ...], _catalog: Catalog, _wish: MixWish) -> ArmsDrawn:
    return draw_arms(_catalog, _wish, _pool(made_from, _catalog, _wish))


def _chosen_form() -> tuple[str, bool]:
    """Format and whether pictures are copied, from the address."""
    name = url_state.value(FORMAT, "llava")
    return name if name in MIX_FORMATS else "llava", url_state.value(PICTURES) == "1"


def _draw_export(mix: MixView, order: MixOrder, items: int) -> None:
    """Format, pictures, and the button that starts the export in the background."""
    left, right = st.columns([1.6, 1], vertical_alignment="bottom")
    left.selectbox(
        "Format",
        list(MIX_FORMATS),
        format_func=lambda form: MIX_FORMATS[form].title,
        **url_state.bind(FORMAT, order.format, default="llava"),
    )
    right.checkbox("Copy the pictures as well", **url_state.bind(PICTURES, order.images))
    st.caption(plain(TRAINERS[order.format]))
    with st.container(horizontal=True):
        st.button(
            f"Export the mix of {counted(items, 'item')}",
            type="primary",
            icon=":material/download:",
            key="export mix",
            on_click=_start,
            args=(order,),
        )
        st.button(
            "Export all arms",
            icon=":material/stacks:",
            key="export arms",
            help="The six trained arms of Figure 4, each with as many items, every right letter equally often.",
            on_click=_start,
            args=(replace(order, arm=None, wish=_arms_wish(mix)),),
        )


def _draw_all_arms(catalog: Catalog, mix: MixView) -> None:
    """Figure 4 for this target: every arm with the same budget and even letters, in one export."""
    wish = _arms_wish(mix)
    st.caption(
        "The six trained arms of Figure 4 with equal budgets and every right letter equally often; without a number of "
        "items in the address each gets as many as the least of them can give."
    )
    try:
        arms = _arms(repr(wish), _made_from(catalog, wish), catalog, wish)
    except MedmatError as error:
        frame.show_error(error)
        return
    draw_arms_table(arms)


def _arms_wish(mix: MixView) -> MixWish:
    return replace(mix.wish, budget=mix.asked_budget, letters=True)


def _start(order: MixOrder) -> None:
    job = _jobs().get(order.collection)
    if job is None or not job.running:
        _jobs()[order.collection] = BackgroundMix(order, settings().home)


def _draw_jobs(catalog: Catalog) -> None:
    """The bar of the export under way, or how the last one ended; then the mixes that lie here."""
    job = _jobs().get(catalog.name)
    if job is not None and job.running:
        follow_work(job, f"Mix {job.order.title}", "Stopped, nothing of it is kept.")
    elif job is not None and job.error:
        frame.show_error(job.error)
    elif job is not None and job.stopped and not job.reports:
        st.info("The export was stopped; nothing of it was kept.", icon=":material/stop_circle:")
    found = stored_exports(exports_folder(settings().home), catalog.name, STORED_LOOKED_AT)
    mixes = [export for export in found if "mix" in export.manifest or "arms" in export.manifest]
    if mixes:
        st.markdown("**Mixes on this machine**")
        draw_stored(mixes[:MOST_SHOWN])
