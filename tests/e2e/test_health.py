"""The leak report in Chromium: lines open their pairs, pictures are painted, and leaks can be left out."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from medmat_explorer.store.image_check import check_images
from tests.e2e.conftest import Server, settled, start_server, stop_server
from tests.planted_release import planted_release, soft_pictures
from tests.release_folder import run_import

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def planted_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over the planted release, whose images were looked at but not searched."""
    folder = tmp_path_factory.mktemp("planted")
    run_import(planted_release(folder / "release", soft_pictures(8)), folder / "home", test_share=0.0)
    check_images("test", folder / "home")
    running = start_server(folder / "home", folder / "server.log")
    yield running
    stop_server(running)


def test_leaks_are_found_shown_and_left_out(planted_server: Server, page: Page) -> None:
    page.goto(f"{planted_server.url}/data?collection=test&health=duplicates")
    settled(page)
    page.get_by_role("button", name="Look for duplicates and leaks").click()
    line = page.get_by_role("button", name="Show the 4 pairs of 02 test and 02 train")
    expect(line).to_be_visible(timeout=60_000)
    line.click()
    page.wait_for_url("**pairs=02.test.02.train**")
    pictures = page.locator(".pairs img")
    expect(pictures).to_have_count(8)
    page.wait_for_function(
        """() => { const find = (root) => [...root.querySelectorAll('*')].flatMap((e) =>
                     e.shadowRoot ? [...e.shadowRoot.querySelectorAll('.pairs img'), ...find(e.shadowRoot)] : []);
                   const images = find(document);
                   return images.length === 8 && images.every((i) => i.complete && i.naturalWidth > 0); }"""
    )
    expect(page.locator(".pairs .clash")).to_have_text("⚠ different right labels")
    page.get_by_role("radio", name="mirrored").or_(
        page.get_by_role("button", name="mirrored", exact=True)
    ).first.click()
    expect(page.locator(".pairs article")).to_have_count(1)
    assert "kind=mirrored" in page.url
    page.go_back()
    expect(page.locator(".pairs article")).to_have_count(4)
    page.get_by_text("7 items without leaks").click()
    page.wait_for_url("**/browse?**leak=none**")
    settled(page)
    expect(page.get_by_text("7 items", exact=True)).to_be_visible()
    expect(page.locator("button.card")).to_have_count(7)


def test_a_picture_of_a_pair_opens_its_item(planted_server: Server, page: Page) -> None:
    page.goto(f"{planted_server.url}/data?collection=test&health=duplicates")
    settled(page)
    again = page.get_by_role("button", name="Look again").or_(page.get_by_role("button", name="Look for duplicates"))
    again.first.click()
    page.get_by_role("button", name="Show the 1 pairs of 02 train and 03 train").click(timeout=60_000)
    page.locator(".pairs a.side").first.click()
    page.wait_for_url("**/browse?**item=**")
    settled(page)
    expect(page.get_by_text("med-mat/p4.png")).to_be_visible()


def test_the_panel_fits_a_phone(planted_server: Server, new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, dark=True)
    for part in ("images", "duplicates", "labels", "fetch"):
        page.goto(f"{planted_server.url}/data?collection=test&health={part}")
        settled(page)
        if part != "duplicates":
            expect(page.locator(".linked table").first).to_be_visible(timeout=20_000)
        wide = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
        assert wide <= 390, part
