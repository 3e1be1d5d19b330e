"""How many thumbnails a second are made, against plain Pillow: open, thumbnail, save as WebP with its defaults.

python -m tests.bench.bench_thumbnails [--pictures 600] [--side 512] [--json]
"""

import argparse
import io
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from medmat_explorer.media.thumbnails import thumbnail

SIZE = 256
ROUNDS = 3


def write_sources(folder: Path, number: int, side: int) -> list[Path]:
    """JPEG pictures with soft shapes, edges and grain, as large as scans of their size are on disk."""
    draw = np.random.default_rng(0)
    paths = []
    for place in range(number):
        coarse = Image.fromarray(draw.integers(0, 256, (9, 9, 3), np.uint8)).resize(
            (side, side), Image.Resampling.BICUBIC
        )
        edges = Image.fromarray(draw.integers(0, 256, (24, 24), np.uint8)).resize(
            (side, side), Image.Resampling.NEAREST
        )
        mixed = Image.blend(coarse, edges.convert("RGB"), 0.2).filter(ImageFilter.GaussianBlur(1))
        grain = Image.fromarray(draw.integers(0, 256, (side, side), np.uint8)).convert("RGB")
        path = folder / f"{place}.jpg"
        Image.blend(mixed, grain, 0.08).save(path, quality=90)
        paths.append(path)
    return paths


def ours(path: Path, cache: Path) -> int:
    """As the app makes them, kept on disk."""
    return len(thumbnail(Path(path.name), path.parent, cache, SIZE).data)


def plain_pillow(path: Path, cache: Path) -> int:
    """The few lines that one would write first, kept on disk as well."""
    stream = io.BytesIO()
    with Image.open(path) as image:
        image.thumbnail((SIZE, SIZE))
        image.convert("RGB").save(stream, "WEBP")
    cache.mkdir(exist_ok=True)
    return (cache / f"{path.stem}.webp").write_bytes(stream.getvalue())


def rate(make: Callable[[Path, Path], int], paths: list[Path]) -> tuple[float, float]:
    """Thumbnails a second on all cores, and their mean size in bytes."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        started = time.perf_counter()
        sizes = list(pool.map(lambda path: make(path, Path(folder) / "cache"), paths))
        return len(paths) / (time.perf_counter() - started), statistics.fmean(sizes)


def measure(number: int, side: int) -> dict[str, Any]:
    """Both ways in turn; medians of the rounds."""
    ways: dict[str, Callable[[Path, Path], int]] = {"MedMAT Explorer": ours, "plain Pillow": plain_pillow}
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        paths = write_sources(Path(folder), number, side)
        weight = statistics.fmean(path.stat().st_size for path in paths)
        for _ in range(ROUNDS):
            for way, make in ways.items():
                found[way].append(rate(make, paths))
    rates = {way: statistics.median(each for each, _ in rounds) for way, rounds in found.items()}
    times = rates["MedMAT Explorer"] / rates["plain Pillow"]
    return {
        "title": "Thumbnails",
        "note": f"{number} JPEG sources of {side} px ({weight / 1024:.0f} kB each) to {SIZE} px WebP, kept on disk, "
        f"{os.cpu_count()} threads: {times:.1f} times plain Pillow.",
        "rows": [
            {"way": way, "thumbnails a second": f"{rates[way]:,.0f}", "kB each": f"{found[way][0][1] / 1024:.1f}"}
            for way in ways
        ],
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.pictures, given.side)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
