"""What all published rows show together: by direction type, and whether anything predicts the gains."""

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from medmat_explorer.charts.evidence_table import association_lines, direction_lines
from medmat_explorer.charts.published import MAIN_TABLE, MAIN_TABLES, evidence_of, weighed
from medmat_explorer.domain.derivation import rule_title
from medmat_explorer.domain.mat_overlap import mat_overlap
from medmat_explorer.domain.relation import Target
from medmat_explorer.errors import MedmatError
from medmat_explorer.evaluation.composition_evidence import Association, association, by_direction, many_tests
from medmat_explorer.paper.facts import CompositionRow, composition_rows, subsets
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.subset_likeness import label_overlap, mean_vectors
from medmat_explorer.ui import url_state
from medmat_explorer.ui.embedding_panel import draw_encoder_choice, known_encoders
from medmat_explorer.ui.evidence_panel import draw_forest
from medmat_explorer.ui.figure4_panel import draw_counts
from medmat_explorer.ui.lattice_view import LatticeView
from medmat_explorer.ui.plain import plain
from medmat_explorer.ui.table_file import draw_table

SCOPE = "evidence"
SCOPES: dict[str, str] = {"3": "Table 3", "3-4": "Tables 3 and 4", "all": "All printed rows"}
"""Which rows are counted, as the address names them and as the switch does; the first is the usual one."""

SEED = 0

SUMMARY_HELP = {
    "Published successes": "Trained above both printed baselines, as the paper counts it.",
    "▲ beyond noise": "Successes with an unpaired z above 1.96 over the better baseline.",
    "○ not shown": "Successes whose test set is too small to tell the gain from noise.",
    "? size unknown": "Successes whose test set has an unknown size: nothing can be tested.",
    "Gain 5 points or fewer": "Successes that gain at most 5 points over the better baseline.",
    "▲ without Baseline+": "Of those beyond noise, the rows that only beat the untrained model: no Baseline+ printed.",
}
PREDICTOR_HELP = {
    "Rows": "For how many of the rows of Table 3 the predictor could be computed.",
    "Kendall's tau": "tau-b, from -1 to 1: how far the order of the predictor is the order of the gains.",
    "95 % interval": "Percentiles of a bootstrap that draws whole targets, 2,000 times, seed 0.",
    "One target left out": "The smallest and the largest tau when one target's rows are left out.",
    "Predicts the gain": "Only when the interval leaves 0 out and no single target decides the sign.",
}


def draw_evidence_summary(view: LatticeView, catalog: Catalog) -> None:
    """The summary by direction, the predictors of the gain, and the counts of Figure 4 that no rule gives."""
    st.subheader("What the published rows show")
    scope = _draw_scope()
    rows = rows_of(scope)
    found = by_direction(weighed(rows))
    draw_table(direction_lines(found), key="directions", file="directions", explained=SUMMARY_HELP)
    st.caption(plain(many_tests_sentence(rows)))
    with st.expander(f"Every gain with its interval ({len(rows)})"):
        draw_forest(rows, f"Published gains of {SCOPES[scope]}", "summary_forest")
    st.markdown("**Does anything predict the gains of Table 3?**")
    _draw_predictors(view, catalog)
    st.markdown("**Figure 4**")
    draw_counts("summary_counts")


def _draw_scope() -> str:
    asked = url_state.value(SCOPE)
    scope = asked if asked in SCOPES else next(iter(SCOPES))
    st.segmented_control(
        "Rows counted",
        list(SCOPES),
        format_func=SCOPES.__getitem__,
        required=True,
        **url_state.bind(SCOPE, scope, default=next(iter(SCOPES))),
    )
    if scope == "all":
        st.caption("The other tables repeat combinations of Table 3, with other backbones or a second time.")
    return scope


def rows_of(scope: str) -> tuple[CompositionRow, ...]:
    """The rows of one of SCOPES."""
    tables = {"3": {MAIN_TABLE}, "3-4": MAIN_TABLES}.get(scope)
    return tuple(row for row in composition_rows() if tables is None or row.table in tables)


def many_tests_sentence(rows: Sequence[CompositionRow]) -> str:
    """What so many tests at once are worth."""
    tests = many_tests(weighed(rows))
    return (
        f"{tests.tested} of {len(rows)} rows can be tested, {tests.passed} gains are beyond noise. If no gain were "
        f"real, {tests.by_chance:.1f} would pass on average; {tests.after_holm} stay when all tests are counted (Holm)."
    )


# -- predictors ----------------------------------------------------------------------------------------------------


def _draw_predictors(view: LatticeView, catalog: Catalog) -> None:
    rows = rows_of(MAIN_TABLE)
    found: list[tuple[Association, str]] = [
        _label_overlap(catalog, rows),
        _embedding_distance(catalog, rows),
        _mat_overlap(view, rows),
    ]
    found.append(_better_baseline(rows))
    lines = association_lines(found)
    draw_table(lines, key="predictors", file="predictors", explained=PREDICTOR_HELP, hidden=("Missing",))
    for one, missing in found:
        if missing:
            st.caption(plain(f"{one.predictor}: {missing}"))
    st.caption(
        "MAT overlap counts the axes that the sources share with the target beyond what the direction needs. "
        "The better baseline stands there for comparison: a predictor should do better than that."
    )


def published_in(catalog: Catalog) -> set[str]:
    """Numbers of the subsets of the open collection that are those of the paper, and not others of the same number."""
    known = subsets()
    return {subset.number for subset in catalog.subsets() if known.get(subset.number) == subset}


@lru_cache(maxsize=64)
def _associated(predictor: str, values: tuple[float | None, ...]) -> Association:
    """What a predictor's values, one for each row of Table 3, have to do with the gains."""
    rows = rows_of(MAIN_TABLE)
    return association(predictor, dict(zip(rows, values, strict=True)), weighed(rows), seed=SEED)


def _label_overlap(catalog: Catalog, rows: Sequence[CompositionRow]) -> tuple[Association, str]:
    here = published_in(catalog)
    values = [label_overlap(catalog, row.related, row.target) if _held(row, here) else None for row in rows]
    return _associated("label overlap", tuple(values)), _not_held(catalog, here, rows)


def _embedding_distance(catalog: Catalog, rows: Sequence[CompositionRow]) -> tuple[Association, str]:
    name, here = "embedding distance", published_in(catalog)
    nothing = _associated(name, (None,) * len(rows))
    records = known_encoders(catalog) if here else []
    if not here:
        return nothing, _not_held(catalog, here, rows)
    if not records:
        return nothing, "No encoder has looked at this collection yet: encode its pictures on Browse."
    record = draw_encoder_choice(records)
    named = here & {number for row in rows for number in (row.target, *row.related)}
    try:
        with st.spinner("Averaging what the encoder saw of each subset …", show_time=True):
            means = mean_vectors(catalog, record.slug, named)
    except MedmatError as error:
        return nothing, str(error)
    values = [means.distance(row.related, row.target) if _held(row, here) else None for row in rows]
    empty = sorted(number for number, pictures in means.pictures.items() if not pictures)
    unseen = f" No picture of {', '.join(empty)} is encoded yet." if empty else ""
    return _associated(f"{name} ({means.encoder})", tuple(values)), _not_held(catalog, here, rows) + unseen


def _mat_overlap(view: LatticeView, rows: Sequence[CompositionRow]) -> tuple[Association, str]:
    known = subsets()
    values = [
        mat_overlap(
            Target(known[row.target].triplet, known[row.target]),
            [known[number] for number in row.related],
            row.direction,
            view.rule,
        )
        for row in rows
    ]
    return _associated(f"MAT overlap, rule {rule_title(view.rule)}", tuple(values)), ""


def _better_baseline(rows: Sequence[CompositionRow]) -> tuple[Association, str]:
    values = [evidence_of(row).best_baseline for row in rows]
    return _associated("better baseline (for comparison)", tuple(values)), ""


def _held(row: CompositionRow, here: set[str]) -> bool:
    return {row.target, *row.related} <= here


def _not_held(catalog: Catalog, here: set[str], rows: Sequence[CompositionRow]) -> str:
    """Why rows are left out for want of their subsets; empty where none is."""
    named = {number for row in rows for number in (row.target, *row.related)}
    if named <= here:
        return ""
    held = f"{len(named & here)} of the {len(named)} subsets that these rows name"
    return f"Collection {catalog.name} holds {held}: a row counts only with its target and all of its sources."
