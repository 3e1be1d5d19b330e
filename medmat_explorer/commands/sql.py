"""`sql NAME "SELECT ..."`: one statement that reads a collection's tables."""

import json as encoding
from dataclasses import asdict
from typing import Annotated, Any

import typer

from medmat_explorer.commands.options import Json
from medmat_explorer.terminal import print_json, print_line, print_table


def sql(
    name: Annotated[str, typer.Argument(help="The collection to ask.")],
    statement: Annotated[str, typer.Argument(help="One SELECT or EXPLAIN; SHOW TABLES and DESCRIBE items help.")],
    json: Json = False,
) -> None:
    """Ask a collection's tables (items, subsets, datasets, images, tags) by one SELECT, within limits."""
    from medmat_explorer.config import settings
    from medmat_explorer.store.console import run_query
    from medmat_explorer.store.versions import find_version

    result = run_query(find_version(name, settings().home), statement)
    if json:
        print_json({"collection": name, **asdict(result)})
        return
    rows = [[_shown(value) for value in row] for row in result.rows]
    print_table("", [_escaped(column) for column in result.columns], rows)
    more = f"The first {len(rows):,} rows; there are more."
    print_line(more if result.truncated else f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}.")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return _escaped(value)
    return "" if value is None else _escaped(encoding.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    """The table reads markup, which data must not be taken for."""
    from rich.markup import escape

    return escape(text)
