"""What the paper measured on the target, row by row, and what those numbers are worth."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.charts.evidence_table import EXPLAINED, evidence_lines, rows_by_another_reading
from medmat_explorer.charts.forest import forest_chart, forest_in_words, forest_lines
from medmat_explorer.charts.forest_svg import forest_svg
from medmat_explorer.charts.published import VERDICT_SIGNS, evidence_of, rows_on, where
from medmat_explorer.domain.derivation import DIRECTIONS
from medmat_explorer.evaluation.evidence import Verdict
from medmat_explorer.paper.facts import CompositionRow, subsets
from medmat_explorer.store.subset_chance import chance_by_subset
from medmat_explorer.ui import frame
from medmat_explorer.ui.components.picture_files import picture_files
from medmat_explorer.ui.figure4_panel import draw_figure4_counts
from medmat_explorer.ui.lattice_view import PUBLISHED, LatticeView
from medmat_explorer.ui.plain import counted, plain
from medmat_explorer.ui.table_file import draw_table


def draw_evidence(view: LatticeView) -> None:
    """The published rows of the target: a forest plot of the gains, a table, and Figure 4 where it shows the target."""
    if view.universe.name != PUBLISHED or view.target.subset is None or view.target.subset.number not in subsets():
        return
    number = view.target.subset.number
    rows = rows_on(number)
    st.subheader(f"Published evidence · {len(rows)}")
    if rows:
        _draw_rows(view, rows)
    else:
        st.write("No row of the paper's composition tables has this target.")
    _draw_other_readings(number)
    draw_figure4_counts(view)


def _draw_rows(view: LatticeView, rows: Sequence[CompositionRow]) -> None:
    number = rows[0].target
    st.caption(plain(verdict_sentence(rows)))
    draw_forest(rows, f"Published gains on target {number}", "evidence_forest")
    table = evidence_lines(rows, subsets(), view.rule, chances_here(view))
    draw_table(table, key="evidence", file=f"evidence-{number}", explained=EXPLAINED, hidden=("Target",))
    _draw_links(view, rows)


def _draw_links(view: LatticeView, rows: Sequence[CompositionRow]) -> None:
    """To the items of the target and of the sources, as far as they are in the open collection."""
    sources = sorted({number for row in rows for number in row.related})
    here = [number for number in sources if view.universe.stock[number].items]
    with st.container(horizontal=True):
        if view.universe.stock[rows[0].target].items:
            frame.link("browse", f"Items of {rows[0].target}", {"subset": rows[0].target}, ":material/photo_library:")
        if here:
            frame.link(
                "browse", f"Items of its sources ({', '.join(here)})", {"subset": here}, ":material/photo_library:"
            )


def draw_forest(rows: Sequence[CompositionRow], title: str, key: str) -> None:
    """The gains with their intervals as a picture that can be saved."""
    lines = forest_lines(rows)
    st.altair_chart(forest_chart(lines), alt=forest_in_words(lines), key=key)
    picture_files(forest_svg(lines, title), title.lower().replace(" ", "-"), key=f"{key}_files")


def verdict_sentence(rows: Sequence[CompositionRow]) -> str:
    """How many rows of each verdict, and how a verdict comes about."""
    found = [evidence_of(row) for row in rows]
    verdicts = [evidence.verdict for evidence in found]
    told = [f"{VERDICT_SIGNS[v]} {verdicts.count(v)} {v.value}" for v in Verdict if v in verdicts]
    alone = sum(e.verdict is Verdict.BEYOND_NOISE and not e.against_plus for e in found)
    if alone:
        told[0] += f" ({alone} of them over the untrained model only: no Baseline+ is printed)"
    overlap = any(row.direction not in DIRECTIONS for row in rows)
    return (
        f"{', '.join(told)}. Each gain is over the better of Baseline and Baseline+; beyond noise is an unpaired z "
        "above 1.96. Rows of one target share its test set: they are no independent witnesses."
        + (" Rows of detection and segmentation gain in overlap (cIoU), not in accuracy." if overlap else "")
    )


def chances_here(view: LatticeView) -> dict[str, float]:
    """Chance on the subsets whose questions are in the open collection, in percent by number."""
    here = {number for number, stock in view.universe.stock.items() if stock.items}
    if not here:
        return {}
    return {n: chance for n, chance in chance_by_subset(frame.current_catalog()).items() if n in here}


def _draw_other_readings(number: str) -> None:
    found = rows_by_another_reading(number, subsets())
    if found:
        listed = ", ".join(f"{where(row)} (read as {row.target})" for row in found)
        st.caption(plain(f"{counted(len(found), 'row')} may mean this target by another reading: {listed}."))
