"""Real models behind real servers: the same answers as when they are loaded here."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from PIL import Image

from medmat_explorer.backbones.contract import LoadOptions, Posed, Question
from medmat_explorer.backbones.part_answers import PartAnswered
from medmat_explorer.backbones.remote_adapter import load_remote
from medmat_explorer.backbones.remote_capabilities import RemoteCapabilities
from medmat_explorer.backbones.remote_client import Patience
from medmat_explorer.backbones.transformers_adapter import TransformersBackbone, load_folder
from medmat_explorer.config import BUNDLED_BACKBONES
from medmat_explorer.errors import BackboneError
from medmat_explorer.phantoms.draw import draw
from medmat_explorer.phantoms.questions import items_of
from medmat_explorer.phantoms.world import Stream, all_subsets
from tests.asking import ask, letters, write
from tests.openai_server import SmallServer, listening
from tests.served_backbone import think_with

FOLDER = BUNDLED_BACKBONES / "phantom-llava"
PATIENT = Patience(seconds=60, retries=1, at_once=2)
START_SECONDS = 60
Started = tuple[subprocess.Popen[bytes], int, Path]
"""A server's process, its port, and what it prints."""


@pytest.fixture(scope="module")
def local() -> TransformersBackbone:
    return load_folder(FOLDER, LoadOptions(device="cpu", dtype="float32"), lambda stage: None)


@pytest.fixture(scope="module")
def phantoms() -> list[Posed]:
    """Questions of four subsets with different right letters, and their pictures."""
    items = [items_of(subset, Stream.TEST, 77, 9)[place] for place, subset in enumerate(all_subsets()[1:5])]
    return [
        Posed(
            Question(f"q{number}", item.question_choice, tuple("ABCDEFGH"[: len(item.options)]), Path("drawn.png")),
            draw(item.subset, item.label, item.seed),
        )
        for number, item in enumerate(items)
    ]


def test_numbers_over_http_are_those_of_the_model(local: TransformersBackbone, phantoms: list[Posed]) -> None:
    with listening(SmallServer(think=think_with(FOLDER))) as server:
        remote = load_remote(server.address, lambda stage: None, PATIENT)
        here, there = letters(local, phantoms), ask(remote, phantoms, wants_text=False)
        texts = [written.text for written in write(remote, phantoms)]
        remote.unload()
    for ours, theirs in zip(here, there, strict=True):
        numbers = theirs.probabilities
        assert numbers.index(max(numbers)) == ours.index(max(ours))
        assert numbers == pytest.approx(ours, abs=0.02 if theirs.note else 1e-4)
    assert texts == [written.text for written in write(local, phantoms)]


@pytest.fixture(scope="module", autouse=True)
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """`transformers serve` with the bundled backbone, offline on the CPU. It starts while other tests run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    command = [Path(sys.executable).with_name("transformers"), "serve", FOLDER, "--device", "cpu", "--dtype", "float32"]
    with log.open("wb") as output:
        environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(log.parent), "PATH": "/usr/bin:/bin"}
        process = subprocess.Popen(
            [*map(str, command), "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
        )
    try:
        yield process, port, log
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def serve(started: Started) -> str:
    """Its address, once it listens."""
    process, port, log = started
    _wait(process, f"http://127.0.0.1:{port}/health", log)
    return f"http://127.0.0.1:{port}/v1#{FOLDER}"


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8")[-4000:])


def test_transformers_serve_writes_what_the_model_writes_here(
    serve: str, local: TransformersBackbone, phantoms: list[Posed]
) -> None:
    remote = load_remote(serve, lambda stage: None, PATIENT)
    assert remote.found == RemoteCapabilities()  # it lists no likely tokens and cannot be held to letters
    heard: list[str] = []
    over_http = write(remote, phantoms, lambda: False, lambda key, text: heard.append(text))
    here = write(local, phantoms)
    assert [written.text for written in over_http] == [written.text for written in here]
    assert heard[-1] == here[0].text
    grey = [Posed(posed.question, Image.new("RGB", posed.picture.size, (128, 128, 128))) for posed in phantoms]
    blind = [written.text for written in write(remote, grey)]
    assert blind != [written.text for written in over_http]
    try:
        given = ask(remote, phantoms, wants_text=False)
    except PartAnswered as part:  # a text that is no bare letter has none
        given = list(part.said.values())
    assert all(written.probabilities == () and written.chosen for written in given)
    remote.unload()
    with pytest.raises(BackboneError, match="Server is pinned to"):
        load_remote(serve.replace("phantom", "other"), lambda stage: None, PATIENT)
