"""A whole split asked: killed and taken up again, the same for the same seed, and honest about what it cannot do."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from medmat_explorer.__main__ import app
from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.backbones.worker import BackboneWorker
from medmat_explorer.domain.qa import Split
from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.evaluation.run_record import ControlName, RunKind, RunState, SpotCheckPlan
from medmat_explorer.experiments.evaluation import evaluate_split, resume_evaluation, split_items
from medmat_explorer.experiments.spot_check_service import LiveRun, start
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.run_list import find_runs
from medmat_explorer.store.runs import reopen_run
from tests.conftest import ROOT

SLOW = {"letter": "B", "text": "B", "seconds": 0.01}
KILLED = """
import pathlib, sys
from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.scripted import Script
from medmat_explorer.domain.qa import Split
from medmat_explorer.experiments.evaluation import evaluate_split
from medmat_explorer.store.collections import open_catalog
home = pathlib.Path(sys.argv[1])
ref = BackboneRef(resolve("always-a").manifest, script=Script(letter="B", text="B", seconds=0.01))
evaluate_split(open_catalog("phantoms", home), ref, home, Split.TRAIN, begun=lambda run: print(run, flush=True))
"""


@pytest.fixture
def mine(home: Path, phantoms_home: Path) -> Path:
    """A home with the phantoms and no runs."""
    (home / "collections").symlink_to(phantoms_home / "collections")
    return home


@pytest.fixture
def phantoms(mine: Path) -> Iterator[Catalog]:
    with closing(open_catalog("phantoms", mine)) as catalog:
        yield catalog


def scripted(**script: Any) -> BackboneRef:
    return BackboneRef(resolve("always-a").manifest, script=Script(**script))


def run(home: Path, *arguments: str) -> tuple[int, str, str]:
    """A command in this process: its status, what it prints, and what it says besides."""
    done = CliRunner().invoke(app, arguments, env={"MEDMAT_HOME": str(home)})
    said = str(done.exception) if done.exception and not isinstance(done.exception, SystemExit) else ""
    return done.exit_code, done.stdout, done.stderr + said


def test_every_item_of_the_split_is_asked_once(phantoms: Catalog, mine: Path) -> None:
    told: list[str] = []
    result = evaluate_split(phantoms, scripted(letter="A"), mine, begun=told.append)
    record = open_run(mine, str(result["run_id"]))
    wanted = {item.key for item in split_items(phantoms, Split.TEST, (), 0)}
    assert Counter(answer.item for answer in record.answers) == Counter(wanted)
    assert len(wanted) == phantoms.summary().splits["test"] == result["n"] == result["items"]
    assert (record.state, record.header.kind, told) == (RunState.FINISHED, RunKind.EVALUATION, [record.header.id])
    assert (record.header.plan.split, result["split"], result["engine"]) == ("test", "test", "local")
    by_subset = result["by_subset"]
    assert isinstance(by_subset, dict)
    assert {subset: score["n"] for subset, score in by_subset.items()} == dict(record.header.subsets)
    assert all({"n", "interval", "chance", "majority"} <= score.keys() for score in by_subset.values())


def test_what_is_kept_names_pictures_times_and_libraries(phantoms: Catalog, mine: Path) -> None:
    result = evaluate_split(phantoms, scripted(), mine, subsets=["P01"])
    record = open_run(mine, str(result["run_id"]))
    assert record.ended and record.header.created <= record.began <= record.ended
    assert len(record.pictures) == len(record.answers) == record.header.subsets["P01"]
    assert all(len(digest) == 64 for digest in record.pictures.values())
    assert record.header.libraries["python"] == ".".join(map(str, sys.version_info[:3]))
    (row,) = find_runs(mine)
    assert (row.kind, row.split, row.subsets, row.items) == ("evaluation", "test", ("P01",), len(record.answers))


def test_a_killed_evaluation_is_taken_up_and_asks_nothing_twice(phantoms: Catalog, mine: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, mine], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        run_id = program.stdout.readline().strip()
        answers = mine / "runs" / run_id / "answers.jsonl"
        deadline = time.monotonic() + 30
        while answers.read_bytes().count(b"\n") < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(RunError, match="being written by another session"):
            resume_evaluation(run_id, phantoms, scripted(**SLOW), mine)
        os.kill(program.pid, signal.SIGKILL)
    with answers.open("ab") as file:
        file.write(b'{"item":"half')  # what a line looks like that was being written
    before = open_run(mine, run_id)
    total = phantoms.summary().splits["train"]
    assert (before.state, before.header.item_keys.__len__()) == (RunState.UNFINISHED, total)
    assert 20 <= len(before.answers) < total
    asked: list[int] = []
    result = resume_evaluation(
        run_id, phantoms, scripted(**SLOW), mine, None, lambda stage, done, _: asked.append(done) if done else None
    )
    record = open_run(mine, run_id)
    assert (record.state, record.lost_lines, result["run_id"], result["n"]) == (RunState.FINISHED, 0, run_id, total)
    assert record.answers[: len(before.answers)] == before.answers
    assert Counter(answer.item for answer in record.answers) == Counter(record.header.item_keys)
    assert asked[0] >= len(before.answers)
    with pytest.raises(RunError, match="is finished"):
        resume_evaluation(run_id, phantoms, scripted(**SLOW), mine)


def test_a_seed_orders_the_items_and_does_not_choose_them(phantoms: Catalog) -> None:
    first, again, other = (split_items(phantoms, Split.TEST, (), seed) for seed in (1, 1, 2))
    assert first == again != other
    assert {item.key for item in first} == {item.key for item in other}
    assert {item.subset for item in split_items(phantoms, Split.TEST, ("P01", "P02"), 1)} == {"P01", "P02"}
    half = first[: len(first) // 2]
    assert len({item.subset for item in half}) > len({item.subset for item in first}) / 2


def test_the_same_seed_and_backbone_give_the_same_answers(phantoms: Catalog, mine: Path) -> None:
    worker, ref = BackboneWorker(), resolve("phantom-llava")
    items = phantoms.sample(12, 3)
    plan = SpotCheckPlan(
        collection="phantoms",
        version=phantoms.version,
        backbone=ref.id,
        n=12,
        seed=3,
        controls=(ControlName.ROTATIONS,),
    )

    def asked() -> LiveRun:
        found = start(plan, items, phantoms.image_of, worker, mine)
        assert found.wait(60)
        return found

    try:
        worker.start(ref, LoadOptions(device="cpu", threads=1))
        worker.wait_until_loaded(60)
        first, again = asked(), asked()
    finally:
        worker.unload()
    said = [
        {(a.item, a.variant): (a.text, a.read, a.letter, a.picture, a.verdict) for a in found.answers}
        for found in (first, again)
    ]
    assert said[0] == said[1] and len(said[0]) > 12
    probabilities = [{(a.item, a.variant): a.probabilities for a in found.answers} for found in (first, again)]
    assert all(probabilities[0][key] == pytest.approx(probabilities[1][key], abs=1e-5) for key in probabilities[0])


def test_a_run_is_only_taken_up_where_it_belongs(phantoms: Catalog, mine: Path) -> None:
    result = evaluate_split(phantoms, scripted(), mine, subsets=["P01"])
    run_id = str(result["run_id"])
    (mine / "runs" / run_id / "finished").unlink()
    with pytest.raises(RunError, match="was asked of always-a, not phantom-llava"):
        resume_evaluation(run_id, phantoms, resolve("phantom-llava"), mine)
    header = mine / "runs" / run_id / "header.json"
    header.write_text(header.read_text().replace('"collection": "phantoms"', '"collection": "others"'))
    with pytest.raises(RunError, match="asked about 'others', not 'phantoms'"):
        resume_evaluation(run_id, phantoms, scripted(), mine)
    with pytest.raises(UnknownNameError, match="There is no run"):
        resume_evaluation("2026-01-01-000000-gone-0000", phantoms, scripted(), mine)


def test_items_that_are_gone_are_told_before_anything_is_loaded(phantoms: Catalog, mine: Path) -> None:
    run_id = str(evaluate_split(phantoms, scripted(), mine, subsets=["P01"])["run_id"])
    folder = mine / "runs" / run_id
    (folder / "finished").unlink()
    header = json.loads((folder / "header.json").read_text())
    header["item_keys"].append("0" * 16)
    (folder / "header.json").write_text(json.dumps(header))
    with pytest.raises(RunError, match="no longer all in its collection"):
        resume_evaluation(run_id, phantoms, scripted(), mine)
    reopen_run(mine, run_id).close(finished=False)


def test_a_subset_that_is_not_there_is_told(phantoms: Catalog, mine: Path) -> None:
    with pytest.raises(UnknownNameError, match="There is no subset '99'"):
        evaluate_split(phantoms, scripted(), mine, subsets=["P01", "99"])
    assert find_runs(mine) == []


def test_the_command_evaluates_compares_lists_and_exports(
    mine: Path, use_home: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_home.setenv("MEDMAT_HOME", str(mine))
    asked = ("evaluate", "phantoms", "--backbone", "always-a", "--subset", "p01", "--subset", "P02", "--json")
    status, out, err = run(mine, *asked, "--seed", "4")
    assert status == 0, err
    first = json.loads(out)
    assert {"run_id", "backbone", "n", "correct", "wrong", "unparsed", "accuracy", "interval", "chance"} <= first.keys()
    assert {"majority", "controls", "items_per_second"} <= first.keys()
    assert (sorted(first["by_subset"]), first["seed"], first["n"]) == (["P01", "P02"], 4, first["items"])
    second = json.loads(run(mine, *asked)[1])
    compared = json.loads(run(mine, "compare", first["run_id"], second["run_id"], "--json")[1])
    assert (compared["n"], compared["only_a"], compared["only_b"]) == (first["n"], 0, 0)
    assert (compared["both"], compared["both"] + compared["neither"]) == (first["correct"], first["n"])
    assert (compared["mcnemar_p"], compared["difference"], len(compared["interval"])) == (1.0, 0.0, 2)
    assert compared["warnings"] == ["The seeds differ: 4 and 0. Only the items drawn by both are compared."]
    listed = json.loads(run(mine, "runs", "--subset", "p01", "--status", "finished", "--json")[1])["runs"]
    assert {row["id"] for row in listed} == {first["run_id"], second["run_id"]}
    status, _, _ = run(mine, "export-run", first["run_id"], "--out", str(tmp_path / "run.jsonl"))
    assert (status, len((tmp_path / "run.jsonl").read_text().splitlines())) == (0, first["n"] + 1)
    taken = json.loads(run(mine, "import-run", "phantoms", str(tmp_path / "run.jsonl"), "--json")[1])
    assert (taken["n"], taken["matched"], taken["unmatched"]) == (first["n"], {"item key": first["n"]}, {})
    assert run(mine, "runs", "--delete", second["run_id"])[0] == 0
    assert second["run_id"] not in run(mine, "runs", "--json")[1]


def test_a_resumed_run_knows_its_own_items(mine: Path, use_home: pytest.MonkeyPatch) -> None:
    use_home.setenv("MEDMAT_HOME", str(mine))
    asked = ("evaluate", "phantoms", "--backbone", "always-a", "--resume", "2026-01-01-000000-gone-0000")
    for more in (("--subset", "P01"), ("--split", "train")):
        done = CliRunner().invoke(app, (*asked, *more))
        assert isinstance(done.exception, RunError) and "knows its own items" in str(done.exception)
    assert isinstance(CliRunner().invoke(app, asked).exception, UnknownNameError)
