"""Similar images and the map in a browser: computed in the page, neighbours, lasso, a picture of one's own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from medmat_explorer.default_collection import make_phantoms
from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from tests.e2e.app_pages import count_found, found, open_page, wait_painted
from tests.e2e.conftest import Server, settled, start_server, stop_server

pytestmark = pytest.mark.e2e
SIMILAR = '.grid[aria-label*="similar pictures"] button.card'
LONG = 120_000


@pytest.fixture(scope="module")
def similar_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over phantoms of its own: what is computed here must not show in other tests."""
    home = tmp_path_factory.mktemp("similar_home")
    make_phantoms(home, "phantoms", items=24, seed=0, progress=lambda stage, done, total: None)
    running = start_server(home, tmp_path_factory.mktemp("similar_log") / "server.log")
    yield running
    stop_server(running)


def catalog_of(server: Server) -> Catalog:
    return open_catalog("phantoms", server.home)


def encode(server: Server, page: Page) -> None:
    """Presses the button on the map where nothing is encoded yet, and waits for the map."""
    open_page(page, f"{server.url}/browse?show=map")
    nothing = page.get_by_text("The map needs a vector for each picture")
    chart = page.locator(".js-plotly-plot .scatterlayer .trace")
    expect(nothing.or_(chart).first).to_be_visible(timeout=LONG)
    if nothing.is_visible():
        page.get_by_role("button", name=re.compile(r"^Encode [\d,]+ images")).click()
    expect(chart.first).to_be_visible(timeout=LONG)
    settled(page)


def test_encoding_is_started_in_the_page_and_outlives_a_page_change(similar_server: Server, page: Page) -> None:
    open_page(page, f"{similar_server.url}/browse?show=map")
    expect(page.get_by_text("The map needs a vector for each picture")).to_be_visible()
    page.get_by_role("button", name="Encode 576 images").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    open_page(page, f"{similar_server.url}/lattice")
    open_page(page, f"{similar_server.url}/browse?show=map")
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile(r"Last run: 576 encoded \(.* a second on cpu\)"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text(re.compile("576 of 576 pictures"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"nearest neighbours of a picture .* interval .* chance"))).to_be_visible()


def test_neighbours_of_an_item_are_mostly_of_its_subset_and_open_in_the_gallery(
    similar_server: Server, page: Page
) -> None:
    encode(similar_server, page)
    item = catalog_of(similar_server).page(Selection.of(subset=["P03"]), 0, 1)[0]
    open_page(page, f"{similar_server.url}/browse?item={item.key}")
    expect(page.locator(SIMILAR)).to_have_count(24)
    nearest = page.locator(f"{SIMILAR} .detail").all_inner_texts()[:8]
    same = sum(text.startswith("P03 ") for text in nearest)
    assert same >= 4, f"by chance 0.3 of 8 would be of its subset; here {same}: {nearest}"
    likeness = [float(text.split(" ")[0]) for text in page.locator(f"{SIMILAR} .name").all_inner_texts()]
    assert likeness == sorted(likeness, reverse=True)
    keys = {card.get_attribute("data-key") for card in page.locator(SIMILAR).all()}
    assert item.key not in keys
    expect(page.get_by_text(re.compile(r"Of the item's own kind .* modality CT .* of n = 24"))).to_be_visible()

    page.get_by_text("With this picture itself").click()
    expect(page.locator(SIMILAR).first).to_have_attribute("data-key", item.key)
    expect(page).to_have_url(re.compile("same=1"))
    page.go_back()
    expect(page.locator(SIMILAR).first).not_to_have_attribute("data-key", item.key)

    page.get_by_role("button", name="Show these in the gallery").click()
    expect(page).to_have_url(re.compile(r"set=[0-9a-f]{16}"))
    expect(found(page)).to_have_text("24 items")
    settled(page)
    expect(page.locator(SIMILAR)).to_have_count(0)
    wait_painted(page, 24)
    assert {card.get_attribute("data-key") for card in page.locator(".grid button.card").all()} == keys


def drag(page: Page, points: list[tuple[float, float]]) -> None:
    """A drag over the map through points given as shares of its width and height."""
    box = page.locator(".js-plotly-plot .nsewdrag").bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_lasso_on_the_map_filters_the_gallery_and_back_undoes_it(similar_server: Server, page: Page) -> None:
    encode(similar_server, page)
    open_page(page, f"{similar_server.url}/browse?show=map&colour=subset")
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()
    drag(page, [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98), (0.02, 0.03)])
    expect(page).to_have_url(re.compile(r"set=[0-9a-f]{16}"))
    settled(page)
    picked = count_found(page)
    assert 0 < picked < 576
    expect(page).to_have_url(re.compile("colour=subset"))
    page.get_by_role("button", name=f"Show the {picked} picked items in the gallery").click()
    wait_painted(page, min(picked, 24))
    assert count_found(page) == picked
    page.go_back()
    page.go_back()
    expect(found(page)).to_have_text("576 items")


def test_a_filter_leaves_other_pictures_grey_and_a_click_opens_one(similar_server: Server, page: Page) -> None:
    encode(similar_server, page)
    open_page(page, f"{similar_server.url}/browse?show=map&modality=CT&split=test")
    items = count_found(page)
    expect(page.get_by_text(re.compile(f"{items} of {items} pictures, {576 - items} outside"))).to_be_visible()
    points = page.locator(".js-plotly-plot .scatterlayer .trace").nth(1).locator(".point")
    expect(points).to_have_count(items)
    page.locator(".js-plotly-plot").hover()
    page.locator('.modebar-btn[data-title="Pan"]').click()
    box = points.last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"], box["y"])
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"item=[0-9a-f]{16}"))
    expect(page.get_by_role("heading", name="Similar images")).to_be_visible()


def test_an_uploaded_picture_finds_itself_first_and_a_broken_one_gets_a_sentence(
    similar_server: Server, page: Page, tmp_path: Path
) -> None:
    encode(similar_server, page)
    catalog = catalog_of(similar_server)
    item = catalog.page(Selection.of(subset=["P11"]), 4, 1)[0]
    (tmp_path / "mine").write_bytes(catalog.image_path(item.key).read_bytes())
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    page.get_by_text("Find pictures like one of your own").click()
    page.locator('input[type="file"]').set_input_files(tmp_path / "mine")
    expect(page.locator(SIMILAR)).to_have_count(24, timeout=LONG)
    expect(page.locator(SIMILAR).first).to_have_attribute("data-key", item.key)
    expect(page.locator(f"{SIMILAR} .name").first).to_have_text(re.compile(r"^1\.000"))
    page.locator('input[type="file"]').set_input_files(tmp_path / "broken.png")
    expect(page.get_by_text("The picture cannot be opened")).to_be_visible(timeout=LONG)


def test_the_page_says_so_when_weights_are_refused(similar_server: Server, page: Page, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    encode(similar_server, page)
    page.get_by_text("Encode by another model").click()
    settled(page)
    page.get_by_role("combobox", name="Vision encoder").click()
    page.get_by_role("option", name="Another model on this machine").click()
    page.get_by_role("textbox", name="Folder of a vision model").fill(str(tmp_path))
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"holds pickled weights \(pytorch_model\.bin\)"))).to_be_visible()
