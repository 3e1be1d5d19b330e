"""`fetch-list`: the source data sets that a collection's pictures come from, and where to get what is missing."""

from enum import StrEnum
from typing import Annotated

import typer

from medmat_explorer.commands.options import Json
from medmat_explorer.terminal import print_json, print_line


class Format(StrEnum):
    """How the list is written."""

    CSV = "csv"
    MD = "md"


def fetch_list(
    name: Annotated[str, typer.Argument(help="The collection to look at.")],
    subset: Annotated[list[str] | None, typer.Option(help="Only this subset; may be given several times.")] = None,
    form: Annotated[Format, typer.Option("--format", help="Markdown to work through, or CSV.")] = Format.MD,
    json: Json = False,
) -> None:
    """List the source data sets that are needed: link, citation, folder, and how many items each unlocks."""
    from medmat_explorer.config import settings
    from medmat_explorer.paper.notes import notes_for_dataset
    from medmat_explorer.store import fetch_list as lists
    from medmat_explorer.store.collections import open_catalog

    def notes_of(dataset: str) -> list[str]:
        return [] if catalog.declared else [note.text for note in notes_for_dataset(dataset)]

    catalog = open_catalog(name, settings().home)
    lines = lists.fetch_list(catalog, subset or (), notes_of)
    if json:
        print_json({"collection": name, "datasets": lists.as_json(lines)})
    elif form is Format.CSV:
        print_line(lists.as_csv(lines).rstrip("\n"))
    else:
        print_line(lists.as_markdown(lines, f"What {name} needs").rstrip("\n"))
