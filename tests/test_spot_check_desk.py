"""Where runs are asked for: one run a double click, two backbones one after the other, and nobody is left waiting."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.comparison import compare_runs
from medmat_explorer.evaluation.run_record import SpotCheckPlan
from medmat_explorer.experiments.spot_check_desk import Asked, Request, SpotCheckDesk
from medmat_explorer.experiments.spot_check_service import LiveState
from medmat_explorer.experiments.stored_runs import open_run, stored_runs
from tests.judged import make_item

ENOUGH = 60.0


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (24, 24), (90, 90, 200)).save(tmp_path / "one.png")
    return tmp_path / "one.png"


@pytest.fixture
def desk(home: Path) -> Iterator[SpotCheckDesk]:
    desk = SpotCheckDesk(BackboneWorker(), home)
    yield desk
    desk.worker.unload()


def scripted(letter: str, seconds: float = 0.0) -> BackboneRef:
    return BackboneRef(resolve("always-a").manifest, script=Script(letter=letter, text=letter, seconds=seconds))


def items(n: int) -> list[QAItem]:
    return [make_item(number, "AB"[number % 2]) for number in range(n)]


def request(ref: BackboneRef, picture: Path, asked: Sequence[QAItem], owner: str = "me") -> Request:
    plan = SpotCheckPlan(collection="mini", version="1", backbone=ref.id, n=len(asked))
    return Request(ref, LoadOptions(device="cpu", threads=1), plan, asked, lambda item: picture, owner=owner)


def ask(desk: SpotCheckDesk, wanted: Request) -> Asked:
    return desk.ask(**vars(wanted))


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + ENOUGH
    while not true() and time.monotonic() < deadline:
        time.sleep(0.005)
    return true()


def test_what_waits_ends_when_loading_is_stopped(desk: SpotCheckDesk, picture: Path) -> None:
    first = ask(desk, request(scripted("A"), picture, items(1)))
    second = ask(desk, request(scripted("B"), picture, items(1)))
    assert eventually(lambda: not first.waiting)
    desk.worker.unload()
    assert eventually(lambda: not second.waiting)
    told = {"Another backbone was loaded meanwhile: ask again.", "The backbone was unloaded: ask again."}
    assert all(asked.error in told or asked.run is not None for asked in (first, second))
    assert eventually(lambda: not (first.under_way or second.under_way))


def test_asking_the_same_twice_is_one_run_while_it_goes_on(desk: SpotCheckDesk, picture: Path, home: Path) -> None:
    wanted = request(scripted("A", 0.02), picture, items(30))
    first, again = ask(desk, wanted), ask(desk, wanted)
    other = ask(desk, request(scripted("A", 0.02), picture, items(30), owner="somebody else"))
    assert first is again and other is not first
    assert eventually(lambda: not (first.under_way or other.under_way))
    assert len(stored_runs(home)) == 2
    assert ask(desk, wanted) is not first  # what has ended may be asked anew


def test_two_backbones_answer_the_same_items_one_after_the_other(
    desk: SpotCheckDesk, picture: Path, home: Path
) -> None:
    asked = items(10)
    first, second = desk.ask_both(
        request(scripted("A", 0.01), picture, asked), request(scripted("B", 0.01), picture, asked)
    )
    assert desk.pair("me") == (first, second) and desk.pair("somebody else") is None
    assert second.after is first and second.waiting
    wanted = [request(scripted(letter, 0.01), picture, asked) for letter in "AB"]
    assert desk.ask_both(*wanted) == (first, second)
    assert eventually(lambda: second.run is not None) and first.run and second.run
    assert first.run.state is LiveState.FINISHED
    assert second.run.wait(ENOUGH)
    assert len(stored_runs(home)) == 2
    found = compare_runs(open_run(home, first.run.id), open_run(home, second.run.id)).whole.counts
    assert (found.n, found.only_first, found.only_second) == (10, 5, 5)


def test_the_second_backbone_is_not_asked_where_the_first_was_stopped(desk: SpotCheckDesk, picture: Path) -> None:
    first, second = desk.ask_both(
        request(scripted("A", 0.05), picture, items(40)), request(scripted("B"), picture, items(40))
    )
    assert eventually(lambda: first.run is not None and bool(first.run.answers)) and first.run
    first.run.stop()
    assert eventually(lambda: not second.waiting)
    assert "did not answer everything: ask" in second.error


def test_what_goes_wrong_is_told_and_nobody_waits(desk: SpotCheckDesk, picture: Path, home: Path) -> None:
    wanted = request(scripted("A"), picture, items(2))
    senseless = wanted.plan.model_copy(update={"prompt": "with-reason-1", "text": False})
    asked = desk.ask(**{**vars(wanted), "plan": senseless})
    assert eventually(lambda: not asked.waiting)
    assert asked.error.startswith("The prompt 'Reason, then letter' is answered in words")
    assert stored_runs(home) == []
