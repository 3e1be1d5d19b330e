"""Runs benchmarks and writes `docs/benchmarks.md` with machine, load and date: `python -m tests.bench [NAME ...]`.

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


def kept_sections() -> dict[str, str]:
    """The sections of the report as it is, by title."""
    text = REPORT.read_text("utf-8") if REPORT.exists() else ""
    return {part.splitlines()[0]: part.strip() for part in text.split("\n## ")[1:]}


def main() -> None:
    """Measures what is named (everything, when nothing is), prints it and writes the report; other sections stay."""
    wanted = set(sys.argv[1:])
    sections = kept_sections() if wanted else {}
    for path in sorted(HERE.glob("bench_*.py")):
        if wanted and path.stem.removeprefix("bench_") not in wanted:
            continue
        print(f"{path.stem} ...", flush=True)
        measured_on = machine()
        result = measure(path.stem)
        note = f"{result['note']} Measured on {measured_on}."
        sections[result["title"]] = f"{result['title']}\n\n{note}\n\n{table(result['rows'])}"
        print(sections[result["title"]], flush=True)
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text("\n\n## ".join([HEAD.strip(), *sections.values()]) + "\n", "utf-8")
    print(f"Written to {REPORT.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
