"""A map by UMAP, found by a program of its own: it takes long, and numba's threads have no place in a web server.

`python -m medmat_explorer.map_layout` reads one line, {"vectors": file, "out": file, "seed": n, ...}, says how it
stands in lines, and ends when its input closes.
"""

import json
import os
import sys
import threading
import time
import warnings
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from medmat_explorer.backbones.program import describe_death, start_program
from medmat_explorer.errors import BackboneError
from medmat_explorer.store.embedding_map import StoredLayout

PROGRAM = "medmat_explorer.map_layout"
NEIGHBOURS, LEAST_DISTANCE = 15, 0.1
METHOD = f"umap neighbours={NEIGHBOURS} distance={LEAST_DISTANCE} cosine"
FEWEST = NEIGHBOURS + 1
"""Pictures that UMAP needs."""


def umap_is_installed() -> bool:
    """Whether the extra `map` is there; nothing is imported."""
    return find_spec("umap") is not None


class BackgroundLayout:
    """One search for places, in a process and a thread of its own. Raises BackboneError when none begins."""

    def __init__(self, vectors: npt.NDArray[np.float32], stored: StoredLayout, seed: int) -> None:
        self.stored = stored
        self.stage, self.error = "Starting", ""
        self.stopped = False
        self._began = time.monotonic()
        self._scratch = TemporaryDirectory(prefix=".umap-", dir=stored.folder(), ignore_cleanup_errors=True)
        given, found = Path(self._scratch.name) / "vectors.npy", Path(self._scratch.name) / "places.npy"
        np.save(given, vectors, allow_pickle=False)
        try:
            self._process = start_program(PROGRAM)
        except OSError as error:
            self._scratch.cleanup()
            raise BackboneError(f"No process for the map could be started: {error.strerror or error}.") from error
        request = {"vectors": str(given), "out": str(found), "seed": seed}
        self._thread = threading.Thread(target=self._follow, args=(request, found), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """How long it has worked."""
        return time.monotonic() - self._began

    def stop(self) -> None:
        """Ends it; nothing of it is kept."""
        self.stopped = True
        self._process.kill()

    def _follow(self, request: dict[str, Any], found: Path) -> None:
        process = self._process
        try:
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.write(json.dumps(request).encode() + b"\n")
                    process.stdin.flush()
            for line in process.stdout or ():
                self.stage = line.decode("utf-8", "replace").strip() or self.stage
            status = process.wait()
            if status == 0 and found.exists():
                found.replace(self.stored.file)
            elif not self.stopped:
                self.error = f"{describe_death('The search for places on the map', status)}: start it again."
        finally:
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(OSError):
                    pipe.close()
            self._scratch.cleanup()


def main() -> None:
    """The program."""
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    print("Starting UMAP", flush=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a seed leaves UMAP one thread, of which it warns
        import umap

        vectors = np.load(request["vectors"], allow_pickle=False)
        print(f"UMAP places {len(vectors):,} pictures", flush=True)
        layout = umap.UMAP(
            n_neighbors=NEIGHBOURS, min_dist=LEAST_DISTANCE, metric="cosine", random_state=int(request["seed"])
        )
        places = layout.fit_transform(vectors)
    np.save(request["out"], places.astype(np.float32), allow_pickle=False)
    os._exit(0)  # a thread still waits for the input, and the interpreter cannot end in order while it does


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
