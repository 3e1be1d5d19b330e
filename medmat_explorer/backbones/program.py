"""Programs of our own beside the web server: started as `python -m`, they end when their input closes."""

import os
import signal
import subprocess
import sys

from medmat_explorer.config import ROOT

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}


def start_program(module: str) -> subprocess.Popen[bytes]:
    """A program that reads its input and writes its output in lines. Raises OSError when it cannot begin."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, **OFFLINE, "PYTHONPATH": path},
    )


def describe_death(what: str, status: int) -> str:
    """How a program ended, as a sentence without its full stop."""
    if status >= 0:
        return f"{what} stopped (exit status {status})"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = "unknown"
    memory = ", which is also how a system ends what takes too much memory" if name == "SIGKILL" else ""
    return f"{what} stopped (signal {-status}, {name}{memory})"
