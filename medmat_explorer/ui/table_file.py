"""A table that can be taken along: drawn, with its columns explained, and as CSV, LaTeX and picture."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from medmat_explorer.charts.latex_table import latex_table
from medmat_explorer.charts.table_svg import table_svg
from medmat_explorer.store.exports.csv_table import guarded
from medmat_explorer.ui.components.picture_files import picture_files


def draw_table(
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    file: str,
    explained: Mapping[str, str] | None = None,
    hidden: Sequence[str] = (),
) -> None:
    """Draws rows that all have the same columns; `hidden` ones stand only in the file. Nothing for no rows.

    A cell without a value is empty, as it is in the file.
    """
    if not rows:
        return
    st.dataframe(
        list(rows),
        column_order=[name for name in rows[0] if name not in hidden],
        key=key,
        hide_index=True,
        placeholder="",
        column_config={name: st.column_config.Column(help=text) for name, text in (explained or {}).items()},
    )
    title = file.replace("-", " ").capitalize()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _draw_file("CSV", table_csv(rows), f"{file}.csv", "text/csv", key, f"All columns, {len(rows)} lines.")
        latex = latex_table(rows, title, hidden)
        _draw_file("LaTeX", latex.encode(), f"{file}.tex", "text/x-tex", key, "The columns shown, with booktabs.")
        picture_files(table_svg(rows, title, hidden), file, key=f"{key}_picture")


def _draw_file(label: str, data: bytes, file: str, kind: str, key: str, told: str) -> None:
    name = f"{key}_{label.lower()}"
    st.download_button(label, data, file, kind, key=name, icon=":material/download:", help=told)


def table_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The rows with a head (UTF-8 with its mark, so that spreadsheets read it); no text is run as a formula."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows([{name: _cell(value) for name, value in row.items()} for row in rows])
    return stream.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else value
