"""The option `--rule` of several commands: a rule of the program, a reader's own, or a table in a file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from medmat_explorer.domain.relation import RelationRule
    from medmat_explorer.domain.subset import Subset
    from medmat_explorer.store.catalog import Catalog

Rule = Annotated[
    str,
    typer.Option(
        help="How element names are compared: published, short, paper; a CSV file with the columns subset_no and task; "
        "or the name of a rule of your own, where a collection is named."
    ),
]
MergeAreas = Annotated[bool, typer.Option("--merge-areas", help="Chest is Lung, Retina is Fundus, Teeth is Mouth.")]
FILE = ".csv"


def chosen_rule(
    text: str, subsets: "Mapping[str, Subset]", catalog: "Catalog | None", *, merge_areas: bool = False
) -> "RelationRule":
    """The rule that `--rule` names; own ones are kept beside the collection.

    Raises UnknownNameError for a name that is none, and RuleError for a file that is no rule's table.
    """
    from dataclasses import replace
    from pathlib import Path

    from medmat_explorer.store.own_rules import OwnRules, find_rule
    from medmat_explorer.store.rule_table import rule_in_file

    if text.lower().endswith(FILE):
        return replace(rule_in_file(Path(text), subsets), merge_areas=merge_areas)
    return find_rule(text, OwnRules(catalog.workspace) if catalog else None, merge_areas=merge_areas)
