"""The upper part of the Spot check page: which backbone is asked which items, and the buttons."""

from dataclasses import dataclass

import streamlit as st

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import REGISTRY, resolve
from medmat_explorer.config import settings
from medmat_explorer.domain.qa import QAItem, Split
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import BackboneError, MedmatError
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.spot_check_desk import Asked
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import resources, selection_state, url_state
from medmat_explorer.ui.plain import plain

FOLDER = "folder"
DEFAULT_ITEMS, MOST_ITEMS = 24, 2000
ASKED = "spot check asked for"
PROBLEM = "spot check that could not begin"
RUN = "run"


DRAWN = "Drawn from the test split unless a split is chosen, in equal parts of the subsets and of their labels."


@dataclass(frozen=True)
class Wanted:
    """What the page's controls say."""

    backbone: str
    n: int
    seed: int
    blank: bool
    rotations: bool


def load_options() -> LoadOptions:
    """Device and threads from the settings."""
    return LoadOptions(device=settings().device, threads=settings().threads)


def draw_plan(catalog: Catalog) -> None:
    """The controls; Ask begins a run."""
    selection = selection_state.read_selection(catalog)
    with st.container(border=True):
        backbone = _draw_backbone()
        what, n, seed = st.columns([3, 1, 1])
        with what:
            _draw_subsets(catalog, selection)
        with n:
            items = url_state.number("n", DEFAULT_ITEMS, least=1, most=MOST_ITEMS)
            st.number_input("Items", 1, MOST_ITEMS, help=DRAWN, **url_state.bind("n", items, default=DEFAULT_ITEMS))
        with seed:
            drawn = url_state.number("seed", 0, least=0, most=2**31 - 1)
            st.number_input("Seed", 0, 2**31 - 1, help="Draws the items.", **url_state.bind("seed", drawn, default=0))
        _draw_rest_of_selection(selection)
        _draw_buttons(catalog, selection, backbone, items, drawn)


def _draw_backbone() -> str:
    known = {ref.id: ref for ref in REGISTRY}
    asked = url_state.value("backbone", REGISTRY[0].id)
    choice = asked if asked in known else FOLDER
    left, right = st.columns([2, 3])
    left.selectbox(
        "Backbone",
        [*known, FOLDER],
        format_func=lambda name: known[name].manifest.title if name in known else "A local folder ...",
        **url_state.bind("backbone", choice, default=REGISTRY[0].id),
    )
    if choice == FOLDER:
        shown = "" if asked == FOLDER else asked
        with right:
            st.text_input(
                "Folder in transformers format",
                placeholder="/models/llava-1.5-7b-hf",
                **url_state.bind("backbone", shown, widget=" folder"),
            )
        return shown
    right.caption(f"{known[choice].manifest.note}  \nNeeds about {known[choice].manifest.needs_gb:g} GB.")
    return choice


def _draw_subsets(catalog: Catalog, selection: Selection) -> None:
    titles = {subset.number: subset.title for subset in catalog.subsets()}
    chosen = [number for number in titles if number in selection.chosen.get(Facet.SUBSET, frozenset())]
    st.multiselect(
        "Subsets",
        list(titles),
        format_func=titles.__getitem__,
        placeholder="All subsets, in equal parts",
        **url_state.bind(Facet.SUBSET.value, chosen),
    )


def _draw_rest_of_selection(selection: Selection) -> None:
    rest = selection.without(Facet.SUBSET)
    if rest.is_everything:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Only items with {plain(selection_state.describe_selection(rest))}", width="content")
        st.button("Drop that", on_click=selection_state.clear_selection, type="tertiary")


def _draw_buttons(catalog: Catalog, selection: Selection, backbone: str, n: int, seed: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        blank = bool(url_state.value("blank"))
        bound = url_state.bind("blank", blank, default=False)
        st.toggle("Blank picture too", help="Asks again with a grey picture.", **bound)
        rotations = bool(url_state.value("rotations"))
        st.toggle(
            "All rotations too",
            help="Asks again under every cyclic order of the options.",
            **url_state.bind("rotations", rotations, default=False),
        )
        st.space("stretch")
        wanted = Wanted(backbone, n, seed, blank, rotations)
        st.button("Ask", type="primary", icon=":material/play_arrow:", on_click=_ask, args=(catalog, selection, wanted))


def _ask(catalog: Catalog, selection: Selection, wanted: Wanted) -> None:
    try:
        if not wanted.backbone:
            raise BackboneError("Give the path of the folder that holds the model, in transformers format.")
        ref = resolve(wanted.backbone)
        items = sampled(catalog, selection, wanted.n, wanted.seed)
        plan = SpotCheckPlan(
            collection=catalog.name,
            version=catalog.version,
            backbone=ref.id,
            subsets=tuple(sorted(selection.chosen.get(Facet.SUBSET, frozenset()))),
            n=wanted.n,
            seed=wanted.seed,
            blank=wanted.blank,
            rotations=wanted.rotations,
        )
        asked = resources.desk().ask(
            ref,
            load_options(),
            plan,
            items,
            catalog.image_of,
            catalog.label_counts,
        )
    except MedmatError as error:
        asked = Asked(wanted.backbone, error=str(error))
    st.session_state[ASKED] = asked
    url_state.write({RUN: None})


def sampled(catalog: Catalog, selection: Selection, n: int, seed: int) -> list[QAItem]:
    """Test items of the selection, in equal parts of its subsets; all splits when one is chosen by hand."""
    split = None if selection.chosen.get(Facet.SPLIT) else Split.TEST
    return catalog.sample(n, seed, selection=selection, split=split)


def knows_only_phantoms(backbone: str, catalog: Catalog) -> bool:
    """Whether the bundled backbone is asked about pictures that are not the synthetic ones it knows."""
    return backbone == REGISTRY[0].id and not all(subset.is_synthetic for subset in catalog.subsets())
