"""The SQL console: a statement in the address, the tables it may read, and its result as table, chart, file, items.

A statement that came with a link waits for the reader: only Run runs it. Its result is kept in the session.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from medmat_explorer.charts.query_result import Kind, is_number, result_chart
from medmat_explorer.config import settings
from medmat_explorer.domain.qa import parse_item_key
from medmat_explorer.errors import MedmatError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.console import Limits, QueryResult, run_query
from medmat_explorer.store.console_tables import TABLES
from medmat_explorer.store.versions import find_version
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.sql_examples import EXAMPLES

SQL, SHOWN, KIND, X, Y = "sql", "result", "chart", "x", "y"
OUTCOME = "console outcome"
EXACT = 2**53
"""Whole numbers that a browser's own arithmetic still keeps exact; larger ones are shown as text."""


CODE_FONT = 'textarea[aria-label="Statement"] { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }'


@dataclass(frozen=True)
class Outcome:
    """What came of the last run in this session, and of which statement in which version of which collection."""

    asked: tuple[str, str, str]
    result: QueryResult | None
    error: str = ""
    items: tuple[int, ...] = ()


def draw_console(catalog: Catalog) -> None:
    """The whole console, of the statement that the address holds (`sql=`)."""
    st.subheader("SQL console", anchor="sql-console")
    limits = Limits()
    st.caption(
        f"One SELECT over this collection's tables; nothing can be changed. At most {limits.seconds:g} seconds, "
        f"{limits.memory_mb} MB of memory and {limits.rows:,} rows."
    )
    _draw_examples()
    _draw_tables()
    sql = url_state.value(SQL)
    st.html(f"<style>{CODE_FONT}</style>")
    st.text_area(
        "Statement",
        height=190,
        placeholder="SELECT subset, count(*) AS items FROM items GROUP BY subset",
        **url_state.bind(SQL, sql, resets=(KIND, X, Y)),
    )
    asked = (catalog.name, catalog.version, sql)
    if st.button("Run", type="primary", icon=":material/play_arrow:", disabled=not sql.strip()):
        with st.spinner("Running"):
            st.session_state[OUTCOME] = _run(catalog, asked)
    outcome = st.session_state.get(OUTCOME)
    if outcome is not None and outcome.asked == asked:
        _draw_outcome(catalog, outcome)
    elif sql.strip():
        st.caption("Press Run to see the result.")


def _run(catalog: Catalog, asked: tuple[str, str, str]) -> Outcome:
    try:
        result = run_query(find_version(catalog.name, settings().home), asked[2])
    except MedmatError as error:
        return Outcome(asked, None, str(error))
    return Outcome(asked, result, items=named_items(catalog, result))


def _draw_tables() -> None:
    with st.expander("Tables and columns", icon=":material/schema:"):
        for tab, table in zip(st.tabs([table.name for table in TABLES]), TABLES, strict=True):
            with tab:
                st.write(table.meaning)
                rows = [(column.name, column.type, column.meaning) for column in table.columns]
                st.dataframe(
                    pd.DataFrame(rows, columns=["Column", "Type", "What it is"]),
                    hide_index=True,
                    height="content",
                    alt=f"Columns of the table {table.name}",
                )


def _draw_examples() -> None:
    with st.expander("Examples", icon=":material/lightbulb:", expanded=not url_state.value(SQL)):
        st.caption("A click puts the statement below; Run runs it.")
        with st.container(horizontal=True, gap="small"):
            for title, sql in EXAMPLES.items():
                st.button(title, key=f"example {title}", on_click=_put(sql), type="secondary")


def _put(sql: str) -> Callable[[], None]:
    def put() -> None:
        url_state.write({SQL: sql, KIND: None, X: None, Y: None})

    return put


def _draw_outcome(catalog: Catalog, outcome: Outcome) -> None:
    result = outcome.result
    if result is None:
        frame.show_error(outcome.error)
        return
    st.caption(describe_result(result))
    if not result.columns:
        return
    shown = "chart" if url_state.value(SHOWN) == "chart" else "table"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Show the result as",
            ["table", "chart"],
            format_func=str.capitalize,
            required=True,
            label_visibility="collapsed",
            **url_state.bind(SHOWN, shown, default="table"),
        )
        st.download_button("CSV", as_csv(result), "query.csv", "text/csv", icon=":material/download:")
        _draw_items_link(catalog, outcome)
    table = as_frame(result)
    if shown == "chart":
        _draw_chart(table)
    else:
        st.dataframe(table, hide_index=True, alt=f"Result with {len(table):,} rows")


def describe_result(result: QueryResult) -> str:
    """How many rows there are, how long it took, and whether there are more."""
    rows = f"{len(result.rows):,} {'row' if len(result.rows) == 1 else 'rows'}"
    said = f"The first {rows}; there are more" if result.truncated else rows
    return f"{said} · {result.seconds:.2f} s"


def _draw_items_link(catalog: Catalog, outcome: Outcome) -> None:
    """A link to Browse with the items that the result names."""
    if not outcome.items:
        return
    name = catalog.workspace.keep_set(outcome.items)
    frame.link("browse", describe_items(outcome), {"set": name}, ":material/photo_library:")


def describe_items(outcome: Outcome) -> str:
    """What the link to the items of a result says; of a result that is cut short it names only the first."""
    if len(outcome.items) == 1:
        return "Show this item"
    cut = outcome.result is not None and outcome.result.truncated
    return f"Show {'the first' if cut else 'these'} {len(outcome.items):,} items"


def named_items(catalog: Catalog, result: QueryResult) -> tuple[int, ...]:
    """The ids of this collection's items that stand in a column `id` or `key`, in order and each once."""
    found: dict[int, None] = {}
    for place, column in enumerate(result.columns):
        if column.casefold() in {"id", "key"}:
            found |= dict.fromkeys(i for row in result.rows if (i := _item_id(row[place])) is not None)
    known = catalog.connection.rows("SELECT id FROM items WHERE id IN (SELECT unnest($ids))", {"ids": list(found)})
    there = {int(row[0]) for row in known}
    return tuple(i for i in found if i in there)


def _item_id(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, str):
        try:
            value = parse_item_key(value)
        except ValueError:
            return None
    return value if 0 <= value < 2**63 else None


def as_csv(result: QueryResult) -> bytes:
    """The rows as CSV (UTF-8 with its mark, so that spreadsheets read it): lists and structs as JSON, NULL empty."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(result.columns)
    writer.writerows([[_text(value) for value in row] for row in result.rows])
    return written.getvalue().encode("utf-8-sig", "replace")


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def as_frame(result: QueryResult) -> pd.DataFrame:
    """The rows as a table, a column of one kind each; columns of the same name are told apart by a number."""
    columns: dict[str, Any] = {}
    for place, name in enumerate(result.columns):
        title, again = name, 2
        while title in columns:
            title, again = f"{name} ({again})", again + 1
        columns[title] = _column([row[place] for row in result.rows])
    return pd.DataFrame(columns)


def _column(values: list[Any]) -> "pd.Series[Any]":
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, bool) for value in present):
        return pd.Series(values, dtype="boolean")
    if present and all(isinstance(value, int) and abs(value) <= EXACT for value in present):
        return pd.Series(values, dtype="Int64")
    if present and all(isinstance(value, float) or _is_small(value) for value in present):
        return pd.Series(values, dtype="Float64")
    return pd.Series([None if value is None else str(_text(value)) for value in values], dtype="str")


def _is_small(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT


def _draw_chart(table: pd.DataFrame) -> None:
    """The chart that the address names: kind, what goes along, what goes up."""
    if table.empty:
        st.write("There is nothing to draw: the result has no rows.")
        return
    columns = [str(column) for column in table.columns]
    numbers = [column for column in columns if is_number(table[column])]
    if not numbers:
        st.write("A chart needs a column of numbers; count something, for example with count(*).")
        return
    kind = next((kind for kind in Kind if kind == url_state.value(KIND)), Kind.BARS)
    names = [column for column in columns if column not in numbers]
    left, middle, right = st.columns(3)
    with left:
        st.selectbox(
            "Kind",
            list(Kind),
            format_func=lambda k: k.value.capitalize(),
            **url_state.bind(KIND, kind, default=Kind.BARS),
        )
    with middle:
        x = _choice("Along", X, columns, (names or numbers)[0])
    y = numbers[-1]
    if kind is not Kind.HISTOGRAM:
        with right:
            y = _choice("Up", Y, numbers, y)
    told = f"{kind.value.capitalize()} of {y} by {x}" if kind is not Kind.HISTOGRAM else f"Histogram of {x}"
    st.altair_chart(result_chart(table, kind, x, y), alt=told)


def _choice(label: str, name: str, choices: list[str], default: str) -> str:
    chosen = url_state.value(name)
    chosen = chosen if chosen in choices else default
    st.selectbox(label, choices, **url_state.bind(name, chosen, default=default))
    return chosen
