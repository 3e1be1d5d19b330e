"""Asking a backbone in the browser: load, ask, stop, resume, two readers at once, two backbones side by side."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app_pages import open_page
from tests.e2e.conftest import Server, settled, start_server, stop_server

pytestmark = pytest.mark.e2e
LONG = 60_000
ALL_CONTROLS = "&".join(f"controls={name}" for name in ("blank", "shuffled", "across", "rotations", "wordings"))


def press(page: Page, name: str) -> None:
    page.get_by_test_id("stMainBlockContainer").get_by_role("button", name=name, exact=True).click()


def sidebar(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


@pytest.fixture(scope="module")
def server(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this file's own: a server holds one backbone, and other tests load theirs."""
    folder = tmp_path_factory.mktemp("spot check")
    shutil.copytree(phantoms_home, folder / "home", ignore=shutil.ignore_patterns("runs"))
    running = start_server(folder / "home", folder / "server.log")
    yield running
    stop_server(running)


def test_a_backbone_is_loaded_seen_on_every_page_and_unloaded(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/spot_check?dtype=bf16")
    expect(sidebar(page).get_by_text("No backbone is loaded.")).to_be_visible()
    page.get_by_role("combobox", name="Backbone").click()
    page.keyboard.type("medgemma")
    page.get_by_role("option", name=re.compile("^MedGemma 4B")).click()
    expect(page.get_by_text("Accept its terms on the hub first")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    page.go_back()
    settled(page)
    press(page, "Load")
    expect(page.get_by_text(re.compile(r"is ready · bfloat16 on cpu · .* GB in use"))).to_be_visible(timeout=LONG)
    expect(page).to_have_url(re.compile("dtype=bf16"))
    sidebar(page).get_by_role("link", name="Browse").click()
    expect(page.get_by_role("heading", name="Browse", level=1)).to_be_visible()
    expect(sidebar(page).get_by_text(re.compile(r"Phantom LLaVA \(bundled\) is ready · .* GB on cpu"))).to_be_visible()
    page.go_back()
    settled(page)
    press(page, "Unload")
    expect(sidebar(page).get_by_text("No backbone is loaded.")).to_be_visible()


def test_two_readers_ask_at_once_and_each_sees_their_own(
    server: Server, page: Page, new_page: Callable[..., Page]
) -> None:
    before = set((server.home / "runs").glob("2*"))
    open_page(page, f"{server.url}/spot_check?n=2000&option_texts=1&{ALL_CONTROLS}")
    press(page, "Ask")
    expect(page.locator("article .verdict").first).to_be_visible(timeout=LONG)

    other = new_page()
    open_page(other, f"{server.url}/spot_check?n=6&seed=9")
    other.get_by_role("button", name="Ask", exact=True).dblclick()
    expect(other.get_by_text("Finished", exact=True)).to_be_visible(timeout=LONG)
    expect(other.locator("article .verdict")).to_have_count(6)
    assert len(set((server.home / "runs").glob("2*")) - before) == 2
    open_page(other, f"{server.url}/spot_check?backbone=always-a&n=6")
    press(other, "Ask")
    expect(other.get_by_role("button", name="Stop 1 run and ask")).to_be_visible()

    press(page, "Stop")
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible(timeout=20_000)


def test_two_backbones_are_asked_the_same_and_their_comparison_opens(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/spot_check?backbone=always-a&other=phantom-llava&n=12&written=0")
    press(page, "Ask both")
    expect(page).to_have_url(re.compile(r"/runs\?.*a=.*always-a.*&b=.*phantom-llava"), timeout=LONG)
    page.go_back()
    expect(page.get_by_role("heading", name="Spot check", level=1)).to_be_visible()
    expect(page.get_by_text("Finished", exact=True)).to_be_visible()
