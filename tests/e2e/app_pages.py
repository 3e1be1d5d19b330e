"""How pages of the app are opened and read in a browser: what the browser tests share."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import settled

ITEMS_FOUND = re.compile(r"^[\d,]+ items?$")
GEOMETRY = """
  const box = e => e.getBoundingClientRect();
  const apart = (a, b) => a.left > b.right - 1 || b.left > a.right - 1 || a.top > b.bottom - 1 || b.top > a.bottom - 1;
  const within = (a, b) => a.left > b.left - 1 && a.right < b.right + 1 && a.top > b.top - 1 && a.bottom < b.bottom + 1;
  const component = what => [...document.querySelectorAll('*')].map(e => e.shadowRoot)
    .find(r => r && r.querySelector(what)).querySelector(what);
"""
"""JavaScript: boxes of elements, to a pixel, and an element within a component's shadow root."""


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)


def go_to(page: Page, title: str) -> None:
    """Clicks a page in the sidebar."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    settled(page)


def resize(page: Page, width: int) -> None:
    """Makes the window so wide and waits until what listens to it has drawn anew."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": width, "height": size["height"]})
    page.wait_for_function("width => innerWidth === width", arg=width)
    page.wait_for_timeout(150)  # Streamlit and the components lay themselves out one after the other


def focused(page: Page, what: str) -> str:
    """What JavaScript says of the focused element `e`, within components too; empty when there is none."""
    return str(
        page.evaluate(
            f"""() => {{ let e = document.activeElement;
                while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
                return e && ({what}) || ''; }}"""
        )
    )


# -- Browse ------------------------------------------------------------------------------------------------------------


def found(page: Page) -> Locator:
    """Where Browse says how many items it found."""
    return page.get_by_test_id("stMainBlockContainer").locator("strong").filter(has_text=ITEMS_FOUND)


def count_found(page: Page) -> int:
    return int(re.sub(r"\D", "", found(page).inner_text()))


def facet_row(page: Page, facet: str, value: str) -> Locator:
    group = page.locator(f'.facets .list[aria-label="{facet}"]')
    return group.locator("label.row").filter(has=page.locator(".value", has_text=re.compile(rf"^{value}")))


def count_of(row: Locator) -> int:
    return int(row.locator(".count").inner_text().replace(",", ""))


def wait_painted(page: Page, least: int) -> None:
    """Waits until so many thumbnails have really been decoded."""
    page.wait_for_function(
        """least => [...document.querySelectorAll('*')]
               .flatMap(e => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('.grid img')] : [])
               .filter(i => i.naturalWidth > 0).length >= least""",
        arg=least,
    )


# -- Spot check --------------------------------------------------------------------------------------------------------


def ask(page: Page) -> None:
    """Asks what is set and waits until the run is finished."""
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=90_000)
    settled(page)
