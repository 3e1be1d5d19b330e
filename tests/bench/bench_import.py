"""How fast an import is, against json.load and pandas over the same files.

    python -m tests.bench.bench_import [--records 1000000] [--rounds 3] [--json]

Generates records deterministically, in Med-MAT's layout and without images, then times both in processes of their
own: the import into a fresh home (all checks but those of image files), and json.load of every file with a pandas
table over all records. Prints records a second, their ratio, and each process's peak of resident memory.
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SUBSETS = {"02": "2", "08": "15", "18": "40", "26": "50", "28": "81"}
LABELS = {
    "02": ["Cyst", "Normal", "Stone", "Tumor"],
    "08": ["melanoma", "nevus", "dermatofibroma", "basal cell carcinoma", "vascular lesion", "keratosis"],
    "18": ["Adipose: fat", "Mucus, smooth", "Lymphocytes", "Debris", "Colorectal adenocarcinoma epithelium"],
    "26": ["Fractured", "Not fractured"],
    "28": ["COVID-19", "Normal", "Pneumonia"],
}
QUESTIONS = (
    "Decide which category this image belongs to.",
    "What does the picture show, as far as can be told from it alone?",
    "Review the image and choose the most likely of the given findings.",
)
INSTRUCTION = "Answer with the option's letter from the given choices directly."
MENDED_SHARE = 0.005
"""Records without a letter, which go through the reference reader."""


def records(subset: str, count: int) -> Iterator[dict[str, Any]]:
    """The subset's records, the same every time."""
    draw = random.Random(subset)
    labels = LABELS[subset]
    for number in range(1, count + 1):
        options = draw.sample(labels, min(4, len(labels)))
        right = draw.randrange(len(options))
        question = draw.choice(QUESTIONS)
        listed = "\n".join(f"{'ABCD'[i]}: {option}" for i, option in enumerate(options))
        yield {
            "id": number,
            "caption": options[right],
            "image": f"med-mat/Generated_{subset}/images-for-{options[right]}/part {number % 7}/scan ({number}).jpg",
            "Question": question,
            "Answer": options[right],
            "Question-choice": f"{question}\n{listed}\n{INSTRUCTION}",
            "Answer-choice": "" if draw.random() < MENDED_SHARE else "ABCD"[right],
            "data-no": SUBSETS[subset],
        }


def write_release(root: Path, count: int) -> int:
    """Writes `count` records in all; returns the number of bytes."""
    folder = root / "Aggregated_Subsets"
    folder.mkdir(parents=True)
    written = 0
    for place, subset in enumerate(SUBSETS):
        share = count // len(SUBSETS) + (place < count % len(SUBSETS))
        path = folder / f"Subset--{subset}-train.json"
        with path.open("w", encoding="utf-8") as stream:
            stream.write("[\n")
            for position, record in enumerate(records(subset, share)):
                stream.write((",\n" if position else "") + json.dumps(record))
            stream.write("\n]\n")
        written += path.stat().st_size
    return written


def run_import(root: Path) -> int:
    """What is measured: one import into a fresh home."""
    from medmat_explorer.collection_import import paper_facts
    from medmat_explorer.store.ingest import import_collection

    report = import_collection(root, "bench", root / "home", paper_facts())
    return report.kept


def run_pandas(root: Path) -> int:
    """What it is measured against: every file loaded whole, and a table of all records."""
    import pandas as pd

    frames = [pd.DataFrame(json.loads(path.read_bytes())) for path in sorted(root.glob("Aggregated_Subsets/*.json"))]
    return len(pd.concat(frames, ignore_index=True))


WAYS = {"import": run_import, "pandas": run_pandas}


def measure(way: str, root: Path) -> dict[str, float]:
    """Seconds, records and peak megabytes of one way, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_import", "--only", way, "--root", str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_only(way: str, root: Path) -> None:
    """In the measured process: one way, its result on stdout."""
    started = time.perf_counter()
    count = WAYS[way](root)
    seconds = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "records": count,
        "seconds": round(seconds, 2),
        "records_per_second": round(count / seconds),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1024),
    }
    print(json.dumps(result))


def rounds(root: Path, count: int) -> dict[str, list[dict[str, float]]]:
    """Both ways in turn, so that a change of the machine's speed meets both."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(count):
        for way in WAYS:
            found[way].append(measure(way, root))
    return found


def summary(found: dict[str, list[dict[str, float]]], records: int, megabytes: int) -> dict[str, Any]:
    """Medians as rows, and the ratio round by round."""

    def row(way: str, name: str) -> dict[str, Any]:
        middle = {key: statistics.median(one[key] for one in found[way]) for key in found[way][0]}
        return {
            "way": name,
            "records a second": f"{middle['records_per_second']:,.0f}",
            "seconds": middle["seconds"],
            "CPU seconds": middle["cpu_seconds"],
            "peak memory, MB": f"{middle['peak_mb']:,.0f}",
        }

    pairs = zip(found["import"], found["pandas"], strict=True)
    ratio = statistics.median(a["records_per_second"] / b["records_per_second"] for a, b in pairs)
    return {
        "title": "Import without image checks",
        "note": (
            f"{records:,} generated records, {megabytes} MB of JSON, medians of {len(found['import'])} rounds. The "
            "import checks, repairs, merges, splits and indexes every record; the other way only loads them. Ratio of "
            f"the rates {ratio:.2f}."
        ),
        "rows": [row("import", "import into a collection"), row("pandas", "json.load and a pandas table")],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        run_only(given.only, given.root)
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        size = write_release(root, given.records)
        result = summary(rounds(root, given.rounds), given.records, round(size / 1e6))
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
