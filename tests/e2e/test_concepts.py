"""The lattice of all subsets in a real browser: cones, keyboard, pointer, search, zoom, narrow windows, links."""

import math
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app_pages import GEOMETRY, focused, resize
from tests.e2e.conftest import Server, settled

pytestmark = pytest.mark.e2e

FAULTS = (
    "() => {"
    + GEOMETRY
    + """
  const picture = component('.concepts');
  const all = what => [...picture.querySelectorAll(what)];
  const name = e => e.closest('.concept').querySelector('title').textContent + ' ' + e.textContent;
  const found = [];
  const parts = all('.words, .plate');
  parts.forEach((a, i) => parts.slice(i + 1).forEach(b => {
    if (!apart(box(a), box(b))) found.push(`${name(a)} overlaps ${name(b)}`);
  }));
  for (const text of all('.count, .words'))
    if (parseFloat(getComputedStyle(text).fontSize) < 11) found.push(`${text.textContent} is too small`);
  for (const chip of all('.stop.chip')) {
    const [plate, text] = [box(chip.querySelector('.plate')), box(chip.querySelector('.count'))];
    if (text.left < plate.left || text.right > plate.right) found.push(`${text.textContent} leaves its chip`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page is wider than the window');
  if (all('.edge').some(e => !e.getAttribute('d'))) found.push('an edge has no path');
  return found;
}"""
)


def open_concepts(page: Page, server: Server, address: str = "&universe=published&target=28") -> None:
    page.goto(f"{server.url}/lattice?view=collection{address}")
    page.wait_for_selector(".concepts .stop")
    settled(page)


def stop(page: Page, key: str) -> Locator:
    return page.locator(f'.concepts [data-key="{key}"]')


def disc(page: Page, elements: str) -> Locator:
    """The disc of the concept with these elements."""
    return page.locator(f'.concepts .stop[aria-label^="{elements}:"]')


def lit(page: Page) -> set[str]:
    """What the lit concepts are called."""
    return set(page.locator(".concept.on > title").evaluate_all("ts => ts.map(t => t.textContent.split(' (')[0])"))


def focused_key(page: Page) -> str:
    return focused(page, "e.dataset.key")


def line(page: Page) -> Locator:
    return page.locator(".concepts .line")


def scene(page: Page) -> tuple[float, float, float]:
    """Where the picture stands and how large it is drawn: x, y, scale."""
    text = page.locator(".concepts .scene").get_attribute("transform") or ""
    x, y, scale = (float(part) for part in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text))
    return x, y, scale


CONE = {
    "no element in common",
    "X-ray",
    "Lung",
    "State",
    "X-ray · Lung",
    "X-ray · State",
    "Lung · State",
    "X-ray · Lung · State",
    "all elements at once",
}


def test_the_cone_of_the_target_is_lit_until_another_is_looked_at_or_pinned(server: Server, page: Page) -> None:
    open_concepts(page, server)
    assert lit(page) == CONE
    disc(page, "Intestine").hover()
    expect(page.locator(".concepts .canvas.held")).to_have_count(1)
    assert {"Intestine", "End · Intestine", "no element in common"} <= lit(page)
    assert "X-ray" not in lit(page)
    expect(line(page)).to_contain_text("6 subsets")
    named = line(page).locator("[data-number]").all_inner_texts()
    assert [text[:2] for text in named] == ["11", "13", "39", "40", "41", "45"]
    assert named[0] == "11 End · Intestine · Level"
    page.get_by_role("heading", name="Lattice").hover()
    expect(page.locator(".concepts .canvas.held")).to_have_count(0)
    assert lit(page) == CONE
    expect(line(page)).to_contain_text("1 subset")

    # a pinned concept stays, and its subsets can be chosen below
    disc(page, "Brain").click()
    page.get_by_role("heading", name="Lattice").hover()
    expect(line(page)).to_contain_text("Brain")
    line(page).locator('[data-number="22"]').click()
    expect(page).to_have_url(re.compile(r"[?&]subset=22\b"))
    expect(line(page).locator('[aria-pressed="true"]')).to_have_attribute("data-number", "22")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+Enter")
    expect(page).to_have_url(re.compile(r"[?&]target=06\b"))
    expect(page.locator(".concepts .stop.target")).to_have_attribute("data-key", "subset:06")


def test_arrows_walk_along_the_order_and_enter_chooses(server: Server, page: Page) -> None:
    open_concepts(page, server)
    assert page.locator('.concepts .canvas [tabindex="0"]').count() == 1
    stop(page, "subset:28").focus()
    page.keyboard.press("ArrowUp")
    assert page.locator(".concept.from > title").text_content() == "X-ray · State (3 subsets)"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused_key(page) == "concept:0"
    page.keyboard.press("ArrowUp")
    assert focused_key(page) == "concept:0"
    page.keyboard.press("Home")
    assert focused_key(page) == "subset:28"
    page.keyboard.press("ArrowRight")
    neighbour = focused_key(page)
    assert neighbour.startswith("subset:") and neighbour != "subset:28"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"[?&]subset={neighbour[7:]}\b"))
    expect(stop(page, neighbour)).to_have_attribute("aria-pressed", "true")
    settled(page)
    assert focused_key(page) == neighbour
    page.keyboard.press("Shift+Enter")
    expect(page).to_have_url(re.compile(rf"[?&]target={neighbour[7:]}\b"))
    expect(page.locator(".concepts .stop.target")).to_have_attribute("data-key", neighbour)
    page.keyboard.press("Tab")
    assert not focused_key(page)
    page.keyboard.press("Shift+Tab")
    assert focused_key(page) == neighbour


def test_nothing_overlaps_and_a_click_chooses_a_subset_and_a_double_click_makes_the_target(
    server: Server, page: Page
) -> None:
    open_concepts(page, server)
    expect(page.locator(".concepts .concept")).to_have_count(76)
    expect(page.locator(".concepts .stop.chip")).to_have_count(53)
    for width in (1440, 1024, 1440):
        resize(page, width)
        assert page.evaluate(FAULTS) == [], width
    stop(page, "subset:30").click()
    expect(page).to_have_url(re.compile(r"[?&]subset=30\b"))
    expect(page.get_by_test_id("stMarkdown").get_by_text("Subset 30")).to_be_visible()
    stop(page, "subset:05").dblclick()
    expect(page).to_have_url(re.compile(r"[?&]target=05\b"))
    expect(page.locator(".concepts .stop.target")).to_have_attribute("data-key", "subset:05")
    settled(page)
    page.get_by_role("heading", name="Lattice").hover()
    assert "CT · Brain · State" in lit(page)


def test_search_lights_what_it_finds_and_the_picture_is_zoomed_and_moved(server: Server, page: Page) -> None:
    open_concepts(page, server)
    field = page.get_by_label("Find a subset, element or task.")
    field.fill("pneumo")
    expect(page.locator(".concepts .found")).to_have_text("2 found")
    matches = page.locator(".concept.match > title").evaluate_all("ts => ts.map(t => t.textContent.split(' (')[0])")
    assert set(matches) == {"X-ray · Lung · State", "X-ray · Lung · Pneumothorax Det"}
    field.press("Enter")
    first = page.locator(".concepts .found").inner_text()
    field.press("Enter")
    expect(page.locator(".concepts .found")).to_contain_text("2 of 2")
    assert first.startswith("1 of 2")
    field.fill("5")
    expect(page.locator(".concepts .found")).to_have_text("1 found")
    assert page.locator(".concept.match [data-number]").evaluate_all("cs => cs.map(c => c.dataset.number)") == [
        "05",
        "06",
    ]
    field.fill("brain")
    assert disc(page, "Brain").locator("xpath=..").get_attribute("class") == "concept disc on match"
    field.fill("no such thing")
    expect(page.locator(".concepts .found")).to_have_text("nothing found")
    field.press("Escape")
    expect(field).to_have_value("")
    assert lit(page) == CONE

    # zoom by button, key and wheel; move by dragging
    whole = scene(page)
    page.get_by_role("button", name="Zoom in").click()
    assert scene(page)[2] == pytest.approx(1.25 * whole[2])
    stop(page, "subset:28").focus()
    page.keyboard.press("-")
    assert scene(page)[2] == pytest.approx(whole[2])
    page.keyboard.press("+")
    page.keyboard.press("+")
    before = scene(page)
    box = page.locator(".concepts .canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + 300
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.up()
    moved = scene(page)
    assert (moved[0] - before[0], moved[1] - before[1]) == pytest.approx((40, 30), abs=1.5)
    shown = page.locator(".concepts .scene").get_attribute("transform") or ""
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(page.locator(".concepts .scene")).not_to_have_attribute("transform", shown)
    assert scene(page)[2] == pytest.approx(moved[2] * math.exp(0.4))
    page.get_by_role("button", name="Show the whole picture").click()
    assert scene(page) == pytest.approx(whole)
    page.mouse.wheel(0, 150)  # without Ctrl the page scrolls
    assert scene(page) == pytest.approx(whole)


def test_on_a_phone_nothing_overlaps_and_the_picture_pans_with_the_target_in_the_middle(
    server: Server, new_page: Callable[..., Page]
) -> None:
    page = new_page(width=390, height=844)
    open_concepts(page, server)
    assert page.evaluate(FAULTS) == []
    target = stop(page, "subset:28")
    target.scroll_into_view_if_needed()
    expect(target).to_be_in_viewport()
    x, _, scale = scene(page)
    assert (x < -50, scale) == (True, 1)
    page.get_by_role("button", name="Show the whole picture").click()
    assert scene(page)[2] < 0.7
    stop(page, "subset:28").click()
    expect(line(page)).to_contain_text("X-ray")


def test_the_rule_switch_draws_other_concepts_and_the_link_carries_it(server: Server, page: Page) -> None:
    open_concepts(page, server, "&universe=published&target=28&rule=short&merge=1")
    expect(page.locator(".concepts .concept")).to_have_count(81)
    page.get_by_role("radio", name="published").or_(page.get_by_role("button", name="published")).first.click()
    expect(page.locator(".concepts .concept")).to_have_count(78)
    settled(page)
    assert page.evaluate(FAULTS) == []
    expect(page.get_by_text("78 concepts of 53 subsets by the rule published, areas merged")).to_be_visible()


def test_picture_and_table_lead_to_the_items_and_the_picture_can_be_saved(server: Server, page: Page) -> None:
    open_concepts(page, server, "&universe=collection&target=P01")
    disc(page, "Brain").click()
    page.get_by_role("heading", name="Lattice").hover()
    link = line(page).get_by_role("link")
    expect(link).to_have_text("Browse 45 items")
    assert re.search(r"browse\?.*subset=P01&subset=P05&subset=P06$", link.get_attribute("href") or "")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save SVG").click()
    assert download.value.suggested_filename == "concepts-P01-paper.svg"
    page.get_by_text("The same as a table · 49 concepts").click()
    table = page.get_by_role("table", name="Concepts, 49")
    expect(table.get_by_role("row")).to_have_count(50)
    table.get_by_role("link", name="Browse 45 items of Brain").click()
    expect(page).to_have_url(re.compile(r"/browse\?.*subset=P01&subset=P05&subset=P06"))
