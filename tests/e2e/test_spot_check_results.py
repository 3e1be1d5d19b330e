"""What a reader finds out from a run in the browser: numbers, tabs, one answer opened, what the backbone looks at."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.store.collections import open_catalog
from tests.answered_run import CONTROLS, answered_run, good, image_blind
from tests.e2e.app_pages import ask, open_page
from tests.e2e.conftest import Server, settled


@pytest.fixture(scope="module")
def items(phantoms_home: Path) -> list[QAItem]:
    catalog = open_catalog("phantoms", phantoms_home)
    found = catalog.sample(48, 3)
    catalog.close()
    return found


def test_a_stored_run_opens_by_its_link_and_every_number_leads_to_its_answers(
    server: Server, page: Page, items: list[QAItem]
) -> None:
    run_id = answered_run(server.home, image_blind(items), controls=CONTROLS)
    open_page(page, f"{server.url}/spot_check?run={run_id}&tab=confusion")
    expect(page.get_by_text("Not shown to look at the picture: +0 points").first).to_be_visible()
    controls = page.locator("table", has=page.get_by_text("Accuracy as asked and under each control"))
    expect(controls.locator("tbody tr")).to_contain_text(["As asked", "Blank picture", "Every rotation"])

    wrong = page.get_by_role("button", name=re.compile(r"^\d+ with the right label .* answered with")).last
    count = int(wrong.inner_text())
    wrong.click()
    expect(page).to_have_url(re.compile(r"right=.*chosen="))
    expect(page.locator("article .verdict")).to_have_count(count)
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.locator("article .verdict")).to_have_count(24)
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Last", exact=True).click()
    expect(page).to_have_url(re.compile("sheet=2"))
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()

    page.get_by_role("radio", name="Record").click()
    expect(page.get_by_role("cell", name=run_id)).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSONL").click()
    lines = Path(waiting.value.path()).read_text("utf-8").splitlines()
    assert len(lines) == 1 + len(image_blind(items))
    page.go_back()
    expect(page).to_have_url(re.compile("sheet=2"))


def test_one_answer_opened_is_asked_every_way_and_shows_what_it_hangs_on(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/spot_check?n=6&seed=4&attention=eager&grid=4")
    ask(page)
    page.get_by_role("button", name=re.compile("^Look closer")).first.click()
    expect(page).to_have_url(re.compile("look=[0-9a-f]{16}"))
    expect(page.get_by_text("Answer 1 of 6")).to_be_visible()

    page.get_by_role("button", name="Ask again, every way").click()
    again = page.locator("table", has=page.get_by_text(re.compile("answers to item .* put")))
    expect(again.get_by_role("rowheader", name="Blank picture")).to_be_visible(timeout=60_000)
    expect(again.get_by_role("rowheader", name="Options moved on by 1")).to_be_visible()

    page.get_by_role("button", name="Show exactly what is sent").click()
    expect(
        page.get_by_text(re.compile(r"tokens, those of the picture included; .* tensor of 1 × 3 × \d+ × \d+"))
    ).to_be_visible()

    page.get_by_role("button", name="Hide 16 parts, one at a time").click()
    parts = page.locator(".heat .grid .part:not(.open)")
    expect(parts).to_have_count(16, timeout=60_000)
    expect(page.get_by_text(re.compile("With the whole picture the right option .* probability of"))).to_be_visible()
    expect(page.get_by_text("The map as a table")).to_be_visible()

    page.get_by_role("button", name="Show the attention").click()
    expect(page.get_by_text(re.compile("the answer attends most to row"))).to_be_visible(timeout=60_000)

    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Answer 2 of 6")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("article .verdict")).to_have_count(6)
    settled(page)


def test_a_phone_loses_nothing_to_the_right(server: Server, page: Page, items: list[QAItem]) -> None:
    run_id = answered_run(server.home, good(items[:8]), controls=CONTROLS)
    page.set_viewport_size({"width": 390, "height": 900})
    open_page(page, f"{server.url}/spot_check?run={run_id}&look={items[0].key}")
    expect(page.get_by_text("Every way it was put")).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth + 1")
