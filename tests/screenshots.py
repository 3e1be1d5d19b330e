"""Pictures of the running app: `python -m tests.screenshots [--out FOLDER] [--all] [--home HOME]`.

Without options it makes the pictures that README shows; with --all every page, light and dark, wide and narrow.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from medmat_explorer.default_collection import ITEMS_A_SUBSET, ensure_phantoms
from tests.browser import find_chromium, launch_arguments
from tests.conftest import ROOT
from tests.e2e.conftest import settled, start_server, stop_server


@dataclass(frozen=True)
class Shot:
    """One picture: an address, what to do and wait for there, and how large."""

    name: str
    address: str
    prepare: Callable[[Page], None]
    width: int = 1440
    height: int = 900
    dark: bool = False


def pictures_loaded(page: Page) -> None:
    """Waits until every thumbnail in view has been painted."""
    page.wait_for_function(
        """() => { const images = [...document.querySelectorAll('*')].flatMap(e => e.shadowRoot
                     ? [...e.shadowRoot.querySelectorAll('img')] : []);
                   return images.filter(i => i.getBoundingClientRect().top < innerHeight).every(i => i.complete); }"""
    )
    page.wait_for_timeout(400)


def gallery_painted(page: Page) -> None:
    """Waits for a gallery with its pictures."""
    page.wait_for_selector(".grid button.card img")
    pictures_loaded(page)


def matrix_drawn(page: Page) -> None:
    """Waits for the matrix of the Overview."""
    page.wait_for_selector(".js-plotly-plot .point")
    page.wait_for_timeout(800)


def lattice_drawn(page: Page) -> None:
    """Waits for the lattice."""
    page.wait_for_selector(".chip.target")
    page.wait_for_timeout(1200)


def answers_streamed(page: Page) -> None:
    """Asks the bundled backbone and waits for the last answer."""
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("Finished", exact=True).first.wait_for(timeout=120_000)
    settled(page)
    page.wait_for_selector("article .verdict")
    page.wait_for_timeout(1500)
    pictures_loaded(page)


def page_ready(page: Page) -> None:
    """Waits until nothing moves any more."""
    page.wait_for_timeout(800)


README = (
    Shot("overview", "/", matrix_drawn),
    Shot("browse", "/browse?split=test&sort=random", gallery_painted),
    Shot("lattice", "/lattice", lattice_drawn, height=1000),
    Shot("spot-check", "/spot_check?n=24&seed=7&controls=blank&controls=rotations", answers_streamed, height=1500),
)


def every_page(item: str) -> tuple[Shot, ...]:
    """Every page, light and dark, wide and narrow; `item` is the key of some item."""
    pages = (
        ("overview", "/", matrix_drawn),
        ("browse", "/browse?modality=CT", gallery_painted),
        ("item", f"/browse?item={item}", pictures_loaded),
        ("lattice", "/lattice", lattice_drawn),
        ("spot-check", "/spot_check?n=12&seed=3", answers_streamed),
        ("data", "/data", page_ready),
    )
    sizes = ((1440, 1000), (390, 844))
    return tuple(
        Shot(f"{name}-{width}-{'dark' if dark else 'light'}", address, prepare, width, height, dark)
        for name, address, prepare in pages
        for width, height in sizes
        for dark in (False, True)
    )


def take(browser: Browser, url: str, shot: Shot, out: Path, whole: bool) -> None:
    """Takes one picture."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme="dark" if shot.dark else "light"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url + shot.address)
    settled(page)
    shot.prepare(page)
    if whole:
        tall = page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
        page.set_viewport_size({"width": shot.width, "height": min(int(tall) + 20, 6000)})
        page.wait_for_timeout(700)
        pictures_loaded(page)
    page.screenshot(path=out / f"{shot.name}.png")
    context.close()


def some_item(home: Path) -> str:
    """The key of an item of the synthetic collection."""
    from medmat_explorer.domain.selection import Selection
    from medmat_explorer.store.collections import open_catalog

    return open_catalog("phantoms", home).page(Selection.of(modality=["MRI"]), 0, 1)[0].key


def main() -> None:
    """Makes the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=ROOT / "assets" / "screenshots")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        home = given.home or Path(scratch) / "home"
        print(f"Making the synthetic collection ({ITEMS_A_SUBSET} items a subset) where there is none ...")
        ensure_phantoms(home, lambda stage, done, total: None)
        server = start_server(home, Path(scratch) / "server.log")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_arguments())
        try:
            for shot in every_page(some_item(home)) if given.all else README:
                if given.only in shot.name:
                    take(browser, server.url, shot, given.out, whole=given.all)
                    print(f"{shot.name}.png")
        finally:
            browser.close()
            stop_server(server)


if __name__ == "__main__":
    main()
