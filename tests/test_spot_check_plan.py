"""The plan of a spot check stands in the address: what it says is asked, what cannot be is greyed with the reason."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from medmat_explorer.backbones.contract import Loaded
from medmat_explorer.evaluation.run_record import ControlName, RunState
from medmat_explorer.experiments.stored_runs import open_run, stored_runs
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.ui import resources
from medmat_explorer.ui.asking_time import Rate, last_rate, time_in_words
from medmat_explorer.ui.backbone_state import loaded_in_words, share_of
from tests.conftest import ROOT

Open = Callable[..., AppTest]
SERVER = "http://127.0.0.1:9/v1#model"
"""Nobody listens there, and while a page is drawn nobody is asked."""


@pytest.fixture(scope="module")
def runs_home(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The synthetic collection, with runs kept in a folder of this file's own."""
    home = tmp_path_factory.mktemp("runs_home")
    (home / "collections").symlink_to(phantoms_home / "collections")
    resources.desk.clear()
    yield home
    resources.desk().worker.unload()
    resources.desk.clear()


@pytest.fixture
def open_plan(runs_home: Path, use_home: pytest.MonkeyPatch) -> Open:
    """Runs the Spot check page at an address."""
    use_home.setenv("MEDMAT_HOME", str(runs_home))

    def run(**params: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=60)
        app.switch_page(str(ROOT / "pages" / "spot_check.py"))
        for key, value in params.items():
            app.query_params[key] = value
        return app.run()

    return run


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.error, app.warning, app.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def button(app: AppTest, label: str) -> object:
    return next(found for found in app.button if found.label == label)


def checkbox(app: AppTest, label: str) -> object:
    return next(found for found in app.checkbox if label in found.label)


def disabled(app: AppTest, *labels: str) -> list[bool]:
    return [button(app, label).disabled for label in labels]  # type: ignore[attr-defined]


def test_the_bundled_backbone_is_shown_with_its_facts_and_fits(open_plan: Open) -> None:
    app = open_plan()
    assert not app.exception
    said = words(app)
    assert "bundled · family LLaVA: CLIP tower and Llama · 1.3 M parameters · licence same as this program" in said
    assert "**Can tell** letter likelihood, written answers, option texts" in said
    assert "It fits. Needs about 0.4 GB as float32 on cpu" in said
    assert disabled(app, "Load", "Ask") == [False, False]
    assert "**24 items** of 120 pictures to draw from, 1 of each of 24 subsets." in said
    assert "With n = 24 an accuracy near 50 % is known to ±19 points." in said
    assert "**24 questions**; how long that takes is not known before its first run here" in said
    assert "No backbone is loaded." in said


@pytest.mark.parametrize(
    ("backbone", "reason"),
    [
        ("llava-med-1.5", "Start a server for it that speaks the OpenAI API, and name its address."),
        ("nobody/nothing-of-the-kind", "hf download nobody/nothing-of-the-kind"),
        ("/nowhere", "There is no backbone '/nowhere'."),
        ("https://models.example/v1#m", "The server models.example may not be asked"),
        ("http://127.0.0.1:1/v1", "does not say which model is asked"),
        ("~nobody-here/model", "There is no backbone '~nobody-here/model'."),
        ("x" * 5000, "x…'. Valid: phantom-llava"),
    ],
)
def test_what_cannot_be_loaded_says_why_and_is_not_offered(open_plan: Open, backbone: str, reason: str) -> None:
    app = open_plan(backbone=backbone)
    assert not app.exception
    assert reason in words(app)
    assert disabled(app, "Load", "Ask") == [True, True]


def test_loading_options_stand_in_the_address_and_those_that_cannot_be_are_refused(open_plan: Open) -> None:
    app = open_plan(dtype="bf16", attention="eager", compile="1")
    assert app.expander[0].label == "Loading options: bfloat16, attention eager, compiled"
    assert disabled(app, "Load") == [False]
    assert "Needs about 0.4 GB as bfloat16 on cpu" in words(app)
    refused = open_plan(device="mps")
    assert "MPS is the GPU of a Mac" in refused.warning[0].value
    assert disabled(refused, "Load", "Ask") == [True, True]
    adapter = open_plan(adapter=str(ROOT / "docs"))
    assert "has no adapter_config.json" in adapter.warning[0].value.replace("\\", "")
    assert disabled(adapter, "Load", "Ask") == [True, True]


@pytest.mark.parametrize(
    "params",
    [
        {"device": "quantum", "dtype": "int1", "bits": "3", "attention": "none", "draw": "luck", "prompt": "poem-1"},
        {"controls": ["blank", "<b>"], "n": "many", "seed": "-5", "modality": "Tarot", "backbone": " "},
        {"adapter": "~nobody-here/a", "other": "\x00", "options": "1", "option_texts": "yes", "written": "maybe"},
    ],
)
def test_nonsense_in_the_address_is_left_out_and_told(open_plan: Open, params: dict[str, str]) -> None:
    app = open_plan(**params)
    assert not app.exception
    dropped = [caption.value for caption in app.caption if "Left out of the address" in caption.value]
    expected = {"device": "device=quantum", "controls": "controls=<b>", "adapter": "options=1"}
    (wrong,) = [text for name, text in expected.items() if name in params]
    assert wrong in dropped[0].replace("\\", "")


def test_the_selection_of_browse_is_told_in_words_and_dropping_it_keeps_the_subsets(open_plan: Open) -> None:
    app = open_plan(modality="CT", subset=["P01", "P02"], **{"not.label": "Nothing of the kind"})
    assert "Only items with modality CT, of the test split" in words(app)
    button(app, "Drop that").click().run()  # type: ignore[attr-defined]
    assert "modality" not in app.query_params
    assert app.query_params["subset"] == ["P01", "P02"]


def test_nothing_left_to_ask_says_what_to_do(open_plan: Open) -> None:
    app = open_plan(modality="CT", area="Skin")
    assert "No item is left to ask about" in words(app)
    assert disabled(app, "Ask") == [True]


def test_what_a_draw_gives_is_told(open_plan: Open) -> None:
    app = open_plan(draw="modality", n="500")
    assert "**120 items** of 120 pictures to draw from (500 were asked for)" in words(app)
    assert "of each of 10 modalities" in words(app) or "of each of 11 modalities" in words(app)


def test_what_does_not_go_with_the_prompt_or_the_backbone_is_greyed_with_the_reason(open_plan: Open) -> None:
    app = open_plan(prompt="open-1", controls=["rotations", "blank"], backbone=SERVER, written="0")
    assert "This prompt shows no options to turn." in words(app)
    assert "This backbone cannot tell how likely an option's text is." in words(app)
    states = {label: checkbox(app, label) for label in ("rotations", "options' texts", "Written answer")}
    assert [state.disabled for state in states.values()] == [True, True, True]  # type: ignore[attr-defined]
    assert states["Written answer"].value  # type: ignore[attr-defined]
    assert "**48 questions** (24 asked + 24 blank)" in words(app)


def test_addresses_of_before_keep_their_controls(open_plan: Open) -> None:
    app = open_plan(blank="1", rotations="1")
    assert app.query_params["controls"] == ["blank", "rotations"]
    assert "blank" not in app.query_params
    assert checkbox(app, "Blank picture").value  # type: ignore[attr-defined]


def test_a_control_is_ticked_into_the_address_and_out_of_it(open_plan: Open) -> None:
    app = open_plan(controls=["blank"])
    checkbox(app, "All rotations").check().run()  # type: ignore[attr-defined]
    assert app.query_params["controls"] == ["blank", "rotations"]
    checkbox(app, "Blank picture").uncheck().run()  # type: ignore[attr-defined]
    assert app.query_params["controls"] == "rotations"
    checkbox(app, "Written answer").uncheck().run()  # type: ignore[attr-defined]
    assert app.query_params["written"] == "0"


def test_two_presses_of_ask_are_one_run_of_what_the_address_says(open_plan: Open, runs_home: Path) -> None:
    app = open_plan(
        backbone="always-a", n="6", seed="5", draw="area", controls=["across", "wordings"], prompt="letter-first-1"
    )
    button(app, "Ask").click().run()  # type: ignore[attr-defined]
    if ask := [found for found in app.button if found.label == "Ask" and not found.disabled]:
        ask[0].click().run()
    for _ in range(200):
        if resources.desk().worker.state.loaded and not resources.desk().worker.state.jobs and stored_runs(runs_home):
            break
        resources.desk().worker.wait(0.05)
        app.run()
    (entry,) = stored_runs(runs_home)
    record = open_run(runs_home, entry.header.id)
    plan = record.header.plan
    assert record.state is RunState.FINISHED
    assert (plan.n, plan.seed, plan.prompt, plan.split, plan.text) == (6, 5, "letter-first-1", "test", True)
    assert plan.controls == (ControlName.ACROSS, ControlName.WORDINGS)
    catalog = open_catalog("phantoms", runs_home)
    assert list(record.header.item_keys) == [item.key for item in catalog.sample(6, 5, by="area")]
    catalog.close()
    st.cache_data.clear()
    rate = last_rate(runs_home, "always-a")
    assert rate is not None
    assert rate.answers == len(record.answers)


def test_how_long_it_takes_is_told_at_the_rate_of_the_last_run() -> None:
    rate = Rate(4.0, 120, "cpu", datetime(2026, 11, 24, tzinfo=UTC))
    assert time_in_words(480, rate) == (
        "about 2 minutes at 4.0 questions a second, as in its last run on cpu (2026-11-24, 120 answers)"
    )


def test_how_far_a_stage_of_loading_is_comes_from_its_own_words() -> None:
    assert share_of("Reading the weights from 2 files: 3 of 10.") == 0.3
    assert [share_of("Starting torch."), share_of("9 of 0"), share_of("12 of 10")] == [0.0, 0.0, 1.0]


def test_what_loading_came_to_is_told_with_exactly_which_weights() -> None:
    loaded = Loaded("abc", "cuda", "bfloat16", 12.34, commit="0123456789abcdef", bits=4, memory_gb=5.678)
    assert loaded_in_words(loaded) == (
        "bfloat16 on cuda · 4-bit language part · 5.68 GB in use · loaded in 12.3 s · revision abc (hub commit "
        "0123456789ab)"
    )


def test_a_link_from_browse_keeps_the_whole_selection_and_how_the_backbone_was_chosen(open_plan: Open) -> None:
    app = open_plan(backbone="always-a", controls=["blank", "rotations"], n="6", modality="MRI")
    app.switch_page(str(ROOT / "pages" / "browse.py"))
    for name, value in {"modality": ["CT"], "not.split": ["train"], "q": ["scan"]}.items():
        app.query_params[name] = value
    app.run()
    (link,) = [found.proto for found in app.get("page_link") if found.proto.label == "Ask the model these"]
    query = parse_qs(link.query_string)
    assert query == {
        "backbone": ["always-a"],
        "controls": ["blank", "rotations"],
        "modality": ["CT"],
        "not.split": ["train"],
        "q": ["scan"],
        "collection": ["phantoms"],
    }
