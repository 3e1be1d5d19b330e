"""In a browser: a folder of labelled pictures, from the form to the gallery and the lattice, and away again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from medmat_explorer.collection_import import import_folder
from tests.e2e.app_pages import open_page
from tests.e2e.conftest import Server, settled, start_server, stop_server
from tests.labelled_pictures import labelled_pictures, picture
from tests.release_folder import SUBSET_02, record, write

ENOUGH = 60_000
"""Milliseconds for what reads files and imports, also on a busy machine."""
PAINTED = """() => {
  const found = [];
  const look = (root) => root.querySelectorAll('*').forEach((e) => {
    if (e.tagName === 'IMG' && e.src.includes('/thumbs/')) found.push(e);
    if (e.shadowRoot) look(e.shadowRoot);
  });
  look(document);
  return found.length === 24 && found.every((e) => e.complete && e.naturalWidth > 0);
}"""


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server over a small collection of its own, since the tests change it."""
    found = [record(number, answer, image=f"med-mat/{number}.png") for number, answer in enumerate(("Cyst", "Stone"))]
    release = write(tmp_path / "release", **{SUBSET_02: found})
    for number in range(2):
        picture(release / "med-mat" / f"{number}.png", 900 + number)
    import_folder(release, "small", tmp_path / "home", progress=lambda stage, done, total: None)
    running = start_server(tmp_path / "home", tmp_path / "server.log")
    yield running
    stop_server(running)


def choose(page: Page, label: str, value: str) -> None:
    """Writes a value into a picker, one that it knows or a new one."""
    page.get_by_role("combobox", name=label).last.click()
    page.keyboard.type(value)
    page.keyboard.press("Enter")
    settled(page)


def fill_form(page: Page, folder: Path, elements: tuple[str, str, str]) -> None:
    page.get_by_text("New subset").click()
    page.get_by_role("textbox", name="Folder of labelled images").fill(str(folder))
    page.keyboard.press("Tab")
    settled(page)
    for label, value in zip(("Modality", "Area", "Task"), elements, strict=True):
        choose(page, label, value)


def test_from_the_form_to_the_gallery_and_away_again(own_server: Server, page: Page, tmp_path: Path) -> None:
    folder = labelled_pictures(tmp_path / "lumps", each=8)
    (folder / "Cyst" / "broken.png").write_bytes(b"no picture")
    picture(folder / "Stone" / "copy.png", 16)
    open_page(page, f"{own_server.url}/data")
    fill_form(page, folder, ("CT", "Spleen", "Cancer"))

    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("U01 CT · Spleen · Cancer")).to_be_visible(timeout=ENOUGH)
    expect(page.locator("strong", has_text="CT image of the spleen").first).to_be_visible(timeout=ENOUGH)
    expect(page.get_by_role("img", name=re.compile("^Example:")).first).to_be_visible(timeout=ENOUGH)
    assert not (own_server.home / "own_subsets").exists()

    page.get_by_role("button", name="Make the subset").click()
    expect(
        page.get_by_text("Made subset U01 of small: 24 questions, 21 for training and 3 for the test")
    ).to_be_visible(timeout=ENOUGH)
    expect(page.get_by_text("2 left out:")).to_contain_text("no picture that can be read (1)")
    settled(page)

    page.get_by_role("link", name="Browse it").click()
    expect(page).to_have_url(re.compile("subset=U01"))
    settled(page)
    page.wait_for_function(PAINTED)
    expect(page.get_by_text("24 items").first).to_be_visible(timeout=ENOUGH)

    open_page(page, f"{own_server.url}/lattice?target=U01&universe=published")
    expect(page.get_by_text("Med-MAT (53) and 1 own")).to_be_visible(timeout=ENOUGH)
    expect(page.get_by_text(re.compile(r"U01 CT · Spleen · Cancer · \d+ related and \d+ unrelated"))).to_be_visible(
        timeout=ENOUGH
    )

    open_page(page, f"{own_server.url}/data")
    page.get_by_role("button", name="Remove", exact=False).first.click()
    page.get_by_role("button", name="Remove U01").click()
    expect(page.get_by_text("Subset U01 is removed from small.")).to_be_visible(timeout=ENOUGH)
    settled(page)
    expect(page.get_by_text("2 items in 1 subset").first).to_be_visible(timeout=ENOUGH)
    assert (folder / "Cyst" / "Cyst (0).png").exists()


def test_what_is_wrong_with_a_folder_is_said_before_anything_is_made(
    own_server: Server, page: Page, tmp_path: Path
) -> None:
    open_page(page, f"{own_server.url}/data")
    fill_form(page, labelled_pictures(tmp_path / "one", ("Cyst",)), ("CT", "Spleen", "Cancer"))
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("All 10 pictures have the same label")).to_be_visible(timeout=ENOUGH)
    page.get_by_role("button", name="Make the subset").click()
    expect(page.get_by_text("U01 CT · Spleen · Cancer")).to_have_count(0, timeout=ENOUGH)  # the preview is gone
    expect(page.get_by_text("All 10 pictures have the same label").last).to_be_visible(timeout=ENOUGH)
    assert not list((own_server.home / "own_subsets").rglob("*.png"))
