"""The main job, as a researcher does it: browse, relate, ask; on the synthetic collection and on real images."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_pages import ask, count_found, count_of, facet_row, found, go_to, open_page, wait_painted
from tests.e2e.conftest import Server, settled

pytestmark = pytest.mark.e2e


def related_here(page: Page) -> dict[str, str]:
    """What the table of related subsets says of those that have items in this collection."""
    table = page.locator("table").filter(has=page.locator("th", has_text="Shares")).first
    expect(table.locator("tbody tr")).not_to_have_count(0)
    rows = table.locator("tbody tr").all()
    cells = [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows]
    return {row[0]: row[4] for row in cells if row[5] != "none"}


def test_the_main_job_on_the_synthetic_collection(server: Server, page: Page, new_page: Callable[..., Page]) -> None:
    open_page(page, server.url)
    expect(page.get_by_role("heading", name="MedMAT Explorer")).to_be_visible()
    expect(page.get_by_text("A research tool, not for clinical use.")).to_be_visible()
    expect(page.locator(".js-plotly-plot .point").first).to_be_visible()

    go_to(page, "Browse")
    everything = count_found(page)
    assert everything == 24 * 15
    expected = count_of(facet_row(page, "Modality", "CT"))
    facet_row(page, "Modality", "CT").click()
    expect(page).to_have_url(re.compile("modality=CT"))
    expect(found(page)).to_have_text(f"{expected} items")
    wait_painted(page, 24)
    page.locator(".grid button.card").first.click()
    expect(page).to_have_url(re.compile("item=[0-9a-f]{16}"))
    right = page.locator("li.right")
    expect(right).to_contain_text("right")
    question = page.locator("p.question").inner_text()

    elsewhere = new_page()
    open_page(elsewhere, page.url)
    expect(elsewhere.locator("p.question")).to_have_text(question)
    expect(elsewhere.locator("li.right")).to_have_text(right.inner_text().replace("\n", ""), use_inner_text=False)

    go_to(page, "Lattice")
    expect(page.get_by_text(re.compile(r"\d+ related and \d+ unrelated"))).to_be_visible()

    go_to(page, "Spot check")
    page.get_by_label("Items", exact=True).fill("12")
    page.get_by_label("Items", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("n=12"))
    ask(page)
    expect(page.locator("article .verdict")).to_have_count(12)
    expect(page.locator("article .percent").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"95 % interval")).first).to_be_visible()
    expect(page).to_have_url(re.compile("run="))
    verdicts = page.locator("article .verdict").all_inner_texts()

    again = new_page()
    open_page(again, page.url)
    expect(again.locator("article .verdict")).to_have_text(verdicts)


def test_the_main_job_on_real_images(fresh_server: Server, page: Page, medmat_mini: Path) -> None:
    open_page(page, f"{fresh_server.url}/data")
    page.get_by_label("Folder on the machine").fill(str(medmat_mini))
    page.get_by_label("Name of the collection").fill("mini")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Imported 'mini'.")).to_be_visible(timeout=90_000)
    expect(page.get_by_test_id("stMetricValue").filter(has_text="1,176").first).to_be_visible()

    page.get_by_role("link", name="Browse mini").first.click()
    expect(page).to_have_url(re.compile("collection=mini"))
    expect(found(page)).to_have_text("1,176 items")
    facet_row(page, "Modality", "CT").click()
    expect(found(page)).to_have_text("360 items")
    wait_painted(page, 24)
    page.locator(".grid button.card").first.click()
    expect(page.locator("li.right")).to_be_visible()
    expect(page.locator("strong", has_text="CT Kindney Dataset")).to_be_visible()
    expect(page.get_by_role("link", name="Open the source")).to_have_attribute("href", re.compile("^https://"))

    open_page(page, f"{fresh_server.url}/lattice?collection=mini&target=28")
    expect(page.get_by_text("23 related and 29 unrelated")).to_be_visible()
    assert related_here(page) == {"03": "area + task", "05": "task", "24": "task", "25": "modality"}

    open_page(page, f"{fresh_server.url}/spot_check?collection=mini&n=12&seed=5")
    ask(page)
    expect(page.locator("article .verdict")).to_have_count(12)
    expect(page.get_by_text("trained on synthetic phantoms only")).to_be_visible()
    expect(page.get_by_text(re.compile("test items were never published"))).to_be_visible()
    page.reload()
    settled(page)
    expect(page.locator("article .verdict")).to_have_count(12)


def test_a_deep_link_on_a_fresh_server_opens_its_view(fresh_server: Server, page: Page) -> None:
    open_page(page, f"{fresh_server.url}/browse?modality=MRI&split=test&q=brain")
    expect(page.get_by_placeholder("Search", exact=True)).to_have_value("brain")
    expect(facet_row(page, "Modality", "MRI").locator("input")).to_be_checked()
    expect(facet_row(page, "Split", "test").locator("input")).to_be_checked()
    pages = page.get_by_test_id("stSidebar").get_by_role("link")
    expect(pages).to_contain_text(["Overview", "Browse", "Lattice", "Spot check", "Data"])


def test_back_and_forward_walk_through_the_views(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse")
    only_ct = count_of(facet_row(page, "Modality", "CT"))
    facet_row(page, "Modality", "CT").click()
    expect(found(page)).to_have_text(f"{only_ct} items")
    facet_row(page, "Split", "test").click()
    expect(page).to_have_url(re.compile("split=test"))
    page.go_back()
    expect(facet_row(page, "Split", "test").locator("input")).not_to_be_checked()
    expect(found(page)).to_have_text(f"{only_ct} items")
    page.go_forward()
    expect(facet_row(page, "Split", "test").locator("input")).to_be_checked()


def test_a_killed_worker_gets_a_sentence_and_a_restart_and_nothing_else_breaks(server: Server, page: Page) -> None:
    import psutil

    open_page(page, f"{server.url}/spot_check?n=2000&seed=1&rotations=1&blank=1")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("article .verdict").first).to_be_visible(timeout=90_000)
    workers = [
        child
        for child in psutil.Process(server.process.pid).children(recursive=True)
        if any("worker_process" in word for word in child.cmdline())
    ]
    assert len(workers) == 1
    workers[0].kill()
    alert = page.get_by_test_id("stAlertContentError").filter(has_text="process stopped")
    expect(alert).to_be_visible(timeout=20_000)
    expect(page.locator("article .verdict").first).to_be_visible()
    page.get_by_role("button", name="Restart the backbone").click()
    settled(page)
    page.get_by_role("button", name="Resume").click()
    stop = page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_visible(timeout=60_000)
    stop.click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible(timeout=20_000)
    go_to(page, "Browse")
    wait_painted(page, 24)


def test_one_step_back_returns_from_an_item_to_the_answers(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/spot_check?backbone=always-a&n=6")
    ask(page)
    address = page.url
    page.locator("article a").first.click()
    expect(page.locator("li.right")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/browse\?.*item=[0-9a-f]{16}"))
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.locator("article .verdict")).to_have_count(6)


def test_a_square_of_the_matrix_opens_its_items_and_back_returns(server: Server, page: Page) -> None:
    open_page(page, server.url)
    square = page.locator(".js-plotly-plot .point").first
    expect(square).to_be_visible()
    square.click(force=True)
    expect(page).to_have_url(re.compile(r"/browse\?.*modality=.*&area="))
    expect(found(page)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Three ways in")).to_be_visible()
    assert "modality" not in page.url


def test_coming_back_to_a_page_finds_its_last_view(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?modality=CT&split=test")
    count = count_found(page)
    go_to(page, "Data")
    go_to(page, "Browse")
    expect(found(page)).to_have_text(f"{count:,} items")
    expect(page).to_have_url(re.compile("modality=CT"))


def test_a_backbone_that_cannot_be_loaded_gets_a_sentence_and_blocks_nothing(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/spot_check?backbone=/nowhere&n=5")
    expect(page.get_by_text("There is no backbone '/nowhere'")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    open_page(page, f"{server.url}/spot_check?backbone=always-a&n=5")
    ask(page)
    expect(page.locator("article .verdict")).to_have_count(5)


def test_the_gallery_is_walked_and_opened_by_keyboard(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?modality=CT")
    cards = page.locator(".grid button.card")
    expect(cards).to_have_count(24)
    cards.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(cards.nth(1)).to_be_focused()
    wanted = cards.nth(1).get_attribute("data-key")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"item={wanted}"))
    expect(page.locator("li.right")).to_be_visible()


def test_only_and_clear_of_a_facet(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?modality=CT&modality=MRI")
    row = facet_row(page, "Modality", "US")
    expected = count_of(row)
    row.hover()
    row.get_by_role("button", name="only US").click()
    expect(found(page)).to_have_text(f"{expected} items")
    expect(facet_row(page, "Modality", "CT").locator("input")).not_to_be_checked()
    page.get_by_title("Clear Modality").click()
    expect(found(page)).to_have_text("360 items")


def test_a_missing_image_is_a_labelled_tile_and_is_not_counted(
    fresh_server: Server, page: Page, tmp_path: Path
) -> None:
    record = {
        "id": 1,
        "caption": "Cyst",
        "image": "med-mat/gone/1.jpg",
        "Question": "What is it?",
        "Answer": "Cyst",
        "Question-choice": "What is it?\nA: Cyst\nB: Stone\nAnswer with the option's letter.",
        "Answer-choice": "A",
        "data-no": "2",
    }
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "Subset-02-test.json").write_text(json.dumps([record]))
    open_page(page, f"{fresh_server.url}/data")
    page.get_by_label("Folder on the machine").fill(str(folder))
    page.get_by_label("Name of the collection").fill("gone")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Imported 'gone'.")).to_be_visible(timeout=60_000)
    open_page(page, f"{fresh_server.url}/browse?collection=gone")
    expect(page.locator(".grid .reason")).to_have_text("∅ image file is missing")
    open_page(page, f"{fresh_server.url}/spot_check?collection=gone&backbone=always-a&n=1")
    ask(page)
    expect(page.locator("article .verdict")).to_have_text("∅ no picture")
    expect(page.get_by_text("No item could be asked")).to_be_visible()
