"""One item looked at closely: asked every way, and a map of where its picture matters, which is known beforehand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import Answer, Capability, LoadOptions, Reply, Unanswered
from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.errors import BackboneError, RunError
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.item_look import (
    ItemLook,
    Occlusion,
    cell,
    look_questions,
    occlusion_map,
    occlusion_questions,
)
from tests.judged import make_item

ITEM = make_item(1, "B")
PLAN = SpotCheckPlan(collection="mini", version="1", backbone="always-a", n=1)
LOWER_RIGHT = (0.5, 0.5, 1.0, 1.0)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (32, 24), (200, 90, 40)).save(tmp_path / "one.png")
    return tmp_path / "one.png"


@pytest.fixture
def worker() -> Iterator[BackboneWorker]:
    """A backbone that says B because of the lower right quarter of the picture."""
    worker = BackboneWorker()
    script = Script(letter="B", text="B", matters=LOWER_RIGHT, option="Stone")
    worker.start(BackboneRef(resolve("always-a").manifest, script=script), LoadOptions(device="cpu"))
    worker.wait_until_loaded(60)
    yield worker
    worker.unload()


def test_an_item_is_asked_as_it_is_blank_and_under_every_rotation_with_all_that_can_be_asked(picture: Path) -> None:
    puts = look_questions(ITEM, picture, PLAN, frozenset(Capability))
    assert [put.variant.name for put in puts] == ["asked", "blank", "rotation-1", "rotation-2", "rotation-3"]
    assert puts[0].question.options == ("Normal", "Cyst", "Stone", "Tumor") and puts[0].question.wants_text
    assert puts[1].question.blank and not puts[2].question.wants_text
    letters = look_questions(ITEM, picture, PLAN, {Capability.LETTERS})
    assert not letters[0].question.wants_text and letters[0].question.options == ()
    opened = PLAN.model_copy(update={"prompt": "open-1"})
    assert [put.variant.name for put in look_questions(ITEM, picture, opened)] == ["asked", "blank"]
    imported = PLAN.model_copy(update={"prompt": "unknown"})
    assert look_questions(ITEM, picture, imported)[0].question.prompt == ITEM.question_choice


def test_cells_cover_the_picture_row_by_row(picture: Path) -> None:
    assert [cell(place, 2) for place in range(4)] == [
        (0.0, 0.0, 0.5, 0.5),
        (0.5, 0.0, 1.0, 0.5),
        (0.0, 0.5, 0.5, 1.0),
        (0.5, 0.5, 1.0, 1.0),
    ]
    questions = occlusion_questions(ITEM, picture, 16)
    assert len(questions) == 257 and questions[0].hidden is None and questions[-1].hidden == cell(255, 16)
    assert not any(question.wants_text or question.options for question in questions)


@pytest.mark.parametrize("grid", [0, 17])
def test_a_grid_that_is_too_fine_or_empty_is_refused(picture: Path, grid: int) -> None:
    with pytest.raises(RunError, match="choose 1 to 16"):
        occlusion_questions(ITEM, picture, grid)
    with pytest.raises(RunError, match="shows no options"):
        occlusion_questions(ITEM, picture, 4, "open-1")


def test_a_map_is_what_hiding_each_cell_takes_from_the_right_option() -> None:
    base = Answer("k", ("A", "B"), (0.25, 0.75))
    replies: list[Reply] = [
        Answer("k hidden 3", ("A", "B"), (0.75, 0.25)),
        Answer("k hidden 0", ("A", "B"), (0.125, 0.875)),
        Answer("k hidden -1", ("A", "B"), (0.25, 0.75)),
        Unanswered("k hidden 1", "unreadable", "It cannot be read."),
    ]
    assert occlusion_map(base, replies, 2, "B") == ((-0.125, None), (None, 0.5))
    with pytest.raises(RunError, match="no probabilities"):
        occlusion_map(Answer("k", ("A", "B"), (), chosen="A"), replies, 2, "B")


def test_the_map_shows_what_the_backbone_looks_at(worker: BackboneWorker, picture: Path) -> None:
    assert worker.state.loaded
    found = Occlusion(ITEM, picture, 4, worker, worker.state.loaded.revision)
    assert found.wait(60) and found.done and not found.problem
    assert (found.total, len(found.replies)) == (17, 17)
    matters = [[(drop or 0) > 0.01 for drop in row] for row in found.rows]
    assert matters == [[False] * 4, [False] * 4, [False, False, True, True], [False, False, True, True]]
    assert found.rows[0][0] == pytest.approx(0.0)


def test_a_look_is_judged_as_a_run_is(worker: BackboneWorker, picture: Path) -> None:
    assert worker.state.loaded
    look = ItemLook(ITEM, picture, PLAN, worker, worker.state.loaded.revision)
    assert look.wait(60)
    assert [answer.variant for answer in look.answers][:2] == ["asked", "blank"] and len(look.answers) == 5
    assert look.asked and (look.asked.letter, look.asked.option, look.asked.read) == ("B", "C", "B")
    assert look.answers[1].probabilities == pytest.approx((0.25,) * 4)  # blank: nothing to see
    assert look.asked.prompt_tokens > 0 and look.asked.timing


def test_a_map_can_be_stopped_and_another_revision_is_refused(worker: BackboneWorker, picture: Path) -> None:
    script = Script(letter="B", matters=LOWER_RIGHT, seconds=0.05)
    worker.start(BackboneRef(resolve("always-a").manifest, script=script))
    worker.wait_until_loaded(60)
    found = Occlusion(ITEM, picture, 16, worker, "")
    while not found.replies:
        assert not found.wait(0.01)
    found.stop()
    assert found.wait(60) and 0 < len(found.replies) < 257
    assert sum(drop is not None for row in found.rows for drop in row) == len(found.replies) - 1
    with pytest.raises(BackboneError, match="no longer loaded"):
        ItemLook(ITEM, picture, PLAN, worker, "another")


def test_a_picture_that_is_gone_is_a_problem_in_words(worker: BackboneWorker, tmp_path: Path) -> None:
    found = Occlusion(ITEM, tmp_path / "none.png", 2, worker, "")
    assert found.wait(60) and found.problem and found.rows == ()
