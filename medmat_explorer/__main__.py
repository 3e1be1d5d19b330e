"""The command line: `python -m medmat_explorer COMMAND`, one command a user task.

Exit status: 0 done, 1 something the user can mend (one sentence on stderr), 2 wrong usage, 130 interrupted.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from medmat_explorer.commands.compare import compare
from medmat_explorer.commands.embed import embed
from medmat_explorer.commands.evaluate import evaluate
from medmat_explorer.commands.export import export
from medmat_explorer.commands.export_mix import export_mix
from medmat_explorer.commands.fetch_list import fetch_list
from medmat_explorer.commands.make_subset import make_subset
from medmat_explorer.commands.options import Json, Seed
from medmat_explorer.commands.relate import recipes, relate
from medmat_explorer.commands.runs import export_run, import_run, runs
from medmat_explorer.commands.spot_check import spot_check
from medmat_explorer.commands.sql import sql
from medmat_explorer.errors import MedmatError
from medmat_explorer.terminal import ERR, print_json, print_line, print_table, progress_bar

app = typer.Typer(
    help="Look at Med-MAT, see which subsets teach a target its elements, and ask models whether they know. "
    "A research tool, not for clinical use.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on (default: MEDMAT_PORT or 8501).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (default: MEDMAT_HOST or 127.0.0.1).")] = None,
) -> None:
    """Start the app; makes the synthetic collection first when there is none."""
    from medmat_explorer.config import settings
    from medmat_explorer.default_collection import ensure_phantoms
    from medmat_explorer.serving import refuse_taken_port
    from medmat_explorer.serving import serve as start

    refuse_taken_port(host or settings().host, port or settings().port)
    with progress_bar() as report:
        ensure_phantoms(settings().home, report)
    start(host, port)


@app.command()
def phantoms(
    name: Annotated[str, typer.Option(help="Name of the collection.")] = "phantoms",
    items: Annotated[int, typer.Option(min=3, max=100_000, help="Items a subset, training and test together.")] = 180,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Make the synthetic collection."""
    from medmat_explorer.config import settings
    from medmat_explorer.default_collection import make_phantoms

    with progress_bar() as report:
        made = make_phantoms(settings().home, name, items, seed, report)
    if json:
        print_json({key: made[key] for key in ("collection", "kept", "subsets")})
        return
    print_line(f"Made '{name}': {made['kept']:,} synthetic items in {made['subsets']} subsets.")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A folder in Med-MAT's layout, of either release form.")],
    name: Annotated[str, typer.Option(help="Name of the collection; an existing one is updated.")],
    test_share: Annotated[float, typer.Option(min=0.0, max=0.9, help="Held out where there is no test file.")] = 0.1,
    seed: Seed = 0,
    check_images: Annotated[bool, typer.Option(help="Look at every image file after the import.")] = True,
    json: Json = False,
) -> None:
    """Import a Med-MAT folder; importing it again updates the collection."""
    from medmat_explorer.collection_import import import_folder
    from medmat_explorer.config import settings

    with progress_bar() as report:
        result = import_folder(
            path, name, settings().home, test_share=test_share, seed=seed, check=check_images, progress=report
        )
    if json:
        print_json(result)
        return
    print_line(
        f"Imported '{name}': {result['kept']:,} items in {result['subsets']} subsets kept ({result['repaired']:,} "
        f"repaired), {result['duplicates_merged']:,} merged, {result['refused']:,} refused, {result['seconds']:.1f} s."
    )
    for reason, count in result["reasons"].items():
        print_line(f"  {reason}: {count:,}")
    if result["refused"]:
        print_line(f"What was refused, with reasons: {result['refused_file']}")


@app.command()
def collections(json: Json = False) -> None:
    """List the collections on this machine."""
    from medmat_explorer.config import settings
    from medmat_explorer.store.collections import list_collections

    found = list_collections(settings().home)
    if json:
        rows = [
            {"name": c.name, "items": c.items, "subsets": c.subsets, "datasets": c.datasets, "images": dict(c.images)}
            for c in found
        ]
        print_json({"collections": rows})
        return
    table = [[c.name, f"{c.items:,}", str(c.subsets), str(c.datasets), f"{c.images['ok']:,}"] for c in found]
    print_table("Collections", ["name", "items", "subsets", "data sets", "images readable"], table)


@app.command()
def health(
    name: Annotated[str, typer.Argument(help="The collection to look at.")],
    json: Json = False,
) -> None:
    """Missing and unreadable images, duplicates, and images that stand in two splits or subsets."""
    from medmat_explorer.config import settings
    from medmat_explorer.store.health import check_health

    with progress_bar() as bar:
        report = check_health(name, settings().home, lambda step: bar(step.stage, step.done, step.total))
    if json:
        print_json(report.as_json())
        return
    print_line(
        f"'{name}': {report.missing:,} images missing, {report.unreadable:,} unreadable, {report.unchecked:,} "
        f"unchecked; {report.exact_duplicates:,} exact duplicates, {report.near_duplicates:,} pictures nearly like "
        f"another, {report.mirrored:,} mirrored; {report.leaking_images:,} images leak between training and test; "
        f"{report.conflicts:,} pictures with contradicting labels."
    )
    rows = [[f"{x.subset_a} {x.split_a}", f"{x.subset_b} {x.split_b}", f"{x.images:,}"] for x in report.leaks]
    print_table("Images that stand in two places", ["here", "and here", "images"], rows)
    near = [[f"{x.subset_a} {x.split_a}", f"{x.subset_b} {x.split_b}", f"{x.pairs:,}"] for x in report.near_leaks]
    print_table("Pairs that look nearly the same", ["here", "and here", "pairs"], near)


app.command("compare")(compare)
app.command("evaluate")(evaluate)
app.command("export-run")(export_run)
app.command("import-run")(import_run)
app.command("runs")(runs)
app.command("fetch-list")(fetch_list)
app.command("embed")(embed)
app.command("export")(export)
app.command("export-mix")(export_mix)
app.command("make-subset")(make_subset)
app.command("relate")(relate)
app.command("recipes")(recipes)
app.command("spot-check")(spot_check)
app.command("sql")(sql)


@app.command()
def backbones(json: Json = False) -> None:
    """List the backbones: where each is, what it needs and can do."""
    from medmat_explorer.backbones.registry import describe_backbones

    described = describe_backbones()
    if json:
        print_json({"backbones": described})
        return
    rows = [[str(b["id"]), str(b["availability"]), str(b["needs"]), str(b["licence"])] for b in described]
    print_table("Backbones", ["id", "where it is", "needs", "licence"], rows)


@app.command("train-backbone")
def train_backbone(
    out: Annotated[Path, typer.Option(help="Folder for the trained backbone.")],
    minutes: Annotated[float | None, typer.Option(min=0.01, help="Length of the recipe, in CPU minutes.")] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Train the bundled backbone anew on phantoms, from a seed; a stopped training resumes."""
    from medmat_explorer.experiments.bundled.recipe import DEFAULT_MINUTES
    from medmat_explorer.experiments.bundled.training import train

    with progress_bar() as report:
        trained = train(out, minutes=minutes or DEFAULT_MINUTES, seed=seed, progress=report)
    if json:
        print_json(trained.figures)
        return
    print_line(
        f"Trained into {out}: accuracy {trained.figures['accuracy']:.3f} on unseen phantoms "
        f"({trained.figures['accuracy_blank']:.3f} with the picture blanked, chance {trained.figures['chance']:.3f})."
    )


def main() -> None:
    """Runs a command and turns errors into one sentence and an exit status."""
    try:
        app()
    except MedmatError as error:
        ERR.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        ERR.print("Interrupted; what was done is kept.", markup=False)
        sys.exit(130)


if __name__ == "__main__":
    main()
