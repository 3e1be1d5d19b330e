"""Runs every benchmark and writes `docs/benchmarks.md` with machine, load and date: `python -m tests.bench`.

A benchmark is a module `bench_*.py` here that prints one JSON object when run with --json: `title`, `note`, and
`rows`, a list of objects with the same keys (one line of its table each).
"""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

HERE = Path(__file__).parent
REPORT = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make bench`. Ratios are between two ways measured in the same run on the same machine; single times depend on
the machine and its load, so read the ratios.
"""


def machine() -> str:
    """The machine and how busy it was before the first measurement."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    return f"{datetime.now(UTC):%Y-%m-%d}, {cores}, load {load:.1f}, Python {platform.python_version()}"


def measure(module: str) -> dict[str, Any]:
    """Runs one benchmark in a process of its own."""
    command = [sys.executable, "-m", f"tests.bench.{module}", "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def table(rows: list[dict[str, Any]]) -> str:
    """Rows as Markdown."""
    names = list(rows[0])
    lines = [f"| {' | '.join(names)} |", f"| {' | '.join('---' for _ in names)} |"]
    lines += [f"| {' | '.join(str(row[name]) for name in names)} |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    """Measures everything, prints and writes the report."""
    parts = [HEAD, f"Machine: {machine()}."]
    for path in sorted(HERE.glob("bench_*.py")):
        print(f"{path.stem} ...", flush=True)
        result = measure(path.stem)
        parts.append(f"## {result['title']}\n\n{result['note']}\n\n{table(result['rows'])}")
        print(parts[-1], flush=True)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n\n".join(parts) + "\n", "utf-8")
    print(f"Written to {REPORT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
