"""The SQL console in a browser: run a statement, see its rows, take them away, look at the items it names."""

import csv
import re
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, expect

from medmat_explorer.store.console import run_query
from medmat_explorer.store.versions import find_version
from tests.e2e.app_pages import found, open_page, wait_painted
from tests.e2e.conftest import Server, settled

pytestmark = pytest.mark.e2e
TEST_OF_P01 = "SELECT key, subset, question FROM items WHERE subset = 'P01' AND split = 'test' ORDER BY key"


def run_statement(page: Page) -> None:
    settled(page)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile(r"rows? · [\d.]+ s"))).to_be_visible(timeout=30_000)
    settled(page)


def test_a_typed_statement_runs_and_its_rows_can_be_taken_away(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/data")
    page.get_by_label("Statement").fill(TEST_OF_P01)
    page.get_by_label("Statement").blur()
    expect(page).to_have_url(re.compile("sql=" + quote("SELECT")))
    settled(page)
    run_statement(page)
    expect(page.get_by_text(re.compile(r"^5 rows · "))).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).last.click()
    file = Path(waiting.value.path())
    expected = run_query(find_version("phantoms", server.home), TEST_OF_P01)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [list(expected.columns), *expected.rows]


def test_the_items_of_a_result_open_in_browse(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/data?{urlencode({'sql': TEST_OF_P01})}")
    expect(page.get_by_text("Press Run to see the result.")).to_be_visible(timeout=30_000)
    run_statement(page)
    page.get_by_role("link", name="Show these 5 items").click()
    expect(page.get_by_role("heading", name="Browse", level=1)).to_be_visible(timeout=30_000)
    settled(page)
    expect(page).to_have_url(re.compile(r"/browse\?.*set=[0-9a-f]{16}"))
    expect(found(page)).to_have_text("5 items")
    wait_painted(page, 5)


def test_a_chart_is_drawn_and_stands_in_the_address(server: Server, page: Page) -> None:
    sql = "SELECT split, count(*) AS items FROM items GROUP BY split"
    open_page(page, f"{server.url}/data?{urlencode({'sql': sql})}")
    run_statement(page)
    page.get_by_text("Chart", exact=True).click()
    settled(page)
    expect(page).to_have_url(re.compile("result=chart"))
    expect(page.get_by_test_id("stVegaLiteChart").last.locator("canvas, svg").first).to_be_visible(timeout=30_000)
    page.go_back()
    settled(page)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(0)


def test_an_example_waits_in_the_address_until_it_is_run(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/data")
    page.get_by_role("button", name="Where the right answer stands").click()
    expect(page).to_have_url(re.compile("sql="))
    expect(page.get_by_text("Press Run to see the result.")).to_be_visible(timeout=30_000)
    run_statement(page)


def test_a_refused_statement_says_why(server: Server, page: Page) -> None:
    open_page(page, f"{server.url}/data?{urlencode({'sql': 'SELECT * FROM duckdb_settings()'})}")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("cannot be read from here")).to_be_visible(timeout=30_000)
