"""What is odd about questions and labels, each finding with a link to its items."""

from collections.abc import Sequence

import streamlit as st

from medmat_explorer.config import settings
from medmat_explorer.evaluation.statistics import wilson
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.label_quality import Finding, LabelQuality, LetterCounts, Majority, Spellings, label_quality
from medmat_explorer.ui import frame
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.search_job import seen_so_far

MEANINGS = {
    "same question, other label": "One picture is asked the same question and has different right labels.",
    "other wording, other label": "One picture is asked in other words within its subset and has different right "
    "labels; right only where a subset asks several things.",
    "right answer is no option": "The right label is none of the options.",
    "option twice": "Two options say the same, whatever their spelling.",
    "question gives the answer away": "The right option stands in the question, and the question is only asked where "
    "it is right.",
}
REFUSED = ("answer-not-an-option", "letter-not-an-option", "letter-contradicts-answer")
"""Reasons for which an import refuses records whose right answer is no option."""

MOST_ROWS = 200


def draw_labels(catalog: Catalog) -> None:
    """Findings, spellings, majorities and letters of the whole collection."""
    with st.spinner("Looking through all questions"):
        found = _quality(catalog.name, catalog.version, seen_so_far(catalog))
    _draw_findings(catalog, found.findings)
    _draw_spellings(found.spellings)
    _draw_majorities("Majority by subset", found.majorities, "health majorities")
    with st.expander("Majority by wording of the question"):
        _draw_majorities("", found.wordings[:MOST_ROWS], "health wordings")
    _draw_letters(found.letters)


@st.cache_resource(max_entries=4, show_spinner=False)
def _quality(name: str, version: str, seen: tuple[str, ...]) -> LabelQuality:
    return label_quality(name, settings().home)


@st.cache_data(max_entries=64, show_spinner=False)
def _set_of(name: str, version: str, seen: tuple[str, ...], kind: str, _catalog: Catalog, _finding: Finding) -> str:
    return _catalog.workspace.keep_set(_finding.ids)


def _draw_findings(catalog: Catalog, findings: Sequence[Finding]) -> None:
    rows = [_finding_row(catalog, finding) for finding in findings]
    columns = (Column("Finding"), Column("Items", amount=True), Column("What it means"))
    linked_table(columns, rows, key="health findings", label="Findings about questions and labels")
    refused = {reason: catalog.report.reasons.get(reason, 0) for reason in REFUSED}
    if any(refused.values()):
        said = ", ".join(f"{reason} {n:,}" for reason, n in refused.items() if n)
        st.caption(f"The import refused records whose right answer is no option: {said}.")


def _finding_row(catalog: Catalog, finding: Finding) -> list[Cell]:
    items, href = len(finding.ids), ""
    if items:
        name = _set_of(catalog.name, catalog.version, seen_so_far(catalog), finding.kind, catalog, finding)
        if catalog.workspace.set_file(name) is None:
            catalog.workspace.keep_set(finding.ids)
        href = frame.address("browse", {"set": name})
    meaning = Cell(MEANINGS[finding.kind], tone="quiet")
    return [Cell(finding.kind), Cell(f"{items:,}", href, tone="warn" if items else "quiet"), meaning]


def _draw_spellings(groups: Sequence[Spellings]) -> None:
    st.subheader("Written in several ways")
    if not groups:
        st.write("No label or caption of a subset differs from another in spelling only.")
        return
    columns = (Column("Subset"), Column("What"), Column("Spellings, with items"), Column(""))
    rows = [_spelling_row(group) for group in groups[:MOST_ROWS]]
    linked_table(columns, rows, key="health spellings", label="Labels and captions written in several ways")
    if len(groups) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS} of {len(groups):,}.")


def _spelling_row(group: Spellings) -> list[Cell]:
    written = " · ".join(f"“{text}” {n:,}" for text, n in zip(group.texts, group.items, strict=True))
    where: dict[str, str | Sequence[str]] = {"subset": group.subset}
    rare = group.texts[-1]
    if group.place == "label":
        where["label"] = group.texts
    elif '"' not in rare:
        where["q"] = f'caption:"{rare}"'
    what = group.place if group.sure else f"{group.place}, perhaps misspelt"
    return [Cell(group.subset), Cell(what), Cell(written), Cell("Show items", frame.address("browse", where))]


def _draw_majorities(title: str, majorities: Sequence[Majority], key: str) -> None:
    if title:
        st.subheader(title)
        st.caption("What always giving the most frequent label would reach, with its 95 % interval.")
    by_form = any(majority.form for majority in majorities)
    columns = [Column("Subset"), *([Column("Question")] if by_form else []), Column("Most frequent label")]
    columns += [Column("Share", amount=True), Column("95 % interval", amount=True), Column("n", amount=True)]
    linked_table(
        columns, [_majority_row(m, by_form) for m in majorities], key=key, label=title or "Majority by wording"
    )


def _majority_row(majority: Majority, by_form: bool) -> list[Cell]:
    low, high = wilson(majority.items, majority.n)
    return [
        Cell(majority.subset, frame.address("browse", {"subset": majority.subset})),
        *([Cell(majority.form, tone="quiet")] if by_form else []),
        Cell(majority.label),
        Cell(f"{majority.share:.1%}"),
        Cell(f"{low:.1%} to {high:.1%}"),
        Cell(f"{majority.n:,}"),
    ]


def _draw_letters(letters: Sequence[LetterCounts]) -> None:
    st.subheader("Which letter is right")
    st.caption("With n questions of k options each letter should be right in n / k; p is that of a chi-square test.")
    most = max((found.options for found in letters), default=0)
    columns = [Column("Options"), Column("n", amount=True), *(Column(chr(65 + i), amount=True) for i in range(most))]
    rows = [_letter_row(found, most) for found in letters]
    linked_table([*columns, Column("p", amount=True)], rows, key="health letters", label="Right answers by letter")


def _letter_row(found: LetterCounts, most: int) -> list[Cell]:
    n, p = found.n, uniform_p(found.counts)
    shares = [
        Cell(f"{count:,} ({count / n:.0%})", _with_letter(found.options, chr(65 + i)) if count else "")
        for i, count in enumerate(found.counts)
    ]
    empty = [Cell("")] * (most - len(shares))
    said = "below 0.001" if p < 0.001 else f"{p:.3f}"
    return [
        Cell(f"{found.options} options"),
        Cell(f"{n:,}"),
        *shares,
        *empty,
        Cell(said, tone="warn" if p < 0.01 else ""),
    ]


def _with_letter(options: int, letter: str) -> str:
    return frame.address("browse", {"options": str(options), "letter": letter})


def uniform_p(counts: Sequence[int]) -> float:
    """Pearson's chi-square p that all counts have the same expectation (scipy `chisquare`); 1 for a single one."""
    from scipy.stats import chisquare

    return float(chisquare(counts).pvalue) if len(counts) > 1 and any(counts) else 1.0
