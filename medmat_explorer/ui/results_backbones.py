"""Does composition help on every backbone? The combinations that several of them share."""

import streamlit as st

from medmat_explorer.charts.shared_rows import SUMMARY_HELP, shared_chart, shared_lines, summary_lines
from medmat_explorer.charts.transfer import SEGMENTATION
from medmat_explorer.evaluation.shared_rows import SharedRow, backbone_summaries, shared_rows
from medmat_explorer.paper.facts import composition_rows, subsets
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui.table_file import draw_table

GROUPS: dict[str, str] = {
    "accuracy": "Classification: gains in accuracy",
    "grounding": "Detection backbones: gains in accuracy of their answers",
    "overlap": "Detection and segmentation: gains in overlap (cIoU)",
}
GROUNDING = frozenset({"NExT-Chat", "MiniGPT-v2"})
"""The backbones of Tables 5 and 6, which share no combination with the others."""


def draw_backbones(catalog: Catalog) -> None:
    """For each group of backbones that share combinations: a picture, both tables, a sentence."""
    for name, title in GROUPS.items():
        shared = shared_of(name)
        if not shared:
            continue
        st.subheader(title)
        st.caption(sentence(shared))
        st.altair_chart(shared_chart(shared), alt=f"{title}, {len(shared)} combinations; the tables have the numbers")
        draw_table(
            summary_lines(backbone_summaries(shared)),
            key=f"backbones_{name}",
            file=f"backbones-{name}",
            explained=SUMMARY_HELP,
        )
        draw_table(shared_lines(shared, subsets()), key=f"shared_{name}", file=f"shared-combinations-{name}")


def shared_of(group: str) -> tuple[SharedRow, ...]:
    """The combinations that at least two backbones of one of GROUPS share."""
    chosen = [row for row in composition_rows() if _group(row.backbone, row.direction) == group]
    return shared_rows(chosen)


def _group(backbone: str, direction: str) -> str:
    if direction == SEGMENTATION:
        return "overlap"
    return "grounding" if backbone in GROUNDING else "accuracy"


def sentence(shared: tuple[SharedRow, ...]) -> str:
    """How many combinations helped every backbone that has them, and what that is worth."""
    everywhere = sum(row.helped == len(row.gains) for row in shared)
    targets = len({row.target for row in shared})
    return (
        f"{everywhere} of {len(shared)} shared combinations have a printed gain on every backbone that has them. They "
        f"have {targets} targets, whose test sets they share; gains are over the untrained model, since most of these "
        "tables print no Baseline+: volume and answer format of the training are not controlled for."
    )
