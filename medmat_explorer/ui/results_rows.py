"""Tables 3 to 8 row by row: filtered, weighed, and linked to targets and items."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.charts.evidence_table import EXPLAINED, evidence_lines
from medmat_explorer.paper.facts import CompositionRow, composition_rows, subsets
from medmat_explorer.paper.row_filter import TABLES, RowFilter, elements_of, wanted_rows
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.subset_chance import chance_by_subset
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.evidence_panel import draw_forest, verdict_sentence
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.results_own import draw_own, own_results
from medmat_explorer.ui.rule_choice import rule_or_usual
from medmat_explorer.ui.table_file import draw_table

MOST_IN_FOREST = 60
"""Lines of a forest plot that can still be read."""

FILTERS: dict[str, str] = {
    "backbone": "Backbone",
    "direction": "Direction",
    "element": "Element",
    "target": "Target",
}
"""The filters besides the table, by their name in the address, and what they are called."""

TABLE = "table"
ALL = "all"
USUAL = "3"
"""The table that is shown until another is chosen."""


def draw_rows(catalog: Catalog) -> None:
    """The filters, the forest plot of what fits, and the table."""
    rows = wanted_rows(composition_rows(), _draw_filters(), subsets())
    if not rows:
        st.info("No printed row has all of that: take a filter away.", icon=":material/filter_alt_off:")
        return
    st.markdown(f"**{counted(len(rows), 'printed row')}**")
    st.caption(plain(verdict_sentence(rows)))
    if len(rows) <= MOST_IN_FOREST:
        draw_forest(rows, "Published gains", "results_forest")
    else:
        st.caption(f"The picture is drawn for at most {MOST_IN_FOREST} rows: choose fewer.")
    _draw_table(catalog, rows)


def _draw_filters() -> RowFilter:
    known = known_values(composition_rows())
    columns = st.columns(len(FILTERS) + 1)
    with columns[0]:
        table = _draw_table_choice(known[TABLE])
    chosen = {name: [value for value in known[name] if value in url_state.values(name)] for name in FILTERS}
    for column, name in zip(columns[1:], FILTERS, strict=True):
        with column:
            st.multiselect(
                FILTERS[name],
                known[name],
                format_func=_title if name == "target" else str,
                placeholder="Any",
                **url_state.bind(name, chosen[name]),
            )
    return RowFilter(
        tables=frozenset() if table == ALL else frozenset({table}),
        backbones=frozenset(chosen["backbone"]),
        directions=frozenset(chosen["direction"]),
        elements=frozenset(chosen["element"]),
        targets=frozenset(chosen["target"]),
    )


def _draw_table_choice(known: Sequence[str]) -> str:
    asked = url_state.value(TABLE, USUAL)
    table = asked if asked in (*known, ALL) else USUAL
    st.selectbox(
        "Table",
        [*known, ALL],
        format_func=lambda name: TABLES.get(name, "All tables"),
        **url_state.bind(TABLE, table, default=USUAL),
    )
    return table


def known_values(rows: Sequence[CompositionRow]) -> dict[str, list[str]]:
    """What can be chosen for the table and for each filter."""
    return {
        TABLE: [place for place in TABLES if any(row.place == place for row in rows)],
        "backbone": list(dict.fromkeys(row.backbone for row in rows)),
        "direction": list(dict.fromkeys(row.direction for row in rows)),
        "element": sorted({element for row in rows for element in elements_of(row, subsets())}),
        "target": sorted({row.target for row in rows}),
    }


def _title(number: str) -> str:
    return subsets()[number].title


def _draw_table(catalog: Catalog, rows: Sequence[CompositionRow]) -> None:
    rule, _ = rule_or_usual(catalog, url_state.value("rule"), merge=False)
    is_released = not catalog.declared
    chances = chance_by_subset(catalog) if is_released else {}
    draw_table(
        evidence_lines(rows, subsets(), rule, chances), key="results_rows", file="composition-rows", explained=EXPLAINED
    )
    targets = sorted({row.target for row in rows})
    draw_own(own_results(targets), "results_rows_own")
    if len(targets) <= 12:
        with st.container(horizontal=True):
            for target in targets:
                frame.link("lattice", f"Lattice of {target}", {"target": target}, ":material/hub:")
