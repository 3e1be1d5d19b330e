"""The cube and the transfer view in a real browser: keyboard, pointer, heads that stay in sight, nothing cut."""

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
  const matrix = component('.matrix');
  const found = [];
  for (const cell of matrix.querySelectorAll('.cell')) {
    const marks = [...cell.querySelectorAll('.mark')];
    marks.forEach((a, i) => {
      if (!within(box(a), box(cell))) found.push(`${a.textContent} leaves ${cell.ariaLabel}`);
      if (a.scrollWidth > a.clientWidth + 1) found.push(`${a.textContent} is cut in ${cell.ariaLabel}`);
      marks.slice(i + 1).forEach(b => { if (!apart(box(a), box(b))) found.push(`${cell.ariaLabel}: marks overlap`); });
    });
  }
  for (const part of matrix.querySelectorAll('.head .words, .head .note')) {
    const upright = getComputedStyle(part).writingMode === 'horizontal-tb';
    if (upright ? part.scrollWidth > part.clientWidth + 1 : part.scrollHeight > part.clientHeight + 1)
      found.push(`the head ${part.textContent} is cut`);
    if (!within(box(part), box(part.closest('.head')))) found.push(`${part.textContent} leaves its head`);
  }
  for (const text of matrix.querySelectorAll('.mark, .text, .number, .note, .badge, .said'))
    if (parseFloat(getComputedStyle(text).fontSize) < 11) found.push(`${text.textContent} is too small`);
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page is wider than the window');
  return found;
}"""
)
CONTRAST = """() => { const root = [...document.querySelectorAll('*')].map(e => e.shadowRoot)
     .find(r => r && r.querySelector('.matrix'));
   const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
   const light = (colour, under) => { canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1);
     canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
     return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
       .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
       .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0); };
   const page = getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor;
   return Math.min(...[...root.querySelectorAll('.cell .mark')].map(mark => {
     const style = getComputedStyle(mark);
     const [a, b] = [light(style.color, page), light(style.backgroundColor, page)].sort((x, y) => y - x);
     return (a + 0.05) / (b + 0.05); })); }"""
"""The least contrast of a mark with what it stands on."""
DARK = """() => getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor
  .match(/\\d+/g).slice(0, 3).every(part => part < 60)"""


def open_view(page: Page, server: Server, address: str) -> None:
    page.goto(f"{server.url}/lattice{address}")
    page.wait_for_selector(".matrix .cell")
    settled(page)


def cell(page: Page, label: str) -> Locator:
    return page.locator(f'.matrix .cell[aria-label^="{label}"]').first


def focused_name(page: Page) -> str:
    return focused(page, "e.getAttribute('aria-label')")


def test_the_keyboard_alone_finds_a_gap_and_makes_it_the_target(server: Server, page: Page) -> None:
    open_view(page, server, "?universe=collection&target=P01&view=cube")
    assert page.locator(".matrix .cell[tabindex='0']").count() == 1
    page.locator(".matrix .cell[tabindex='0']").focus()
    assert focused_name(page).startswith("CT Brain: State (P01) (the target's cell")
    page.keyboard.press("ArrowUp")
    assert focused_name(page).startswith("CT Bones: empty, a gap for every task")
    expect(page.locator(".matrix .said")).to_contain_text("CT Bones: empty")
    expect(page.locator(".head.lit")).to_have_text([re.compile("CT"), re.compile("Bones")])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]cell=CT(/|%2F)Bones"))
    gaps = page.get_by_role("table", name=re.compile("^Gaps of CT · Bones"))
    expect(gaps).to_be_visible()
    settled(page)
    assert focused_name(page).startswith("CT Bones"), "the focus stays where it was"
    assert gaps.get_by_role("row").count() == 5
    expect(gaps.get_by_role("row").nth(1)).to_contain_text("pictures here")
    for _ in range(12):
        page.keyboard.press("Tab")
        if focused_name(page).startswith("Make CT/Bones"):
            break
    chosen = focused_name(page).removeprefix("Make ").removesuffix(" the target")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("target=" + chosen.replace("/", "(/|%2F)")))
    expect(page).to_have_url(re.compile(r"[?&]view=target\b"))
    expect(page).not_to_have_url(re.compile("cell="))


def test_arrows_stop_at_the_edges_and_escape_closes_the_cell(server: Server, page: Page) -> None:
    open_view(page, server, "?universe=collection&view=cube&cell=CT/Lung")
    expect(page.get_by_role("heading", name="CT · Lung")).to_be_visible()
    expect(cell(page, "CT Lung")).to_have_attribute("aria-selected", "true")
    cell(page, "CT Lung").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert focused_name(page).startswith("CT Lung")
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowDown")
    assert focused_name(page).startswith("X-ray Skin")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("cell="))
    expect(page.get_by_role("heading", name="CT · Lung")).to_have_count(0)
    page.keyboard.press("Tab")
    assert not focused_name(page).startswith("X-ray"), "one tab stop"


def test_on_a_phone_nothing_is_cut_and_the_heads_stay_in_sight_when_the_matrix_is_scrolled(
    server: Server, new_page: Callable[..., Page]
) -> None:
    page = new_page(width=390, height=844)
    open_view(page, server, "?universe=published&view=transfer&target=28")
    assert page.evaluate(FAULTS) == []
    open_view(page, server, "?universe=published&view=cube&target=28&other=05")
    assert page.evaluate(FAULTS) == []
    scroller = page.locator(".matrix .scroller").first
    assert scroller.evaluate("e => e.scrollLeft") > 0, "the target's column is in sight at first"
    seen = scroller.evaluate(
        """e => { e.scrollTo(120, 300); const top = e.getBoundingClientRect();
          const row = e.querySelector('.rowheader').getBoundingClientRect();
          const column = e.querySelector('.columnheader').getBoundingClientRect();
          return [Math.round(row.left - top.left), Math.round(column.top - top.top)]; }"""
    )
    assert seen == [0, 0]
    cell(page, "X-ray Lung").click()
    expect(page.get_by_role("heading", name="X-ray · Lung")).to_be_visible()


def check_widths(page: Page) -> None:
    """Nothing is cut and nothing overlaps at a desk, nor while the window narrows and widens."""
    for width in (1440, 1024, 1440):
        resize(page, width)
        assert page.evaluate(FAULTS) == [], width


def test_nothing_is_cut_marks_are_readable_and_a_second_target_draws_its_cross_and_the_comparison(
    server: Server, page: Page
) -> None:
    open_view(page, server, "?universe=published&view=cube&target=28&other=05")
    check_widths(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(DARK)
    assert page.evaluate(CONTRAST) > 4.5
    page.emulate_media(color_scheme="light")
    expect(page.locator(".matrix .cell.other-own")).to_have_attribute("aria-label", re.compile("^CT Brain"))
    expect(page.locator(".badge.other").first).to_be_visible()
    both = page.get_by_role("grid", name=re.compile("^Subsets by what they share with 28"))
    both.get_by_role("gridcell", name=re.compile("^30, 47, 48: shares modality and area with 28")).click()
    expect(page).to_have_url(re.compile("both=modality"))
    listed = page.get_by_role("table", name=re.compile("^Shares modality"))
    expect(listed.get_by_role("row")).to_have_count(4)
    listed.get_by_role("button", name="Make 47 the target").click()
    expect(page).to_have_url(re.compile(r"[?&]target=47\b"))
    expect(page).to_have_url(re.compile(r"[?&]view=target\b"))
    expect(page).not_to_have_url(re.compile(r"[?&](other|both|cell)="))


def test_nothing_of_the_transfer_matrix_is_cut_and_a_cell_lists_its_rows(server: Server, page: Page) -> None:
    open_view(page, server, "?universe=published&view=transfer&target=28")
    check_widths(page)
    expect(cell(page, "03 to 28: 7 rows")).to_have_text("▲4/7-4…+19")
    cell(page, "03 to 28").click()
    expect(page).to_have_url(re.compile(r"[?&]transfer=03-28\b"))
    expect(page.get_by_text("7 rows, gains -4 to +19 points").first).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save SVG").first.click()
    text = saved.value.path().read_text("utf-8")
    assert "<title>Published gains" in text
    assert ">▲4/7</text>" in text
