"""From a target to an exported training mix in a browser: by the keyboard alone, by links, and back."""

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_pages import open_page
from tests.e2e.conftest import Server, settled

pytestmark = pytest.mark.e2e
FOCUSED = """() => { let e = document.activeElement;
    while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
    const said = e && [e.getAttribute('aria-label'), e.innerText, e.value].map(part => part || '').join(' ');
    return e && e.tagName !== 'MAIN' ? said : ''; }"""
"""How the focused element is called, with what it shows."""


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what is focused is called so."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if re.search(name, page.evaluate(FOCUSED)):
            return
    pytest.fail(f"Tab never came to {name!r}.")


def choose(page: Page, field: str, typed: str) -> None:
    """Types into a field that offers choices, and takes the first."""
    tab_to(page, field)
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    settled(page)


def test_the_keyboard_alone_leads_from_a_target_to_an_exported_mix(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/lattice")
    page.bring_to_front()
    tab_to(page, r"^\s*Target\s*$")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Training mix")).to_be_visible()
    settled(page)
    choose(page, r"^Target\s+P01", "P02")
    expect(page).to_have_url(re.compile("target=P02"))
    expect(page.get_by_text("items of 13 subsets")).to_be_visible()
    settled(page)
    choose(page, r"^Arm\b", "without task")
    expect(page).to_have_url(re.compile("arm=without-task"))
    expect(page.get_by_text("items of 4 subsets")).to_be_visible()
    settled(page)
    tab_to(page, "Items at most")
    page.keyboard.press("Control+A")
    page.keyboard.type("24")
    page.keyboard.press("Enter")
    expect(page.get_by_text("24 items of 4 subsets")).to_be_visible()
    settled(page)
    tab_to(page, "Export the mix of 24 items")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Mixes on this machine")).to_be_visible(timeout=60_000)
    written = newest_mix(server.home)
    try:
        manifest = json.loads((written / "manifest.json").read_text("utf-8"))
        assert (manifest["mix"]["target"]["key"], manifest["mix"]["arm"], manifest["items"]) == (
            "P02",
            "without-task",
            24,
        )
        asked = json.loads((written / "train.json").read_text("utf-8"))
        assert len(asked) == 24 and not any("/P02/" in one["image"] for one in asked)
    finally:
        shutil.rmtree(written)


def newest_mix(home: Path) -> Path:
    found = sorted(home.glob("exports/phantoms-mix-*"), key=lambda path: path.stat().st_mtime)
    assert found, "no mix was exported"
    return found[-1]


def test_a_link_shows_a_recipes_mix_and_leads_to_its_items(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/lattice?target=P01&view=mix&arm=recipe:P02%2BP05&budget=10")
    expect(page.get_by_text("10 items of 2 subsets")).to_be_visible()
    page.get_by_role("button", name="Look at these items").click()
    expect(page).to_have_url(re.compile(r"browse\?.*set=[0-9a-f]{16}"))
    settled(page)
    expect(page.get_by_text("10 items", exact=True).first).to_be_visible()
    page.go_back()
    settled(page)
    expect(page.get_by_text("10 items of 2 subsets")).to_be_visible()


def test_nothing_is_cut_off_on_a_narrow_screen(server: Server, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    open_page(page, f"{server.url}/lattice?target=P02&view=mix&arm=own&sources=P03&sources=P09&budget=12")
    expect(page.get_by_text("12 items of 2 subsets")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
