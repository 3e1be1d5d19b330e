"""An evaluation over a real Ray cluster of two workers on this machine: the same answers, nothing asked twice."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from medmat_explorer.__main__ import app
from medmat_explorer.backbones.contract import LoadOptions, Question, Reply
from medmat_explorer.backbones.registry import resolve
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.errors import BackboneError
from medmat_explorer.evaluation.run_record import JudgedAnswer
from medmat_explorer.experiments import ray_engine
from medmat_explorer.experiments.asker import Asker
from medmat_explorer.experiments.blocking_spot_check import on_this_machine
from medmat_explorer.experiments.evaluation import Engine, evaluate_split, resume_evaluation
from medmat_explorer.experiments.ray_engine import RayWorkers, over_ray
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.run_list import find_runs

SUBSETS = ("P01", "P02")
BUNDLED = resolve("phantom-llava")
ONE_THREAD = LoadOptions(device="cpu", threads=1)
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (the extra `ray`)")


@pytest.fixture
def mine(home: Path, phantoms_home: Path) -> Path:
    """A home with the phantoms and no runs."""
    (home / "collections").symlink_to(phantoms_home / "collections")
    return home


@pytest.fixture
def phantoms(mine: Path) -> Iterator[Catalog]:
    with closing(open_catalog("phantoms", mine)) as catalog:
        yield catalog


def by_place(answers: tuple[JudgedAnswer, ...]) -> dict[tuple[str, str], JudgedAnswer]:
    return {(answer.item, answer.variant): answer for answer in answers}


def of(workers: Asker) -> Engine:
    """An engine on what is loaded already."""
    name = "ray" if isinstance(workers, RayWorkers) else "local"
    return Engine(name, lambda ref, options, progress: nullcontext(workers))


def stopped_early(phantoms: Catalog, home: Path, here: Engine) -> str:
    """A run on this machine that was interrupted when it had asked a few."""

    def interrupt(stage: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate_split(phantoms, BUNDLED, home, subsets=SUBSETS, progress=interrupt, engine=here)
    (row,) = find_runs(home)
    return row.id


def assert_the_same_answers(phantoms: Catalog, home: Path, workers: RayWorkers, here: BackboneWorker) -> None:
    run_id = stopped_early(phantoms, home, of(here))
    before = open_run(home, run_id).answers
    resumed = resume_evaluation(run_id, phantoms, BUNDLED, home, engine=of(workers))
    local = evaluate_split(phantoms, BUNDLED, home, subsets=SUBSETS, engine=of(here))
    record, other = open_run(home, run_id), open_run(home, str(local["run_id"]))
    assert (resumed["engine"], resumed["n"], resumed["correct"]) == ("ray", local["n"], local["correct"])
    assert 0 < len(before) < len(record.answers) and record.answers[: len(before)] == before
    assert Counter(a.item for a in record.answers) == Counter(record.header.item_keys)
    ours, theirs = by_place(record.answers), by_place(other.answers)
    assert ours.keys() == theirs.keys()
    for place, answer in ours.items():
        same = theirs[place]
        assert (answer.text, answer.read, answer.picture) == (same.text, same.read, same.picture)
        assert answer.probabilities == pytest.approx(same.probabilities, abs=1e-5)


def asked_again(phantoms: Catalog, times: int) -> list[Question]:
    """The same items as many questions with keys of their own."""
    items = phantoms.sample(8, 0)
    letters = {item.key: tuple(option.letter for option in item.options) for item in items}
    return [
        Question(f"{item.key} {turn}", item.question_choice, letters[item.key], phantoms.image_of(item))
        for turn in range(times)
        for item in items
    ]


def assert_a_dead_worker_loses_nothing(phantoms: Catalog, workers: RayWorkers) -> None:
    import ray

    questions, heard = asked_again(phantoms, 40), list[Reply]()
    some = threading.Event()

    def hear(reply: Reply) -> None:
        heard.append(reply)
        some.set()

    job = workers.submit(questions, hear)
    assert some.wait(60)
    ray.kill(workers._actors[0])
    assert job.wait(120) and not job.error
    assert Counter(reply.key for reply in heard) == Counter(question.key for question in questions)
    assert len(workers._actors) == 1


def assert_a_picture_that_a_worker_does_not_see_ends_the_run(phantoms: Catalog, workers: RayWorkers) -> None:
    (question, *_) = asked_again(phantoms, 1)
    job = workers.submit([replace(question, picture=question.picture.with_name("elsewhere.png"))])
    assert job.wait(60)
    assert "A worker does not see" in job.error and "under one path" in job.error
    with pytest.raises(BackboneError, match="no longer loaded"):
        workers.submit([question], revision="another")


@needs_ray
def test_a_cluster_gives_the_same_answers_and_survives_a_worker(
    phantoms: Catalog, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RAY_ADDRESS", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    stages: list[str] = []

    def tell(stage: str, done: int, total: int) -> None:
        stages.append(stage)

    with over_ray(2)(BUNDLED, ONE_THREAD, tell) as workers, on_this_machine(BUNDLED, ONE_THREAD, tell) as here:
        assert isinstance(workers, RayWorkers) and len(workers._actors) == 2
        assert isinstance(here, BackboneWorker)
        assert_the_same_answers(phantoms, mine, workers, here)
        assert_a_picture_that_a_worker_does_not_see_ends_the_run(phantoms, workers)
        assert_a_dead_worker_loses_nothing(phantoms, workers)
    assert stages[:2] == ["Joining the cluster.", "Loading on the cluster."]


def test_without_ray_the_command_says_what_to_install(
    mine: Path, use_home: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_home.setenv("MEDMAT_HOME", str(mine))

    def nothing(name: str, package: Any = None) -> None:
        return None

    monkeypatch.setattr(ray_engine, "find_spec", nothing)
    asked = ("evaluate", "phantoms", "--backbone", "always-a", "--engine", "ray")
    done = CliRunner().invoke(app, asked)
    assert isinstance(done.exception, BackboneError) and "medmat-explorer[ray]" in str(done.exception)
    assert find_runs(mine) == []
    assert CliRunner().invoke(app, (*asked[:-1], "spark")).exit_code == 2
