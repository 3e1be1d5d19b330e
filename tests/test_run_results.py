"""A stored run on the Spot check page, in every state that it can be in, opened by its link alone."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.run_record import MAIN, JudgedAnswer, RunKind
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from tests.answered_run import CONTROLS, always_a, answered_run, good, only_letters, without_probabilities
from tests.conftest import ROOT
from tests.test_pages import words

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def run_home(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own that shares the collection."""
    home = tmp_path_factory.mktemp("run_home")
    for name in ("collections", "own_subsets"):
        if (phantoms_home / name).exists():
            (home / name).symlink_to(phantoms_home / name)
    return home


@pytest.fixture(scope="module")
def items(phantoms_home: Path) -> list[QAItem]:
    catalog: Catalog = open_catalog("phantoms", phantoms_home)
    found = catalog.sample(24, 3)
    catalog.close()
    return found


@pytest.fixture
def open_run(run_home: Path, use_home: pytest.MonkeyPatch) -> Open:
    """Opens the page at a run's link."""

    def run(run_id: str, **params: str) -> AppTest:
        use_home.setenv("MEDMAT_HOME", str(run_home))
        app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=30)
        app.switch_page(str(ROOT / "pages" / "spot_check.py"))
        for key, value in {"run": run_id, **params}.items():
            app.query_params[key] = value
        found = app.run()
        assert not found.exception
        return found

    return run


def test_a_run_with_controls_tells_its_numbers_and_every_tab_opens(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    run_id = answered_run(run_home, good(items), controls=CONTROLS)
    said = words(open_run(run_id))
    assert "Accuracy 100.0%" in said
    assert "24 of n = 24 right, 0 wrong, 0 unparsed" in said
    assert "Relies on the picture" in said
    for tab, sentence in {
        "subsets": "",
        "letters": "Right under every rotation of the options",
        "calibration": "Expected calibration error",
        "confusion": "on the diagonal",
        "record": "Take it along",
        "nonsense": "24 answers to the questions as asked",
    }.items():
        assert sentence in words(open_run(run_id, tab=tab))


def test_a_run_without_any_answer_says_what_to_do(open_run: Open, run_home: Path) -> None:
    run_id = answered_run(run_home, [], finished=False)
    app = open_run(run_id)
    assert "Nothing was answered in this run" in words(app)
    assert any(button.label == "Resume" for button in app.button)


def test_a_run_whose_pictures_are_all_missing_has_no_numbers_and_keeps_its_cards(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    missing = [_without_picture(answer) for answer in only_letters(items)]
    said = words(open_run(answered_run(run_home, missing)))
    assert "No item could be asked" in said
    assert "95 % interval **" not in said
    assert "24 answers" in said


def test_letters_alone_need_no_table_of_scores_and_have_a_calibration(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    run_id = answered_run(run_home, only_letters(items), text=False)
    said = words(open_run(run_id, tab="calibration"))
    assert "Expected calibration error" in said
    assert "disagree" not in said


def test_a_server_that_tells_no_probabilities_has_no_calibration_and_a_sentence_why(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    run_id = answered_run(run_home, without_probabilities(items), text=False)
    said = words(open_run(run_id, tab="calibration"))
    assert "how sure the model was" in said
    assert "Expected calibration error" not in said
    assert "Accuracy" in said


def test_an_imported_run_whose_collection_is_gone_keeps_its_numbers(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    changes = {"kind": RunKind.IMPORTED.value, "source": _source()}
    run_id = answered_run(run_home, only_letters(items), header=changes, collection="gone")
    app = open_run(run_id, tab="record")
    said = words(app)
    assert "is no longer here" in said
    assert "Accuracy" in said
    assert [e.value for e in app.error] == []
    assert not any(button.label == "Resume" for button in app.button)
    assert "These answers were imported" not in words(open_run(run_id, look=items[0].key))


def test_an_early_record_opens_as_it_is(open_run: Open, run_home: Path, items: list[QAItem]) -> None:
    early = {"format": 1, "plan": {**_early_plan(len(items))}}
    run_id = answered_run(run_home, [a for a in always_a(items) if "rotation" not in a.variant], header=early)
    said = words(open_run(run_id))
    assert "with blank picture" in said
    assert "Not shown to look at the picture" in said


def test_an_unfinished_run_can_be_resumed(open_run: Open, run_home: Path, items: list[QAItem]) -> None:
    app = open_run(answered_run(run_home, only_letters(items[:5]), finished=False, controls=CONTROLS))
    assert "**Stopped** · 5 of 5 items answered" in words(app)
    assert "Controls without an answer" in words(app)
    assert any(button.label == "Resume" for button in app.button)


def test_one_answer_opened_shows_every_way_and_unknown_ones_get_a_sentence(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    run_id = answered_run(run_home, good(items), controls=CONTROLS)
    app = open_run(run_id, look=items[1].key)
    said = words(app)
    assert "Every way it was put" in said
    assert "Answer 2 of 24" in said
    assert "The exact prompt" in said
    assert items[1].question_choice in [code.value for code in app.code]
    assert "to be loaded" in said
    for key in ("0" * 16, "../x", "<b>"):
        assert "This run has no answer to an item" in words(open_run(run_id, look=key))


def test_filters_in_the_address_are_kept_where_they_can_be_and_left_out_where_not(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    run_id = answered_run(run_home, always_a(items), controls=CONTROLS)
    wrong = sum(item.answer_letter != "A" for item in items)
    assert f"**{wrong:,}** of 24 answers" in words(open_run(run_id, verdict="wrong"))
    assert "24 answers to the" in words(open_run(run_id, verdict="' OR 1", of="99", by="x", sheet="-3"))
    nothing = words(open_run(run_id, right="<script>", chosen="nobody"))
    assert "No answer of this run has all of that" in nothing


def test_two_thousand_answers_open_quickly_and_all_are_within_reach(
    open_run: Open, run_home: Path, items: list[QAItem]
) -> None:
    def other(answer: JudgedAnswer, number: int) -> JudgedAnswer:
        return answer.model_copy(update={"item": f"{number:016x}"})

    first = [a for a in only_letters(items) if a.variant == MAIN]
    many = [other(first[n % len(first)], n) for n in range(2000)]
    run_id = answered_run(run_home, many)
    open_run(run_id)
    began = time.monotonic()
    app = open_run(run_id, sheet="84")
    assert time.monotonic() - began < 5
    assert "Page 84 of 84" in words(app)


def test_hostile_labels_and_letters_are_shown_as_they_are(open_run: Open, run_home: Path, items: list[QAItem]) -> None:
    strange = [("**A**", "[x](javascript:alert(1))"), ("<b>", ":red[b]<script>alert(1)</script>")]
    answers = [
        JudgedAnswer(
            item=item.key, subset=item.subset, options=tuple(strange), right="**A**", chosen="<b>", label="$x$"
        )
        for item in items
    ]
    run_id = answered_run(run_home, answers, header={"device": "<i>", "dtype": "`", "adapter": "*a*"})
    for tab in ("answers", "letters", "confusion", "record"):
        app = open_run(run_id, tab=tab)
        assert [e.value for e in app.error] == []
        assert "](javascript:" not in words(app).replace("\\]\\(", "")
        assert "<script>" not in words(app)


def _without_picture(answer: JudgedAnswer) -> JudgedAnswer:
    return answer.model_copy(update={"probabilities": (), "problem": "The image file is missing."})


def _source() -> dict[str, object]:
    return {"form": "ours", "file": "run.jsonl", "sha256": "0" * 64, "matched": {"id": 24}, "unmatched": {}}


def _early_plan(n: int) -> dict[str, object]:
    plan = {"collection": "phantoms", "version": "1", "backbone": "always-a", "subsets": [], "n": n, "seed": 0}
    return {**plan, "prompt": "released-1", "text": False, "blank": True, "rotations": False}
