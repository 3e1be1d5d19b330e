"""The Runs page in a browser: found, sorted, compared, taken along, deleted, and somebody else's answers taken in."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.run_list import delete_runs, find_runs
from tests.e2e.app_pages import open_page
from tests.e2e.conftest import Server, settled
from tests.kept_runs import kept_run

pytestmark = pytest.mark.e2e
HOSTILE = "<img src=x onerror=window.hurt=1>"


@pytest.fixture
def items(phantoms_home: Path) -> Iterator[list[QAItem]]:
    with closing(open_catalog("phantoms", phantoms_home)) as catalog:
        yield catalog.sample(20, 0)


@pytest.fixture
def runs(server: Server, items: list[QAItem]) -> Iterator[list[str]]:
    """Two runs on the same items, and one with a hostile name; no others, and all are gone afterwards."""
    delete_runs(server.home, [row.id for row in find_runs(server.home)])
    yield [
        kept_run(server.home, items, lambda place: place % 5 > 0, name="good", minutes=1),
        kept_run(server.home, items, lambda place: place % 2 > 0, name="half", minutes=2),
        kept_run(server.home, items[:5], lambda place: False, name="none", minutes=3, prompt="letter-first-1"),
    ]
    delete_runs(server.home, [row.id for row in find_runs(server.home)])


def rows(page: Page) -> Locator:
    return page.locator(".runs tbody tr")


def choose(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=re.compile(f"^Choose {re.escape(name)} of")).check()
    settled(page)


def painted(page: Page) -> None:
    page.wait_for_function(
        """() => [...document.querySelectorAll('*')].some(e => e.shadowRoot &&
               [...e.shadowRoot.querySelectorAll('.paired img')].some(i => i.naturalWidth > 0))"""
    )


def test_runs_are_found_compared_and_deleted(
    server: Server, page: Page, new_page: Callable[..., Page], runs: list[str]
) -> None:
    header = server.home / "runs" / runs[2] / "header.json"
    header.write_text(header.read_text().replace('"backbone_title": "none"', f'"backbone_title": "{HOSTILE}"'))
    open_page(page, f"{server.url}/runs")
    expect(rows(page)).to_have_count(3)
    expect(rows(page).first).to_contain_text(HOSTILE)
    page.get_by_role("button", name="Accuracy").click()
    expect(page).to_have_url(re.compile("sort=-accuracy"))
    expect(rows(page).first).to_contain_text("80.0%")
    expect(page.get_by_role("columnheader", name="Accuracy")).to_have_attribute("aria-sort", "descending")

    choose(page, "good")
    choose(page, "half")
    expect(page.get_by_text("2 runs chosen")).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(f"a={runs[0]}&b={runs[1]}"))
    expect(page.get_by_text("Run 1 minus run 2 +30.0 points")).to_be_visible()
    expect(page.get_by_text("10 items that just one got right.")).to_be_visible()
    page.get_by_role("button", name="Show the 8 items that only run 1 got right").click()
    expect(page).to_have_url(re.compile("cell=first"))
    expect(page.locator(".paired article")).to_have_count(8)
    first = page.locator(".paired article").first
    expect(first.locator(".run.side0 .verdict")).to_have_text("✓ correct")
    expect(first.locator(".run.side1 .verdict")).to_have_text("✗ wrong")
    expect(first.locator(".said.side0.chosen .percent")).to_have_text("70 %")
    painted(page)

    again = new_page(width=390)
    open_page(again, page.url)
    expect(again.locator(".paired article")).to_have_count(8)
    assert again.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Swap them").click()
    expect(page.get_by_text("Run 1 minus run 2 -30.0 points")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Run 1 minus run 2 +30.0 points")).to_be_visible()

    page.get_by_role("button", name="All runs").click()
    expect(rows(page)).to_have_count(3)
    choose(page, HOSTILE)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("This cannot be undone.")).to_be_visible()
    page.get_by_role("button", name="Delete this run").click()
    expect(page.get_by_text("1 run deleted.")).to_be_visible()
    expect(rows(page)).to_have_count(2)
    assert page.evaluate("window.hurt") is None


def test_somebody_elses_answers_become_a_run_and_a_run_is_taken_along(
    server: Server, page: Page, runs: list[str], items: list[QAItem], tmp_path: Path
) -> None:
    lines = [{"doc_id": 0, "target": "", "filtered_resps": ["A"], "doc": {"id": "f" * 16}}]
    lines += [
        {"doc_id": place, "target": "", "filtered_resps": [item.answer_letter], "doc": {"id": item.key}}
        for place, item in enumerate(items[:10], start=1)
    ]
    log = tmp_path / "20261124_101500_samples_medmat.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    open_page(page, f"{server.url}/runs?pick={runs[0]}")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON lines").click()
    waiting.value.save_as(tmp_path / "run.jsonl")
    taken = (tmp_path / "run.jsonl").read_text().splitlines()
    assert waiting.value.suggested_filename == f"{runs[0]}.jsonl" and len(taken) == 21
    page.keyboard.press("Escape")

    page.get_by_text("Import a run").click()
    page.locator("input[type=file]").set_input_files(log)
    page.get_by_label("Name of the backbone", exact=True).fill("their llava")
    page.get_by_test_id("stForm").get_by_role("button", name="Import").click()
    expect(page.get_by_text(re.compile("Took in 10 answers as a run of their llava"))).to_be_visible()
    expect(page.get_by_text("left out: neither its key or id nor its image")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Accuracy 100.0% \(n = 10, 95 % interval"))).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Rows left out").click()
    waiting.value.save_as(tmp_path / "left.jsonl")
    assert json.loads((tmp_path / "left.jsonl").read_text())["reason"] == "no-such-item"
    expect(rows(page)).to_have_count(4)

    broken = tmp_path / "broken.jsonl"
    broken.write_text("{")
    page.locator("input[type=file]").set_input_files(broken)
    page.get_by_test_id("stForm").get_by_role("button", name="Import").click()
    expect(page.get_by_text("broken.jsonl holds no answers in a known form")).to_be_visible()
    expect(rows(page)).to_have_count(4)
