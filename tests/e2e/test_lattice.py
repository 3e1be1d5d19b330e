"""The Lattice page in a real browser: picture, keyboard, pointer, rule, links."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, settled

pytestmark = pytest.mark.e2e

FOCUSED = """() => { let e = document.activeElement;
                    while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
                    return e && e.dataset ? e.dataset.key || '' : ''; }"""
FAULTS = """() => {
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot);
  const lattice = roots.find(r => r && r.querySelector('.lattice')).querySelector('.lattice');
  const all = what => [...lattice.querySelectorAll(what)];
  const box = e => e.getBoundingClientRect();
  const name = e => e.dataset.key || e.ariaLabel;
  const within = (a, b) => a.left > b.left - 1 && a.right < b.right + 1 && a.top > b.top - 1 && a.bottom < b.bottom + 1;
  const apart = (a, b) => a.left > b.right - 1 || b.left > a.right - 1 || a.top > b.bottom - 1 || b.top > a.bottom - 1;
  const found = [];
  for (const chip of all('.chip'))
    if (!within(box(chip), box(chip.closest('.node')))) found.push(`${name(chip)} leaves its node`);
  for (const group of [all('.node'), all('.chip, .head')])
    group.forEach((a, i) => group.slice(i + 1).forEach(b => {
      if (!apart(box(a), box(b))) found.push(`${name(a)} overlaps ${name(b)}`);
    }));
  for (const text of all('.word, .number, .title, .values, .count, .tag, .badge'))
    if (parseFloat(getComputedStyle(text).fontSize) < 11) found.push(`${text.textContent} is too small`);
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page is wider than the window');
  if (all('.node').length !== 8) found.push('not eight nodes');
  const drawn = all('.edge').filter(e => e.getAttribute('d') && e.getTotalLength() > 5);
  if (drawn.length !== 12) found.push('not twelve edges');
  return found;
}"""


def open_lattice(page: Page, server: Server, address: str = "") -> None:
    page.goto(f"{server.url}/lattice{address}")
    page.wait_for_selector(".lattice .chip")
    settled(page)


def chip(page: Page, number: str) -> Locator:
    return page.locator(f'[data-key="chip:{number}"]')


def count(page: Page, node: int) -> str:
    return page.locator(f'[data-key="node:{node}"] .count').inner_text()


def faults(page: Page) -> list[str]:
    """What is wrong with the picture once its chips have come to rest."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('*')].every(e => !e.shadowRoot
               || [...e.shadowRoot.querySelectorAll('.chip')].every(c => !c.getAnimations().length))"""
    )
    return list(page.evaluate(FAULTS))


def line(page: Page, text: str) -> Locator:
    """A line of text on the page, outside the picture."""
    return page.get_by_test_id("stMarkdown").get_by_text(text)


def focused(page: Page) -> str:
    return str(page.evaluate(FOCUSED))


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_overlaps_on_the_screen(server: Server, new_page: Callable[..., Page], width: int) -> None:
    page = new_page(width=width)
    open_lattice(page, server, "?target=28")
    assert faults(page) == []
    expect(page.locator(".lattice .chip")).to_have_count(53)


def test_arrows_move_and_enter_makes_the_target(server: Server, page: Page) -> None:
    open_lattice(page, server, "?target=28&rule=paper")
    chip(page, "28").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "node:5"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "chip:26"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "chip:03"
    page.keyboard.press("Home")
    assert focused(page) == "chip:28"
    chip(page, "26").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]target=26\b"))
    expect(page.locator(".chip.target")).to_have_attribute("data-key", "chip:26")
    settled(page)
    assert focused(page) == "chip:26"
    assert faults(page) == []


def test_the_picture_is_one_stop_in_the_tab_order(server: Server, page: Page) -> None:
    open_lattice(page, server, "?target=28")
    assert page.locator('.canvas [tabindex="0"]').count() == 1
    chip(page, "03").focus()
    page.keyboard.press("Tab")
    assert not focused(page).startswith(("chip:", "node:"))
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "chip:03"


def test_space_and_click_choose_a_subset_and_its_card_shows(server: Server, page: Page) -> None:
    open_lattice(page, server, "?target=28")
    chip(page, "30").click()
    expect(page).to_have_url(re.compile(r"[?&]subset=30\b"))
    expect(line(page, "Subset 30")).to_be_visible()
    expect(line(page, "Tuberculosis Classification")).to_be_visible()
    expect(chip(page, "30")).to_have_attribute("aria-pressed", "true")
    chip(page, "47").focus()
    page.keyboard.press("Space")
    expect(line(page, "Subset 47")).to_be_visible()
    page.get_by_role("button", name="Make it the target").first.click()
    expect(page).to_have_url(re.compile(r"[?&]target=47\b"))
    expect(page).not_to_have_url(re.compile("subset="))


def test_a_double_click_makes_the_target(server: Server, page: Page) -> None:
    open_lattice(page, server, "?target=28")
    chip(page, "05").dblclick()
    expect(page.locator(".chip.target")).to_have_attribute("data-key", "chip:05")
    expect(page).to_have_url(re.compile(r"[?&]target=05\b"))


def test_the_rule_switch_changes_the_numbers(server: Server, page: Page) -> None:
    open_lattice(page, server, "?target=28")
    assert [count(page, node) for node in (7, 3, 5, 6, 1, 2, 4, 0)] == ["0", "3", "2", "2", "9", "0", "7", "29"]
    page.get_by_role("radio", name="published").or_(page.get_by_role("button", name="published")).first.click()
    expect(page).to_have_url(re.compile("rule=published"))
    expect(page.locator('[data-key="node:4"] .count')).to_have_text("0")
    assert [count(page, node) for node in (7, 3, 5, 6, 1, 2, 4, 0)] == ["0", "3", "0", "0", "11", "2", "0", "36"]
    expect(line(page, "16 related and 36 unrelated")).to_be_visible()
    page.get_by_text("Merge areas").click()
    expect(page).to_have_url(re.compile("merge=1"))
    expect(page.locator('[data-key="node:3"] .count')).to_have_text("5")


def test_a_deep_link_on_a_fresh_server(fresh_server: Server, page: Page) -> None:
    open_lattice(page, fresh_server, "?target=28&rule=short&merge=1")
    expect(page.locator(".chip.target")).to_have_attribute("data-key", "chip:28")
    assert [count(page, node) for node in (7, 3, 5, 6, 1, 2, 4, 0)] == ["0", "5", "0", "1", "9", "2", "0", "35"]
    expect(line(page, "17 related and 35 unrelated")).to_be_visible()
    expect(page.get_by_role("heading", name="Related · 17")).to_be_visible()


def test_a_node_lights_its_cone(server: Server, page: Page) -> None:
    open_lattice(page, server, "?target=28")
    page.locator('[data-key="node:6"]').hover()
    lit = page.locator(".node.on .head").evaluate_all("heads => heads.map(h => h.dataset.key)")
    assert set(lit) == {"node:7", "node:6", "node:2", "node:4", "node:0"}
    assert page.locator(".edge.on").count() == 5
    page.get_by_role("heading", name="Lattice").hover()
    expect(page.locator(".canvas.lit")).to_have_count(0)


def test_a_triple_of_ones_own(server: Server, page: Page) -> None:
    open_lattice(page, server, "?universe=published")
    box = page.get_by_placeholder("X-ray/Lung/COVID")
    box.fill("MRI/Knee/Level")
    box.press("Enter")
    expect(page.locator(".chip.target")).to_have_text(re.compile("target.*MRI.*Knee.*Level"))
    expect(page.locator(".lattice .chip")).to_have_count(54)
    box.fill("MRI/Knee")
    box.press("Enter")
    expect(page.get_by_text("is no subset here and no triple")).to_be_visible()


def test_the_lists_say_what_the_picture_says_and_lead_to_the_items(server: Server, page: Page) -> None:
    open_lattice(page, server)
    related = page.get_by_role("table", name=re.compile("^Related subsets"))
    on_chips = page.locator(".lattice .node").evaluate_all(
        """nodes => nodes.filter(n => n.querySelector('.badge'))
             .flatMap(n => [...n.querySelectorAll('.chip:not(.target)')].map(c => c.dataset.key.slice(5))).sort()"""
    )
    assert sorted(related.locator("button.number").all_inner_texts()) == on_chips
    related.locator("button.number", has_text="P02").click()
    expect(line(page, "Subset P02")).to_be_visible()
    related.locator("button.items").first.click()
    expect(page).to_have_url(re.compile(r"/browse\?.*subset=P02"))


def test_a_finger_can_make_a_chosen_subset_the_target_on_a_phone(server: Server, new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, height=844)
    open_lattice(page, server, "?target=28")
    chip(page, "13").click()
    bar = page.locator(".bar")
    expect(bar).to_contain_text("13 End")
    expect(bar).to_be_in_viewport()
    bar.get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"[?&]target=13\b"))
