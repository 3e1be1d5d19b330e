"""Fetching a model of the hub from the page, where the operator allows downloads: followed, stopped, taken up again."""

import os
import subprocess
import sys
from pathlib import Path

import streamlit as st

from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.config import ROOT
from medmat_explorer.errors import BackboneError
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.work_bar import follow_work

PROGRAM = "medmat_explorer.backbones.fetching"
LOOK_SECONDS = 0.5
STAGE = "megabytes fetched"
LEFT = "What was fetched by then is taken up by the next try."


class BackgroundFetch(BackgroundWork):
    """One model on its way into the hub's cache. `pin` is owner/name, or owner/name@revision.

    `done` and `total` are megabytes: those that lie in the cache, and those that the weights take as 16-bit numbers, 0
    where that is not known.
    """

    what = "The fetching"

    def __init__(self, pin: str, parameters: int = 0) -> None:
        super().__init__(STAGE)
        self.pin = pin
        self._expected = parameters * 2 // 10**6
        self.begin()

    def work(self) -> None:
        """Runs the fetching as a program of its own. Raises BackboneError with its sentence."""
        blobs = _blobs(self.pin.partition("@")[0])
        with _started(self.pin) as process:
            while process.poll() is None:
                if self.stopped:
                    process.kill()
                    return
                self.told(STAGE, _megabytes(blobs), self._expected)
                try:
                    process.wait(LOOK_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
            said = process.stdout.read().decode(errors="replace").strip() if process.stdout else ""
        if process.returncode:
            raise BackboneError(said or f"The fetching of {self.pin} stopped (exit status {process.returncode}).")


def draw_fetch(pin: str, title: str, parameters: int) -> bool:
    """A button, the bar while it is fetched, what went wrong. Returns whether it has just come to lie in the cache."""
    job = _jobs().get(pin)
    if job is not None and job.running:
        follow_work(job, f"Fetching {title}", LEFT)
        return False
    if job is not None and job.error:
        st.error(plain(job.error), icon=":material/error:")
    elif job is not None and not job.stopped:
        _jobs().pop(pin, None)  # another session may have been first
        return True
    st.button("Fetch", icon=":material/cloud_download:", on_click=_start, args=(pin, parameters), key=f"fetch {pin}")
    return False


def _start(pin: str, parameters: int) -> None:
    job = _jobs().get(pin)
    if job is None or not job.running:
        _jobs()[pin] = BackgroundFetch(pin, parameters)


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[str, BackgroundFetch]:
    """The fetchings of this server by what is fetched; shared by all sessions."""
    return {}


def _started(pin: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    try:
        return subprocess.Popen(
            [sys.executable, "-m", PROGRAM, pin],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path, "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        )
    except OSError as error:
        raise BackboneError(f"No process for the fetching could be started: {error.strerror or error}.") from error


def _blobs(hub_id: str) -> Path:
    """Where the hub's cache keeps a model's files."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE) / f"models--{hub_id.replace('/', '--')}" / "blobs"


def _megabytes(folder: Path) -> int:
    try:
        return sum(entry.stat().st_size for entry in os.scandir(folder)) // 10**6
    except OSError:  # not there yet, or a file was just renamed
        return 0
