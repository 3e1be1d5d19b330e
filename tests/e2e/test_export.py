"""Taking a selection away in a browser: choose, export, download, read it back."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app_pages import go_to, open_page
from tests.e2e.conftest import Server, settled, start_server, stop_server
from tests.release_folder import SUBSET_02, record, run_import, write

pytestmark = pytest.mark.e2e


def panel(page: Page) -> Locator:
    return page.get_by_test_id("stPopoverBody")


def open_panel(page: Page) -> None:
    page.get_by_role("button", name="Export", exact=True).first.click()
    expect(panel(page)).to_be_visible()
    settled(page)


def choose_format(page: Page, title: str) -> None:
    panel(page).get_by_role("combobox").click()
    page.get_by_role("option", name=title).click()
    settled(page)


def download(page: Page, folder: Path) -> Path:
    """Takes the newest export as a zip file and unpacks it."""
    with page.expect_download(timeout=30_000) as waiting:
        panel(page).get_by_role("button", name="Download").first.click()
    waiting.value.save_as(folder / "export.zip")
    with zipfile.ZipFile(folder / "export.zip") as packed:
        packed.extractall(folder / "unpacked")
    (unpacked,) = (folder / "unpacked").iterdir()
    assert waiting.value.suggested_filename == f"{unpacked.name}.zip"
    return unpacked


def test_a_selection_is_exported_downloaded_and_read_back(server: Server, page: Page, tmp_path: Path) -> None:
    open_page(page, f"{server.url}/browse?modality=CT&not.split=test")
    open_panel(page)
    panel(page).get_by_text("Copy the pictures as well").click()
    settled(page)
    expect(panel(page).get_by_text(re.compile(r"items and [\d,]+ pictures, about \d"))).to_be_visible()
    panel(page).get_by_role("button", name="Export").click()
    expect(panel(page).get_by_role("button", name="Download").first).to_be_visible(timeout=60_000)
    expect(panel(page).get_by_text("modality CT · not split test").first).to_be_visible()

    unpacked = download(page, tmp_path)
    manifest = json.loads((unpacked / "manifest.json").read_text("utf-8"))
    assert manifest["selection"]["parameters"] == {"modality": ["CT"], "not.split": ["test"]}
    asked = json.loads((unpacked / "train.json").read_text("utf-8"))
    assert len(asked) == manifest["items"] > 0
    for item in asked:
        human, answer = item["conversations"]
        assert human["value"].startswith("<image>\n") and human["value"].count("<image>") == 1
        assert re.fullmatch("[A-Z]", answer["value"])
        with Image.open(unpacked / item["image"]) as picture:
            assert picture.convert("RGB").width > 0

    deletes = panel(page).get_by_role("button", name="Delete")
    before = deletes.count()
    deletes.first.click()
    expect(deletes).to_have_count(before - 1)
    assert not (server.home / "exports" / unpacked.name).exists()


def test_the_format_stands_in_the_address(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?subset=P01")
    open_panel(page)
    choose_format(page, "Parquet")
    expect(page).to_have_url(re.compile("export=parquet"))
    page.reload()
    settled(page)
    open_panel(page)
    expect(panel(page).get_by_role("combobox")).to_have_value("Parquet")


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[Server]:
    """A server over as many items as take some seconds to write."""
    records = [record(i, caption="long " * 400) for i in range(60_000)]
    run_import(write(tmp_path / "release", **{SUBSET_02: records}), tmp_path / "home", "many")
    running = start_server(tmp_path / "home", tmp_path / "server.log")
    yield running
    stop_server(running)


def test_an_export_goes_on_while_another_page_is_looked_at_and_can_be_stopped(slow_server: Server, page: Page) -> None:
    open_page(page, f"{slow_server.url}/browse?collection=many&export=jsonl")
    open_panel(page)
    panel(page).get_by_role("button", name="Export").click()
    expect(panel(page).get_by_role("button", name="Stop")).to_be_visible()
    page.keyboard.press("Escape")
    go_to(page, "Data")
    go_to(page, "Browse")
    open_panel(page)
    panel(page).get_by_role("button", name="Stop").click()
    stopped = panel(page).get_by_text("The export was stopped; nothing of it was kept.")
    expect(stopped).to_be_visible(timeout=30_000)  # a stretch of items is read to its end
    settled(page)
    assert list((slow_server.home / "exports").iterdir()) == []
