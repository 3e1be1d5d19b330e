"""Browse in a browser: facets against SQL, links, keys, tags, basket, views, charts, broken and oddly named images."""

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.app_pages import count_of, facet_row, found, open_page, wait_painted
from tests.e2e.conftest import Server, settled, start_server, stop_server
from tests.release_folder import SUBSET_02, record, run_import, write

pytestmark = pytest.mark.e2e
ODD_NAMES = (
    "100%.png",
    "a#b.png",
    "two  blanks .png",
    "no extension",
    "ünïcödé-图像.png",
    "q?x=1&y=2.png",
    "x" * 180 + ".png",
    "%2e%2e%2fup.png",
    "semi;colon,comma'quote.png",
)
CARD = ".grid button.card"


def open_list(page: Page, title: str) -> None:
    """Unfolds a filter list that is folded at first."""
    heading = page.locator(".facets summary").filter(has=page.locator(f'.title:text-is("{title}")'))
    if heading.locator("xpath=..").get_attribute("open") is None:
        heading.click()


def act_on(page: Page, title: str, value: str, act: str) -> None:
    """`only` or `not` beside a facet's value."""
    row = facet_row(page, title, value)
    row.hover()
    row.locator(f"button.{act}").click()
    settled(page)


@pytest.fixture(scope="module")
def odd_server(tmp_path_factory: pytest.TempPathFactory) -> "Server":
    """A server over images with odd names, one that is broken and one that is missing."""
    folder = tmp_path_factory.mktemp("odd")
    images = [f"med-mat/odd/{name}" for name in (*ODD_NAMES, "broken.png", "missing.png")]
    write(folder / "release", **{SUBSET_02: [record(i, image=image) for i, image in enumerate(images)]})
    for place, image in enumerate(images[:-1]):
        file = folder / "release" / image
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), (20 * place, 90, 120)).save(file, "PNG")
    (folder / "release" / "med-mat/odd/broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    run_import(folder / "release", folder / "home", "odd")
    from medmat_explorer.store.image_check import check_images

    check_images("odd", folder / "home")
    running = start_server(folder / "home", folder / "server.log")
    yield running
    stop_server(running)


def test_facet_counts_are_those_of_sql(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?not.modality=CT&split=test")
    catalog = next((server.home / "collections" / "phantoms").glob("catalog-*.duckdb"))
    with duckdb.connect(str(catalog), read_only=True) as connection:
        query = (
            "SELECT {value}, count(*) FROM items i JOIN subsets s ON s.number = i.subset "
            "WHERE s.modality <> 'CT' AND split = 'test' GROUP BY 1"
        )
        areas = dict(connection.execute(query.format(value="s.area")).fetchall())
        letters = dict(connection.execute(query.format(value="i.letter")).fetchall())
    expect(found(page)).to_have_text(f"{sum(areas.values())} items")
    open_list(page, "Right letter")
    for title, counts in (("Area", areas), ("Right letter", letters)):
        shown = page.locator(f'.facets .list[aria-label="{title}"] label.row')
        expect(shown).to_have_count(len(counts))
        assert {value: count_of(facet_row(page, title, value)) for value in counts} == counts


def test_only_not_clear_and_a_pasted_list_stand_in_the_address_and_back_undoes_them(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?modality=CT&modality=MRI")
    expected = count_of(facet_row(page, "Modality", "US"))
    act_on(page, "Modality", "US", "only")
    expect(found(page)).to_have_text(f"{expected} items")
    expect(facet_row(page, "Modality", "CT").locator("input")).not_to_be_checked()
    page.get_by_title("Clear Modality").click()
    everything = "360 items"
    expect(found(page)).to_have_text(everything)
    settled(page)
    act_on(page, "Modality", "MRI", "not")
    expect(page).to_have_url(re.compile(r"not\.modality=MRI"))
    expect(facet_row(page, "Modality", "not MRI")).to_have_class(re.compile("refused"))
    expect(found(page)).not_to_have_text(everything)
    act_on(page, "Split", "test", "only")
    expect(page).to_have_url(re.compile("split=test"))
    page.go_back()
    page.go_back()
    expect(found(page)).to_have_text(everything)

    page.get_by_role("button", name="Paste a list of subset").click()
    page.get_by_role("textbox", name="List of subset").fill("P01, p02\nP99")
    page.get_by_role("button", name="Choose the pasted subset").click()
    expect(page).to_have_url(re.compile("subset=P01&subset=P02"))
    expect(found(page)).to_have_text("30 items")
    expect(page.get_by_text("Not in this collection: P99.")).to_be_visible()


def test_a_link_opens_the_same_view_in_another_browser(
    server: Server, page: Page, new_page: Callable[..., Page]
) -> None:
    open_page(page, f"{server.url}/browse?not.modality=CT&sort=random&seed=7&per=48&density=small&q=-normal&page=2")
    wait_painted(page, 48)
    names = page.locator(f"{CARD} .name").all_inner_texts()
    other = new_page(alone=True)
    open_page(other, page.url)
    wait_painted(other, 48)
    assert other.locator(f"{CARD} .name").all_inner_texts() == names
    keys = [card.get_attribute("data-key") for card in page.locator(CARD).all()]
    assert [card.get_attribute("data-key") for card in other.locator(CARD).all()] == keys
    open_page(other, page.url.replace("seed=7", "seed=8"))
    assert [card.get_attribute("data-key") for card in other.locator(CARD).all()] != keys


def test_the_keyboard_finds_moves_opens_closes_and_tags(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?subset=P03")
    wait_painted(page, 15)
    expect(page.get_by_text("? keys")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_placeholder("Search", exact=True)).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("put it into the basket")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(page.locator(CARD).first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(CARD).nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator(CARD).last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("t")
    page.keyboard.type("from the keyboard")
    page.keyboard.press("Enter")
    expect(page.locator(f"{CARD} .tags").first).to_have_text("# from the keyboard")
    wanted = page.locator(CARD).first.get_attribute("data-key")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"item={wanted}"))
    expect(page.locator("li.right")).to_be_visible()
    expect(page.locator("p.question")).to_be_visible()
    first = page.url
    settled(page)
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(first)
    settled(page)
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(first)
    settled(page)
    page.locator("h1").click()
    page.keyboard.press("t")
    page.keyboard.type("on its own page")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="on its own page ✕")).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("item="))
    expect(page.locator(CARD).first).to_be_visible()


def test_tags_and_basket_hold_a_whole_selection_and_travel(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?subset=P02")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="Tag", exact=True).fill("whole <b>subset</b> *x*")
    page.get_by_role("button", name="Tag all 15").click()
    expect(page.get_by_text("15 items have the tag")).to_be_visible()
    page.keyboard.press("Escape")
    open_list(page, "Tag")
    expect(facet_row(page, "Tag", "whole <b>subset</b> \\*x\\*").locator(".count")).to_have_text("15")
    page.locator(".tile").first.hover()
    page.locator(".tile .pick").first.click()
    expect(page.get_by_role("button", name="Basket (1)")).to_be_visible()
    page.get_by_role("button", name="Basket (1)").click()
    page.get_by_test_id("stPopoverBody").get_by_role("link", name="Ask the model these").click()
    expect(page).to_have_url(re.compile("spot_check.*tag=basket"))
    expect(page.get_by_text(re.compile("Only items with tag basket"))).to_be_visible()


def test_a_tag_is_still_there_after_the_collection_is_imported_anew(
    fresh_server: Server, page: Page, medmat_mini: Path
) -> None:
    for turn in range(2):
        open_page(page, f"{fresh_server.url}/data")
        page.get_by_label("Folder on the machine").fill(str(medmat_mini))
        page.get_by_label("Name of the collection").fill("again")
        page.get_by_role("button", name="Import", exact=True).click()
        expect(page.get_by_text("Imported 'again'.")).to_be_visible(timeout=90_000)
        open_page(page, f"{fresh_server.url}/browse?collection=again&label=Stone")
        if turn == 0:
            page.locator(CARD).first.focus()
            page.keyboard.press("t")
            page.keyboard.type("look twice")
            page.keyboard.press("Enter")
            expect(page.locator(f"{CARD} .tags")).to_have_text("# look twice")
            key = page.locator(CARD).first.get_attribute("data-key")
    open_page(page, f"{fresh_server.url}/browse?collection=again&tag=look+twice")
    expect(found(page)).to_have_text("1 item")
    expect(page.locator(CARD)).to_have_attribute("data-key", str(key))


def test_a_saved_view_opens_again_and_can_be_forgotten(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?modality=CT&not.split=train&sort=label")
    items = found(page).inner_text()
    page.get_by_role("button", name=re.compile("Views")).click()
    page.get_by_label("Name of this view").fill("CT & test [x](y)")
    page.get_by_role("button", name="Save this view").click()
    open_page(page, f"{server.url}/browse")
    page.get_by_role("button", name=re.compile("Views")).click()
    page.get_by_role("button", name="CT & test [x](y)").click()
    expect(page).to_have_url(re.compile(r"not\.split=train"))
    expect(found(page)).to_have_text(items)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("button", name="CT & test [x](y)")).to_have_count(0)


def test_charts_leave_what_is_clicked(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/browse?show=charts&modality=CT")
    chart = page.get_by_test_id("stVegaLiteChart").filter(has=page.locator("canvas, svg"))
    expect(chart).to_have_count(7)
    options = chart.nth(2)
    options.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = options.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + 15)
    expect(page).to_have_url(re.compile("(words|letter|options|label|subset|pixels)="))
    expect(page).to_have_url(re.compile("modality=CT"))


def test_images_with_odd_names_are_shown_and_broken_and_missing_ones_say_why(odd_server: Server, page: Page) -> None:
    open_page(page, f"{odd_server.url}/browse")
    expect(found(page)).to_have_text(f"{len(ODD_NAMES) + 2} items")
    wait_painted(page, len(ODD_NAMES))
    reasons = page.locator(f"{CARD} .reason")
    expect(reasons).to_have_count(2)
    expect(page.get_by_text("image file is missing")).to_be_visible()
    expect(page.get_by_text(re.compile("image file cannot be read"))).to_be_visible()
    open_list(page, "Image file")
    assert {
        state: count_of(facet_row(page, "Image file", state)) for state in ("missing", "readable", "unreadable")
    } == {
        "missing": 1,
        "readable": len(ODD_NAMES),
        "unreadable": 1,
    }
    page.get_by_placeholder("Search", exact=True).fill('path:"100%.png"')
    page.keyboard.press("Enter")
    expect(found(page)).to_have_text("1 item")
    page.locator(CARD).first.click()
    expect(page.get_by_text("med-mat/odd/100%.png")).to_be_visible()
