"""A backbone behind a server goes through the same process, runs and commands as any other."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import Answer, Question, Unanswered
from medmat_explorer.backbones.registry import BackboneRef, resolve
from medmat_explorer.backbones.worker import BackboneWorker, Phase
from medmat_explorer.errors import BackboneError
from tests import openai_server as faults
from tests.conftest import ROOT
from tests.openai_server import MODEL, SmallServer, listening

ENOUGH = 60.0
KEY = "sk-never-to-be-stored-1234567890"


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with listening(SmallServer()) as server:
        yield server


@pytest.fixture
def worker(use_home: pytest.MonkeyPatch) -> Iterator[BackboneWorker]:
    for name in ("MEDMAT_API_KEY", "MEDMAT_ENDPOINTS"):
        use_home.delenv(name, raising=False)
    worker = BackboneWorker()
    yield worker
    worker.unload()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (24, 16), (10, 200, 60)).save(path)
    return path


def questions(picture: Path, count: int, name: str = "q", **more: bool) -> list[Question]:
    return [
        Question(f"{name}{n}", f"Which finding {n}?\nA: x\nB: y", ("A", "B"), picture, **more) for n in range(count)
    ]


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + ENOUGH
    while not true() and time.monotonic() < deadline:
        time.sleep(0.005)
    return true()


def test_an_address_is_a_backbone(server: SmallServer, use_home: pytest.MonkeyPatch) -> None:
    use_home.delenv("MEDMAT_ENDPOINTS", raising=False)
    ref = resolve(server.address)
    assert (ref.id, ref.problem) == (server.address, "")
    assert (ref.manifest.title, ref.manifest.source) == (f"{MODEL} at 127.0.0.1:{server.port}", "server")
    with pytest.raises(BackboneError, match="may not be asked"):
        resolve("https://api.openai.com/v1#gpt-x")
    with pytest.raises(BackboneError, match="does not say which model"):
        resolve("http://127.0.0.1:1/v1")
    assert isinstance(ref, BackboneRef)
    assert server.bodies == []


def test_it_is_loaded_asked_stopped_and_unloaded_like_any_other(
    server: SmallServer, worker: BackboneWorker, picture: Path
) -> None:
    worker.start(resolve(server.address))
    assert worker.wait_until_loaded(ENOUGH).revision.startswith("remote-")
    job = worker.submit([*questions(picture, 5), *questions(picture, 1, "blank", blank=True, wants_text=False)])
    assert job.wait(ENOUGH)
    replies = [reply for reply in job.poll() if isinstance(reply, Answer)]
    assert [(reply.letter, reply.text) for reply in replies] == [("B", "B: Cyst")] * 5 + [("B", None)]
    server.seconds = 0.05
    long = worker.submit(questions(picture, 500))
    assert eventually(lambda: long.answered > 0)
    long.stop()
    assert long.wait(ENOUGH)
    assert (long.error, 0 < long.answered < 500) == ("", True)
    worker.unload()
    assert worker.state.phase is Phase.IDLE


def test_a_fault_is_a_sentence_and_the_next_job_is_answered(
    server: SmallServer, worker: BackboneWorker, picture: Path
) -> None:
    worker.start(resolve(server.address))
    worker.wait_until_loaded(ENOUGH)
    server.by_prompt["finding 2?"] = faults.status(401)
    job = worker.submit(questions(picture, 12))
    assert job.wait(ENOUGH)
    assert "refuses the key (401)" in job.error
    assert 2 <= job.answered < 12
    server.by_prompt["finding 2?"] = faults.status(400, "No such picture form")
    again = worker.submit(questions(picture, 12))
    assert again.wait(ENOUGH)
    assert (again.error, again.answered) == ("", 12)
    (refused,) = [reply for reply in again.poll() if isinstance(reply, Unanswered)]
    assert "No such picture form, but it answers others" in refused.sentence
    assert worker.state.phase is Phase.READY


def test_a_server_that_is_gone_fails_the_load_and_a_restart_finds_it_again(
    worker: BackboneWorker, picture: Path
) -> None:
    server = SmallServer()
    with listening(server):
        worker.start(resolve(server.address))
        worker.wait_until_loaded(ENOUGH)
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        assert eventually(lambda: worker.state.phase is Phase.FAILED)
        worker.restart()
        worker.wait_until_loaded(ENOUGH)
        assert worker.submit(questions(picture, 1)).wait(ENOUGH)
    worker.restart()
    with pytest.raises(BackboneError, match="No server answers at 127.0.0.1"):
        worker.wait_until_loaded(ENOUGH)


def spot_check(home: Path, server: SmallServer, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "medmat_explorer", "spot-check", "phantoms", "--backbone", server.address]
    environment = {**os.environ, "MEDMAT_HOME": str(home), "MEDMAT_API_KEY": KEY, "MEDMAT_ENDPOINTS": ""}
    return subprocess.run([*command, *more], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def files_with(text: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_a_spot_check_from_the_command_line_keeps_the_run_and_never_the_key(
    server: SmallServer, phantoms_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(phantoms_home, home)
    server.key = KEY
    done = spot_check(home, server, "--n", "8", "--control", "blank", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert (result["backbone"], result["n"], result["no_picture"]) == (server.address, 8, 0)
    assert result["scores"].keys() == {"letters", "text"}
    run = home / "runs" / result["run_id"]
    header = json.loads((run / "header.json").read_text("utf-8"))
    assert (header["backbone_source"], header["device"]) == ("server", f"server 127.0.0.1:{server.port}")
    assert "likeliest tokens" in header["libraries"]["letters"]
    assert len((run / "answers.jsonl").read_text("utf-8").splitlines()) == 16
    server.key = "another"
    failed = spot_check(home, server, "--n", "4")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "refuses the key (401): Wrong key Bearer [key]. Set MEDMAT_API_KEY" in failed.stderr
    assert (files_with(KEY, home), KEY in done.stdout + failed.stdout + failed.stderr) == ([], False)
