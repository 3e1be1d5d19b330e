"""`export NAME --format F --out DIR`: a selection as files that training code and libraries read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medmat_explorer.commands.options import Json, Seed
from medmat_explorer.terminal import print_json, print_line, progress_bar

if TYPE_CHECKING:
    from medmat_explorer.domain.selection import Facet
    from medmat_explorer.store.catalog import Catalog


def export(
    name: Annotated[str, typer.Argument(help="The collection to take from.")],
    form: Annotated[str, typer.Option("--format", help="llava, jsonl, parquet, csv or hf.")],
    out: Annotated[Path, typer.Option(help="A folder that does not exist yet, or is empty.")],
    where: Annotated[
        list[str] | None, typer.Option(help="Only items with this: facet=value, such as modality=CT; may be repeated.")
    ] = None,
    where_not: Annotated[
        list[str] | None, typer.Option(help="No items with this: facet=value, such as leak=exact; may be repeated.")
    ] = None,
    search: Annotated[str, typer.Option(help="Words to search for, as on Browse.")] = "",
    images: Annotated[bool, typer.Option("--images", help="Copy the pictures as well.")] = False,
    sort: Annotated[str, typer.Option(help="Order: subset, label, size, or random by --seed.")] = "subset",
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Write any selection of items as LLaVA conversations, JSONL, Parquet, CSV or a Hugging Face folder."""
    import medmat_explorer
    from medmat_explorer.config import settings
    from medmat_explorer.domain.selection import Selection
    from medmat_explorer.store.collections import open_catalog
    from medmat_explorer.store.export import export_selection
    from medmat_explorer.store.exports.formats import format_named

    format_named(form)
    catalog = open_catalog(name, settings().home)
    selection = Selection(_choices(catalog, where or []), search.strip(), _choices(catalog, where_not or []))
    with progress_bar() as bar:
        report = export_selection(
            catalog,
            selection,
            out,
            form,
            images=images,
            sort=sort,
            seed=seed,
            program=medmat_explorer.__version__,
            progress=bar,
        )
    if json:
        print_json(report.as_json())
        return
    splits = ", ".join(f"{items:,} {split}" for split, items in report.splits.items())
    print_line(f"Wrote {report.items:,} items ({splits}) of '{name}' as {form} into {report.folder}.")
    if images:
        print_line(f"Pictures copied: {report.images['copied']:,}.")
    for reason, items in report.images["not_copied"].items():
        print_line(f"Items whose picture could not be copied ({reason}): {items:,}; images-not-copied.csv lists them.")
    if report.left_out:
        print_line(f"Items left out, since {form} needs the picture of each: {report.left_out:,}.")


def _choices(catalog: "Catalog", given: list[str]) -> "dict[Facet, frozenset[str]]":
    """Facets with their values out of `facet=value`; several values of one facet stand beside each other.

    Raises UnknownNameError for a facet or a value that the collection does not have.
    """
    from medmat_explorer.domain.selection import Facet
    from medmat_explorer.errors import UnknownNameError

    found: dict[Facet, frozenset[str]] = {}
    for text in given:
        facet, _, value = text.partition("=")
        facets = [one.value for one in Facet]
        if facet.strip() not in facets:
            raise UnknownNameError("facet", facet.strip(), facets, "Write facet=value, such as modality=CT.")
        known = Facet(facet.strip())
        found[known] = found.get(known, frozenset()) | {_known_value(catalog, known, value.strip())}
    return found


def _known_value(catalog: "Catalog", facet: "Facet", value: str) -> str:
    from medmat_explorer.domain.facts import subset_number
    from medmat_explorer.domain.selection import Facet, Selection
    from medmat_explorer.errors import UnknownNameError

    if facet is Facet.SET:
        if catalog.workspace.set_file(value) is None:
            raise UnknownNameError("set", value, ["the names behind set= in links of Browse"])
        return value
    value = subset_number(value) if facet is Facet.SUBSET else value
    if facet is Facet.TAG:
        choices = list(catalog.connection.tags())
    else:
        choices = [choice for choice, _ in catalog.facet_counts(Selection()).get(facet, ())]
    if value not in choices:
        raise UnknownNameError(facet.value, value, choices)
    return value
