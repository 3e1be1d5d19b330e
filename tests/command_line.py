"""Commands as a user gives them: in a process of their own, or here, where starting Python is not what is looked at."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from medmat_explorer.__main__ import main
from medmat_explorer.config import settings
from tests.conftest import ROOT


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def run_apart(*arguments: str, home: Path, **environ: str) -> Ran:
    """Runs a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "medmat_explorer", *arguments],
        cwd=ROOT,
        env={**os.environ, "MEDMAT_HOME": str(home), "MEDMAT_THREADS": "1", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def run(*arguments: str, home: Path, **environ: str) -> Ran:
    """Runs a command by the program's own `main`, in this process: starting another costs one to two seconds."""
    told = {"MEDMAT_HOME": str(home), "MEDMAT_THREADS": "1", "COLUMNS": "80", **environ}
    status: object = 0
    with (
        mock.patch.dict(os.environ, told),
        mock.patch.object(sys, "argv", ["medmat_explorer", *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        settings.cache_clear()
        try:
            main()
        except SystemExit as ended:
            status = ended.code
        finally:
            settings.cache_clear()
    return Ran(int(str(status or 0)), out.getvalue(), err.getvalue())


def json_of(*arguments: str, home: Path, **environ: str) -> dict[str, object]:
    """The one JSON object of a command that must succeed."""
    done = run(*arguments, "--json", home=home, **environ)
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def assert_one_sentence(done: Ran) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
