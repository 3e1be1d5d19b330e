"""Fetching a model from the page: what goes wrong is a sentence, and a fetching that hangs is stopped."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from medmat_explorer.ui.backbone_fetch import BackgroundFetch


@pytest.fixture
def mute_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A hub that takes every call and never answers, and a cache of the test's own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield listening


def test_a_hub_that_cannot_be_reached_is_a_sentence(mute_hub: socket.socket) -> None:
    mute_hub.close()
    job = BackgroundFetch("nobody/nothing-of-the-kind")
    assert job.wait(60)
    assert job.error.startswith("nobody/nothing-of-the-kind could not be fetched from the Hugging Face hub: ")
    assert "\n" not in job.error


def test_a_fetching_that_hangs_is_stopped(mute_hub: socket.socket) -> None:
    job = BackgroundFetch("nobody/nothing-of-the-kind", parameters=500_000_000)
    mute_hub.settimeout(60)
    caller, _ = mute_hub.accept()
    with caller:
        caller.settimeout(60)
        assert caller.recv(4096).startswith(b"GET /")
        assert job.running
        assert (job.done, job.total) == (0, 1000)
        begin = time.monotonic()
        job.stop()
        assert job.wait(20)
        assert time.monotonic() - begin < 15
        assert (job.error, job.stopped) == ("", True)
        caller.settimeout(20)
        assert caller.recv(4096) == b"", "the program that fetched is gone"


def test_what_lies_in_the_cache_already_is_fetched_at_once(mute_hub: socket.socket, tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    model = tmp_path / "hub" / "models--nobody--here"
    (model / "snapshots" / commit).mkdir(parents=True)
    (model / "snapshots" / commit / "config.json").write_text("{}")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(commit)
    job = BackgroundFetch("nobody/here")
    assert job.wait(60)
    assert job.error == ""
