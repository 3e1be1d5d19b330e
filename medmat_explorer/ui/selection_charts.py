"""Charts of the current selection; a click on a mark leaves just its items."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from medmat_explorer.charts.overview import matrix_cells, matrix_figure
from medmat_explorer.charts.selection import bars, letter_bars, size_bars, split_bars
from medmat_explorer.domain.qa import LETTERS
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.evaluation.statistics import wilson
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.crosstabs import count_together, count_words
from medmat_explorer.ui import selection_state, url_state

MOST_BARS = 30
SCROLLING = ".st-key-selection-cube { overflow-x: auto; } .st-key-selection-cube > div { min-width: 40rem; }"


@dataclass(frozen=True)
class _Charts:
    """What all charts of one view share; `mark` changes with the selection, so that a click is not kept past it."""

    catalog: Catalog
    selection: Selection
    mark: str

    def count(self, *facets: Facet) -> list[Any]:
        return count_together(self.catalog.connection, self.selection, facets)


def draw_charts(catalog: Catalog, selection: Selection) -> None:
    """The cube of modality, area and task, then what the selection's items are like."""
    charts = _Charts(catalog, selection, str(hash(selection_state.describe_selection(selection))))
    st.caption("Click a mark to look at its items alone; the filters on the left take it back.")
    _draw_cube(charts)
    left, right = st.columns(2)
    with left:
        _draw_labels(charts)
        _draw_letters(charts)
        _draw_lengths(charts)
    with right:
        _draw_subsets(charts)
        _draw_sizes(charts)
        _draw_options(charts)
        _draw_words(charts)


def _draw_cube(charts: _Charts) -> None:
    st.markdown("**Modality × area × task**")
    st.html(f"<style>{SCROLLING}</style>")
    cells = matrix_cells(charts.count(Facet.MODALITY, Facet.AREA, Facet.TASK))
    key = f"cube {charts.mark}"

    def picked() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            selection_state.choose({"modality": [str(points[0]["y"])], "area": [str(points[0]["x"])]})

    st.container(key="selection-cube").plotly_chart(
        matrix_figure(cells),
        key=key,
        on_select=picked,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="; ".join(f"{c.modality} {c.area}: {', '.join(c.tasks)} ({c.items:,} items)" for c in cells),
    )


def _draw(charts: _Charts, title: str, chart: Any, alt: str, choose: Callable[[dict[str, Any]], None]) -> None:
    """A chart under its title; `choose` gets the fields of the mark that was clicked."""
    st.markdown(f"**{title}**")
    key = f"{title} {charts.mark}"

    def picked() -> None:
        found = st.session_state[key]["selection"].get("pick")
        if found:
            choose(found[0])

    st.altair_chart(chart, key=key, on_select=picked, selection_mode="pick", alt=alt)


def _told(counts: Sequence[tuple[Any, ...]]) -> str:
    return "; ".join(f"{' '.join(map(str, row[:-1]))}: {row[-1]:,}" for row in counts)


def _facet_chooser(*facets: Facet) -> Callable[[dict[str, Any]], None]:
    def choose(picked: dict[str, Any]) -> None:
        selection_state.choose({f.value: [str(picked[f.value])] for f in facets if picked.get(f.value) is not None})

    return choose


def _draw_labels(charts: _Charts) -> None:
    counts = sorted(charts.count(Facet.LABEL), key=lambda row: -row[1])
    title = "Labels" if len(counts) <= MOST_BARS else f"Labels (the {MOST_BARS} most frequent of {len(counts):,})"
    shown = counts[:MOST_BARS]
    _draw(charts, title, bars(shown, "label"), f"Items by label: {_told(shown)}", _facet_chooser(Facet.LABEL))


def _draw_subsets(charts: _Charts) -> None:
    titles = {subset.number: subset.title for subset in charts.catalog.subsets()}
    counts = charts.count(Facet.SUBSET, Facet.SPLIT)
    alt = f"Items by subset and split: {_told(counts)}"
    _draw(charts, "Subset × split", split_bars(counts, titles), alt, _facet_chooser(Facet.SUBSET, Facet.SPLIT))


def _draw_sizes(charts: _Charts) -> None:
    counts = charts.count(Facet.PIXELS, Facet.SHAPE)
    chart = size_bars(counts, selection_state.STATES[Facet.PIXELS])
    alt = f"Items by longer side in pixels and shape: {_told(counts)}"
    _draw(charts, "Image size and shape", chart, alt, _facet_chooser(Facet.PIXELS, Facet.SHAPE))


def _draw_options(charts: _Charts) -> None:
    counts = sorted(charts.count(Facet.OPTIONS), key=lambda row: int(row[0]))
    alt = f"Items by number of options: {_told(counts)}"
    _draw(charts, "Number of options", bars(counts, "options"), alt, _facet_chooser(Facet.OPTIONS))


def _draw_letters(charts: _Charts) -> None:
    frame = letter_shares(charts.count(Facet.LETTER, Facet.OPTIONS))
    told = "; ".join(f"{row.letter}: {row.share:.1%} of {row.n:,}" for row in frame.itertuples())
    title = "Where the right answer stands (orange: equal shares)"
    _draw(charts, title, letter_bars(frame), f"Share of right answers by letter: {told}", _facet_chooser(Facet.LETTER))


def letter_shares(counts: Sequence[tuple[str, str, int]]) -> pd.DataFrame:
    """From rows of letter, number of options and items: each letter's share of right answers with interval and n.

    `expected` is the share that the letter would have if every option of an item were right equally often.
    """
    total = sum(items for _, _, items in counts)
    right: dict[str, int] = {}
    expected: dict[str, float] = {}
    for letter, options, items in counts:
        right[letter] = right.get(letter, 0) + items
        for other in LETTERS[: int(options)]:
            expected[other] = expected.get(other, 0.0) + items / int(options)
    rows = []
    for letter in sorted(expected):
        low, high = wilson(right.get(letter, 0), total)
        share = right.get(letter, 0) / total
        rows.append((letter, right.get(letter, 0), share, low, high, expected[letter] / total, total))
    return pd.DataFrame(rows, columns=["letter", "items", "share", "low", "high", "expected", "n"])


def _draw_lengths(charts: _Charts) -> None:
    counts = charts.count(Facet.WORDS)
    counts = sorted(counts, key=lambda row: int(row[0].split()[0]))
    alt = f"Items by number of words in the question: {_told(counts)}"
    _draw(charts, "Words in the question", bars(counts, "words"), alt, _facet_chooser(Facet.WORDS))


def _draw_words(charts: _Charts) -> None:
    counts = count_words(charts.catalog.connection, charts.selection, 20)

    def search(picked: dict[str, Any]) -> None:
        text = f'{url_state.value(selection_state.TEXT)} question:"{picked["word"]}"'
        url_state.write({selection_state.TEXT: text.strip(), selection_state.PAGE: None})

    alt = f"Items by words of their questions: {_told(counts)}"
    _draw(
        charts,
        "Most frequent words of the questions (without: the, this, which ...)",
        bars(counts, "word"),
        alt,
        search,
    )
