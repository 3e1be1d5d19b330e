"""A rule of the reader's own in a real browser: a task is edited, the neighbours change, the link carries it."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from medmat_explorer.store.own_rules import OwnRules
from medmat_explorer.store.workspace import Workspace
from tests.e2e.conftest import Server, settled

pytestmark = pytest.mark.e2e

SOON = 20_000
HEADER, ROW = 35, 35
READ_AS = 112 + 40
"""Milliseconds that a busy server may take; pixels: the table's head, a row, and where its second column is hit."""


@pytest.fixture
def rules(server: Server) -> Iterator[OwnRules]:
    """The rules beside the phantoms, none before and after."""
    kept = OwnRules(Workspace(server.home, "phantoms"))
    shutil.rmtree(kept.folder, ignore_errors=True)
    yield kept
    shutil.rmtree(kept.folder, ignore_errors=True)


def open_lattice(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".lattice .chip")
    settled(page)


def open_editor(page: Page) -> None:
    page.get_by_test_id("stExpander").filter(has_text="A rule of your own").locator("summary").click()
    page.get_by_role("button", name="Keep this rule").wait_for()
    settled(page)


def edit(page: Page, row: int, text: str) -> None:
    """Writes a task into a row of the table, as a reader would."""
    table = page.get_by_test_id("stDataFrame").first
    table.evaluate("element => element.scrollIntoView({ block: 'center' })")
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + READ_AS, box["y"] + HEADER + row * ROW + ROW // 2)
    expect(table.get_by_test_id(f"glide-cell-1-{row}")).to_be_focused()
    page.keyboard.press("Enter")
    box_of_cell = page.locator("textarea.gdg-input")
    box_of_cell.fill(text)
    box_of_cell.press("Enter")


def of_task_alone(page: Page) -> Locator:
    return page.locator('[data-key="node:4"] .count')


def test_an_edited_task_changes_the_neighbours_and_the_link_carries_it(
    server: Server, page: Page, new_page: Callable[..., Page], rules: OwnRules
) -> None:
    open_lattice(page, f"{server.url}/lattice?target=28&universe=published")
    expect(of_task_alone(page)).to_have_text("7", timeout=SOON)
    open_editor(page)
    edit(page, 0, "State")
    expect(page.get_by_text("A rule of your own: paper, but 01 as State.")).to_be_visible(timeout=SOON)
    page.get_by_label("Name of the rule").fill("graded 01")
    page.get_by_label("Name of the rule").press("Tab")
    page.get_by_role("button", name="Keep this rule").click()
    expect(page).to_have_url(re.compile(r"rule=graded(\+|%20)01(@|%40)[0-9a-f]{8}"), timeout=SOON)
    expect(of_task_alone(page)).to_have_text("8", timeout=SOON)
    (rule,) = rules.all()
    assert dict(rule.own_tasks)["01"] == "State"

    other = new_page()
    open_lattice(other, page.url)
    expect(of_task_alone(other)).to_have_text("8", timeout=SOON)
    expect(other.locator('[data-key="chip:01"]')).to_contain_text("Quality (State)", timeout=SOON)
    expect(other.get_by_test_id("stMarkdown").get_by_text(f"by the rule {rule.name}")).to_be_visible(timeout=SOON)
    expect(other.get_by_role("radio", name="graded 01")).to_be_checked(timeout=SOON)

    rules.delete(rule.name)
    open_lattice(other, page.url)
    expect(other.get_by_text(f"The rule '{rule.name}' is not kept beside the collection phantoms")).to_be_visible(
        timeout=SOON
    )
    expect(of_task_alone(other)).to_have_text("7", timeout=SOON)


def test_a_table_goes_out_and_comes_in_and_a_bad_one_is_refused(
    server: Server, page: Page, rules: OwnRules, tmp_path: Path
) -> None:
    open_lattice(page, f"{server.url}/lattice?target=17&universe=published")
    open_editor(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Table as CSV").click()
    table = Path(download.value.path()).read_text("utf-8-sig")
    assert download.value.suggested_filename == "rule-paper.csv"
    lines = table.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("17,"))
    assert lines[place].split(",")[4] == "Quality"
    changed = [*lines[:place], lines[place].replace("Evaluation,Quality,", "Evaluation,Level,"), *lines[place + 1 :]]
    file = tmp_path / "level 17.csv"
    file.write_text("\n".join(changed))
    page.locator('input[type="file"]').set_input_files(file)
    expect(page).to_have_url(re.compile(r"rule=level(\+|%20)17(@|%40)"), timeout=SOON)
    expect(page.locator('[data-key="node:7"] .count')).to_have_text("2", timeout=SOON)
    expect(page.locator(".chip.target")).to_contain_text("Quality (Level)", timeout=SOON)

    file.write_text("subset_no,task\n17,Level\n99,State\n")
    settled(page)
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.get_by_text("There is no subset '99'")).to_be_visible(timeout=SOON)
    assert len(rules.all()) == 1


def test_a_recipe_is_chosen_by_keyboard_and_leads_to_a_mix(server: Server, page: Page) -> None:
    open_lattice(page, f"{server.url}/lattice?target=03&universe=published")
    row = page.get_by_role("button", name="Choose the recipe 04 + 28, fixed area")
    row.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"recipe=area(:|%3A)04(\+|%2B)28"), timeout=SOON)
    chosen = page.locator(".st-key-chosen_recipe")
    expect(chosen).to_contain_text("28 X-ray · Lung · COVID teaches COVID (State)", timeout=SOON)
    chosen.get_by_role("button", name="Make a training mix").click()
    expect(page).to_have_url(re.compile(r"view=mix"), timeout=SOON)
    expect(page).to_have_url(re.compile(r"arm=recipe(:|%3A)04(\+|%2B)28"), timeout=SOON)
    expect(page).to_have_url(re.compile(r"target=03"), timeout=SOON)
