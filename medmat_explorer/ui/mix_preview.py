"""A training mix before it is exported: what each subset gives and why not more, labels, letters, options, warnings."""

from collections.abc import Mapping

import streamlit as st

from medmat_explorer.domain.selection import Facet
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.mix import DrawnMix, SourceCount
from medmat_explorer.store.mix_arms import ArmsDrawn
from medmat_explorer.store.mix_leaks import REASONS, Removed
from medmat_explorer.ui import frame
from medmat_explorer.ui.components.linked_table import Cell, Column, linked_table
from medmat_explorer.ui.plain import counted, plain

SHORT: dict[Removed, str] = {
    Removed.NOT_TRAINING: "in a test split",
    Removed.TARGET_ITEM: "of the target",
    Removed.TARGET_DATASET: "target's data set",
    Removed.SAME_FILE: "same image file",
    Removed.SAME_CONTENT: "same content",
    Removed.NEAR: "nearly alike",
    Removed.MIRRORED: "mirrored",
    Removed.OTHER_SUBSET: "other subset",
    Removed.NO_PICTURE: "no picture",
}
"""Heads of columns; `REASONS` says more."""

TABLE_WIDTH = 640
"""Pixels of a little table where there is room: a narrower one is drawn as cards."""


def draw_preview(catalog: Catalog, drawn: DrawnMix) -> None:
    """All that can be known of a mix before it is written."""
    mix = drawn.mix
    sources = [source for source in drawn.sources if source.taken]
    said = f"**{counted(drawn.items, 'item')}** of {counted(len(sources), 'subset')}"
    found = "no leak found" if drawn.knowledge.is_whole else "no leak found in what was looked at"
    removed = f", {drawn.leaks_removed:,} removed as the target's" if drawn.leaks_removed else f", {found}"
    st.markdown(f"{said}{removed}. The most that this arm can give: {drawn.capacity:,}.")
    for warning in drawn.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    if not drawn.knowledge.searched:
        frame.link("data", "Look for duplicates and leaks", icon=":material/content_copy:")
    if drawn.not_here:
        st.caption(
            f"{counted(len(drawn.not_here), 'subset')} of this arm without training items here: "
            f"{plain(' '.join(drawn.not_here))}"
        )
    _draw_sources(drawn)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Look at these items", icon=":material/photo_library:", key="mix items"):
            frame.go("browse", {Facet.SET.value: catalog.workspace.keep_set(drawn.ids)})
        if len(drawn.held_out) and mix.target.subset is not None:
            held_out = {Facet.SUBSET.value: mix.target.subset.number, Facet.SPLIT.value: "test"}
            frame.link("browse", f"{counted(len(drawn.held_out), 'held-out item')} of the target", held_out)
    _draw_forms(drawn)


def _draw_sources(drawn: DrawnMix) -> None:
    """A row a subset; columns only for reasons that occur."""
    reasons = [reason for reason in REASONS if any(source.removed.get(reason) for source in drawn.sources)]
    titles = {number: subset.title for number, subset in drawn.mix.by_number.items()}
    columns = [Column("Subset"), Column("Shares"), Column("Training items", amount=True)]
    columns += [Column(f"Removed: {SHORT[reason]}", amount=True) for reason in reasons]
    columns += [Column("With even letters", amount=True)] if drawn.mix.letters else []
    columns += [Column("Taken", amount=True)]
    rows = []
    for source in drawn.sources:
        title = titles.get(source.subset, source.subset)
        href = frame.address("browse", {Facet.SUBSET.value: source.subset, Facet.SPLIT.value: "train"})
        rows.append(
            [
                Cell(title, href=href, title=f"Look at the training items of {title}"),
                Cell(_shared(drawn, source)),
                Cell(f"{source.available:,}"),
                *(_removed_cell(source, reason) for reason in reasons),
                *([Cell(f"{source.usable:,}")] if drawn.mix.letters else []),
                Cell(f"{source.taken:,}"),
            ]
        )
    linked_table(columns, rows, key="mix sources", label=f"Subsets of the mix, {len(rows)}")


def _removed_cell(source: SourceCount, reason: Removed) -> Cell:
    items = source.removed.get(reason, 0)
    return Cell(f"{items:,}", tone="warn" if items else "quiet", title=f"{counted(items, 'item')}: {REASONS[reason]}")


def _shared(drawn: DrawnMix, source: SourceCount) -> str:
    shared = drawn.mix.shares(source.subset)
    return " · ".join(axis.value for axis in shared.axes) if shared else "nothing"


def _draw_forms(drawn: DrawnMix) -> None:
    """Numbers of options beside the target's, letters, and behind a fold the labels."""
    side_by_side = st.container(horizontal=True)
    with side_by_side.container(width=TABLE_WIDTH):
        st.markdown("**Number of options**")
        numbers = sorted({*drawn.options, *drawn.target_options})
        linked_table(
            [Column("Options"), Column("Mix", amount=True), Column("Target", amount=True)],
            [
                [Cell(f"{n} options"), Cell(_share(drawn.options, n)), Cell(_share(drawn.target_options, n))]
                for n in numbers
            ],
            key="mix options",
            label="Numbers of options in the mix and in the target's questions",
        )
    with side_by_side.container(width=TABLE_WIDTH):
        st.markdown("**Right letters**")
        letters = sorted({letter for counts in drawn.letters.values() for letter in counts})
        linked_table(
            [Column("Options"), *(Column(letter, amount=True) for letter in letters)],
            [
                [Cell(f"{n} options"), *(Cell(f"{counts[letter]:,}" if letter in counts else "") for letter in letters)]
                for n, counts in drawn.letters.items()
            ],
            key="mix letters",
            label="Right letters in the mix, by number of options",
        )
    labels = sum(len(counts) for counts in drawn.labels.values())
    with st.expander(counted(labels, "label")):
        rows = [(n, label, items) for n, counts in drawn.labels.items() for label, items in counts.items()]
        st.dataframe(
            {
                "Subset": [row[0] for row in rows],
                "Label": [row[1] for row in rows],
                "Items": [row[2] for row in rows],
            },
            hide_index=True,
            key="mix labels",
        )


def _share(counts: Mapping[int, int], options: int) -> str:
    total = sum(counts.values())
    if not total:
        return "no item here"
    return f"{counts.get(options, 0):,} ({counts.get(options, 0) / total:.0%})"


def draw_arms_table(arms: ArmsDrawn) -> None:
    """What every arm of Figure 4 can give, and what each gets."""
    columns = [Column("Arm"), Column("Subsets", amount=True), Column("Can give", amount=True)]
    columns += [Column("Gets", amount=True), Column("Removed as the target's", amount=True)]
    rows = []
    for name, capacity in arms.capacities.items():
        drawn = arms.mixes.get(name)
        limits = name == arms.limiting
        rows.append(
            [
                Cell(name.replace("-", " ") + (" (limits the budget)" if limits and arms.limits else "")),
                Cell(f"{sum(1 for source in drawn.sources if source.taken):,}" if drawn else "0"),
                Cell(f"{capacity:,}"),
                Cell(f"{drawn.items:,}" if drawn else "left out", tone="" if drawn else "warn"),
                Cell(f"{drawn.leaks_removed:,}" if drawn else ""),
            ]
        )
    linked_table(columns, rows, key="mix arms", label="All arms of the target with equal budgets")
    st.caption(plain(arms.sentence))
