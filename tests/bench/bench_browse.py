"""How Browse feels in Chromium: from the start of the server to the first gallery, and from a click to new pictures.

python -m tests.bench.bench_browse [--rows 100000 1000000 2400000] [--clicks 40] [--turns 500] [--json]

A click is timed in the page, from the event to the frame after the last of 24 new thumbnails is decoded.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.big_collection import make_collection
from tests.browser import find_chromium, launch_arguments
from tests.e2e.conftest import Server, settled, start_server, stop_server

PAINTED = """
const pictures = () => [...document.querySelectorAll('*')]
    .flatMap(e => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('.grid img')] : []);
const painted = (least) => {
    const all = pictures();
    return all.length >= least && all.every(i => i.complete && i.naturalWidth > 0);
};
"""
ROWS = """
const rows = () => [...document.querySelectorAll('*')].flatMap(e => e.shadowRoot
    ? [...e.shadowRoot.querySelectorAll('.facets label.row:not(.none) input')] : []);
"""
CLICK = (
    f"""(place) => new Promise(done => {{{PAINTED}{ROWS}"""
    + """
    const boxes = rows();
    const before = pictures().map(i => i.src).join();
    const started = performance.now();
    boxes[place % boxes.length].click();
    const look = () => {
        const now = pictures().map(i => i.src).join();
        if (now !== before && painted(1)) requestAnimationFrame(() => done([performance.now() - started,
            pictures().filter(i => !before.includes(i.src)).length]));
        else if (performance.now() - started > 10000) done([-1, 0]);
        else requestAnimationFrame(look);
    };
    look();
})"""
)
FACETS_BELOW = 30
"""Rows of the first lists, from which clicks are drawn."""


def first_gallery(browser: Browser, home: Path, log: Path) -> tuple[float, bool]:
    """Seconds from starting the server to a painted gallery, and whether the server has loaded torch."""
    started = time.perf_counter()
    server = start_server(home, log)
    try:
        page = browser.new_page()
        page.goto(f"{server.url}/browse")
        page.wait_for_function(f"() => {{ {PAINTED} return painted(24); }}", timeout=60_000)
        seconds = time.perf_counter() - started
        mapped = {Path(entry.path).name for entry in psutil.Process(server.process.pid).memory_maps()}
        page.close()
        return seconds, any("torch" in name for name in mapped)
    finally:
        stop_server(server)


def click_times(page: Page, url: str, count: int, seed: int) -> list[float]:
    """Milliseconds of clicks on facets that led to 24 new pictures, each from a fresh view of everything."""
    draw, times, tries = random.Random(seed), [], 0
    while len(times) < count and tries < 4 * count:
        tries += 1
        page.goto(f"{url}&page={draw.randint(1, 500)}")
        settled(page)
        page.wait_for_function(f"() => {{ {PAINTED} {ROWS} return painted(24) && rows().length; }}", timeout=60_000)
        milliseconds, new = page.evaluate(CLICK, draw.randrange(FACETS_BELOW))
        if new >= 24:
            times.append(milliseconds)
    return sorted(times)


def resident(server: Server) -> float:
    """Megabytes of the server's processes."""
    process = psutil.Process(server.process.pid)
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 2**20


def memory_over_turns(page: Page, url: str, server: Server, turns: int) -> list[float]:
    """Megabytes before, and after each fifth of the page turns."""
    page.goto(url)
    settled(page)
    found = [resident(server)]
    for turn in range(turns):
        page.get_by_role("button", name="Next").click()
        page.wait_for_function(f"() => {{ {PAINTED} return painted(24); }}", timeout=60_000)
        if (turn + 1) % max(1, turns // 5) == 0:
            found.append(resident(server))
    return found


def measure_rows(browser: Browser, folder: Path, rows: int, clicks: int, turns: int) -> list[dict[str, Any]]:
    """Clicks, and for a million rows memory, over a collection of so many rows."""
    name = make_collection(folder / "release", folder / "home", rows)
    server = start_server(folder / "home", folder / "server.log")
    try:
        page, url = browser.new_page(), f"{server.url}/browse?collection={name}"
        times = click_times(page, url, clicks, seed=0)
        found = [
            {
                "what": f"facet click to 24 new pictures, {rows:,} rows",
                "n": len(times),
                "median": f"{statistics.median(times):.0f} ms",
                "p95": f"{times[int(0.95 * len(times))]:.0f} ms",
            }
        ]
        if turns:
            memory = memory_over_turns(page, url, server, turns)
            told = ", ".join(f"{megabytes:.0f}" for megabytes in memory)
            what = f"memory of the server, {rows:,} rows, over {turns} page turns (MB: {told})"
            found.append({"what": what, "n": turns, "median": f"{memory[0]:.0f} MB", "p95": f"{max(memory):.0f} MB"})
        page.close()
        return found
    finally:
        stop_server(server)


def measure(sizes: Sequence[int], clicks: int, turns: int) -> dict[str, Any]:
    """Everything, one after the other."""
    from medmat_explorer.default_collection import ITEMS_A_SUBSET, make_phantoms

    rows: list[dict[str, Any]] = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_arguments())
        home = Path(folder) / "phantoms"
        make_phantoms(home, "phantoms", ITEMS_A_SUBSET, 0, lambda stage, done, total: None)
        starts = [first_gallery(browser, home, Path(folder) / "start.log") for _ in range(5)]
        seconds = sorted(each for each, _ in starts)
        rows.append(
            {
                "what": f"server start to first gallery, phantoms (torch loaded: {any(t for _, t in starts)})",
                "n": len(seconds),
                "median": f"{statistics.median(seconds):.1f} s",
                "p95": f"{seconds[-1]:.1f} s",
            }
        )
        for size in sizes:
            with tempfile.TemporaryDirectory() as inner:
                rows += measure_rows(browser, Path(inner), size, clicks, turns if size == 1_000_000 else 0)
        browser.close()
    return {
        "title": "Browse in Chromium",
        "note": "Pictures are 512 px JPEG files; each click starts from another page of everything and has to show "
        "pictures that were not there. Goals: 3 s to the first gallery; clicks at most 200, 250 and 300 ms at 100 k, "
        "1 M and 2.4 M rows, p95 at most twice that; memory at most 500 MB and flat.",
        "rows": rows,
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000, 2_400_000])
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.rows, given.clicks, given.turns)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
