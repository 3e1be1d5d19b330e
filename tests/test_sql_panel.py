"""The SQL console on the Data page: nothing runs by itself, the address holds the statement, results are faithful."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.charts.query_result import Kind, result_chart
from medmat_explorer.errors import QueryError
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.console import QueryResult, run_query
from medmat_explorer.store.versions import find_version
from medmat_explorer.ui.sql_examples import EXAMPLES
from medmat_explorer.ui.sql_panel import Outcome, as_csv, as_frame, describe_items, named_items

COUNTED = "SELECT split, count(*) AS items FROM items GROUP BY split ORDER BY split"


def panel() -> None:
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.sql_panel import draw_console

    draw_console(frame.current_catalog())


@pytest.fixture
def in_phantoms(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> Path:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))
    return phantoms_home


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def button(app: AppTest, label: str) -> object:
    return next(found for found in app.button if found.label == label)


def result_of(app: AppTest) -> object:
    """The table of the result: those before it are the schema browser's."""
    return app.dataframe[5].value if len(app.dataframe) > 5 else None


def captions(app: AppTest) -> str:
    return "\n".join(str(caption.value) for caption in app.caption)


@pytest.mark.usefixtures("in_phantoms")
def test_a_statement_from_a_link_waits_for_run_and_its_result_stays() -> None:
    app = opened(sql=COUNTED)
    assert result_of(app) is None
    assert "Press Run" in captions(app)
    button(app, "Run").click().run()  # type: ignore[attr-defined]
    assert result_of(app).to_dict("list") == {"split": ["test", "train"], "items": [120, 240]}  # type: ignore[attr-defined]
    app.run()
    assert result_of(app) is not None
    app.text_area[0].set_value(COUNTED + " LIMIT 1").run()
    assert app.query_params["sql"] in (COUNTED + " LIMIT 1", [COUNTED + " LIMIT 1"])
    assert result_of(app) is None
    assert "Press Run" in captions(app)


@pytest.mark.usefixtures("in_phantoms")
def test_a_refused_statement_gets_one_sentence() -> None:
    app = opened(sql="DROP TABLE tags")
    button(app, "Run").click().run()  # type: ignore[attr-defined]
    assert [error.value for error in app.error] == [
        "Only SELECT and EXPLAIN can be run here, and this is a DROP statement\\."
    ]
    app = opened(sql="SELECT nonsense FROM items")
    button(app, "Run").click().run()  # type: ignore[attr-defined]
    assert "LINE" not in app.error[0].value
    assert "nonsense" in app.error[0].value


@pytest.mark.usefixtures("in_phantoms")
def test_a_click_on_an_example_puts_it_in_the_address_and_runs_nothing() -> None:
    app = opened()
    assert button(app, "Run").disabled  # type: ignore[attr-defined]
    title, sql = next(iter(EXAMPLES.items()))
    button(app, title).click().run()  # type: ignore[attr-defined]
    assert app.query_params["sql"] in (sql, [sql])
    assert app.text_area[0].value == sql
    assert result_of(app) is None


@pytest.mark.usefixtures("in_phantoms")
def test_the_chart_follows_the_address_and_ignores_columns_that_are_not_there() -> None:
    app = opened(sql=COUNTED, result="chart", chart="line", x="split", y="no such column")
    button(app, "Run").click().run()  # type: ignore[attr-defined]
    assert {box.label: box.value for box in app.selectbox} == {"Kind": Kind.LINE, "Along": "split", "Up": "items"}
    app = opened(sql="SELECT letter FROM items LIMIT 3", result="chart")
    button(app, "Run").click().run()  # type: ignore[attr-defined]
    assert "needs a column of numbers" in "".join(str(text.value) for text in app.markdown)


@pytest.mark.parametrize("title", EXAMPLES)
def test_every_example_runs(phantoms_home: Path, title: str) -> None:
    assert run_query(find_version("phantoms", phantoms_home), EXAMPLES[title]).columns


def test_there_are_enough_examples_and_none_of_them_looks_like_another() -> None:
    assert len(set(EXAMPLES.values())) == len(EXAMPLES) >= 6


def test_a_result_names_the_items_of_its_columns_id_and_key(in_phantoms: Path) -> None:
    catalog = open_catalog("phantoms", in_phantoms)
    version = find_version("phantoms", in_phantoms)
    found = run_query(version, "SELECT id, key, 1 AS other FROM items ORDER BY id LIMIT 7")
    ids = [row[0] for row in found.rows]
    assert list(named_items(catalog, found)) == ids
    keys = QueryResult(("KEY",), ("VARCHAR",), [[row[1]] for row in found.rows] * 2)
    assert list(named_items(catalog, keys)) == ids
    strange = QueryResult(("id", "key"), ("", ""), [[1, "x"], [True, None], [2**70, "f" * 16], [-1, 2.5], [ids[0], ""]])
    assert named_items(catalog, strange) == (ids[0],)
    assert named_items(catalog, QueryResult(("other",), ("BIGINT",), [[ids[0]]])) == ()
    catalog.close()


def test_the_link_to_items_says_how_many_and_whether_there_are_more() -> None:
    def said(items: int, truncated: bool) -> str:
        result = QueryResult(("id",), ("BIGINT",), truncated=truncated)
        return describe_items(Outcome(("", "", ""), result, items=tuple(range(items))))

    assert [said(1, False), said(1000, True), said(2, False)] == [
        "Show this item",
        "Show the first 1,000 items",
        "Show these 2 items",
    ]


def test_csv_reads_back_as_it_was() -> None:
    rows = [[1, 'a "b",\nc', [1, "x"], None], [2**63, "ünïcödé 图", {"a": None}, True]]
    result = QueryResult(("n", "text", "parts", "text"), ("", "", "", ""), rows)
    read = list(csv.reader(io.StringIO(as_csv(result).decode("utf-8-sig"))))
    assert read == [
        ["n", "text", "parts", "text"],
        ["1", 'a "b",\nc', '[1, "x"]', ""],
        [str(2**63), "ünïcödé 图", '{"a": null}', "true"],
    ]


def test_the_table_keeps_large_numbers_exact_and_columns_of_one_name_apart() -> None:
    rows: list[list[Any]] = [[2**62 + 1, 1, 0.5, True, [1]], [3, None, 2, None, None]]
    table = as_frame(QueryResult(("id", "n", "n", "n", "list"), ("",) * 5, rows))
    assert list(table.columns) == ["id", "n", "n (2)", "n (3)", "list"]
    assert list(table["id"]) == [str(2**62 + 1), "3"]
    assert table["n"].tolist()[0] == 1 and table["n"].isna().tolist() == [False, True]
    assert table["n (2)"].tolist() == [0.5, 2.0]
    assert table["list"].tolist()[0] == "[1]"
    assert len(as_frame(QueryResult(("a",), ("",), [])).columns) == 1


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_chart_draws_columns_of_any_name(kind: Kind) -> None:
    table = as_frame(QueryResult(("a.b[0]:Q", "count(*)"), ("", ""), [["<b>x</b>", 3], ["y", 4], [None, None]]))
    for x in table.columns:
        drawn = result_chart(table, kind, x, "count(*)").to_dict()
        assert drawn["height"] >= 70
        assert x in str(drawn["encoding"]) or "rows" in str(drawn["encoding"])


def test_the_console_says_that_a_statement_is_wrong_in_one_line(phantoms_home: Path) -> None:
    with pytest.raises(QueryError) as refused:
        run_query(find_version("phantoms", phantoms_home), "SELECT *\nFROM items\nWHERE nonsense = 1")
    assert "\n" not in str(refused.value)
