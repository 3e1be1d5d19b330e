"""Runs the tests in three parts beside each other: each waits a lot, for a browser, for a model's process, for a disk.

`python -m tests.side_by_side` streams the largest part; what the others print follows when they are done. Ends with 1
when a test of any part failed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
WITH_MODELS = (
    "test_bundled_backbone", "test_embedding_map", "test_embeddings", "test_families", "test_loading",
    "test_lora_adapter", "test_make_subset", "test_remote_*", "test_transformers_adapter", "test_vision_encoder",
    "test_worker",
)  # fmt: skip
"""Files whose tests load models; any other file of `tests/` is among the rest."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Threads of a library that wait for each other by spinning take the cores from the other parts."""


def model_files() -> list[str]:
    """The files of the second part."""
    found = {file for name in WITH_MODELS for file in (ROOT / "tests").glob(f"{name}.py")}
    return sorted(str(file.relative_to(ROOT)) for file in found)


def started(arguments: list[str], printed: IO[str]) -> "subprocess.Popen[str]":
    """A part whose words are kept for later; it leaves pytest's cache to the part that is streamed."""
    return subprocess.Popen(
        [*PYTEST, *arguments, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=subprocess.STDOUT,
        text=True,
    )


def main() -> int:
    """The exit status of `make test`."""
    models = model_files()
    with tempfile.TemporaryFile("w+") as in_browser, tempfile.TemporaryFile("w+") as with_models:
        parts = [started(["tests/e2e"], in_browser), started(models, with_models)]
        try:
            print("The tests in a browser and those with models run beside these; their words follow.", flush=True)
            ignored = [f"--ignore={path}" for path in ("tests/e2e", *models)]
            environ = {**os.environ, **ONE_THREAD}
            others = subprocess.run([*PYTEST, *ignored], cwd=ROOT, env=environ, stdin=subprocess.DEVNULL).returncode
            ends = [part.wait() for part in parts]
        finally:
            for part in parts:
                if part.poll() is None:
                    part.terminate()
                    part.wait()
        for title, printed in (("with models", with_models), ("in a browser", in_browser)):
            printed.seek(0)
            print(f"\nThe tests {title}:\n{printed.read()}", flush=True)
    return int(any((others, *ends)))


if __name__ == "__main__":
    sys.exit(main())
