"""`runs`, `export-run RUN --out FILE` and `import-run NAME FILE`: stored runs listed, taken along, and taken in."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medmat_explorer.commands.options import Json
from medmat_explorer.terminal import print_json, print_line, print_table, progress_bar

if TYPE_CHECKING:
    from medmat_explorer.store.run_list import RunRow, RunStatus

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day in UTC, such as 2026-11-24.")]


def runs(
    backbone: Annotated[str, typer.Option(help="Only runs whose backbone's name holds this.")] = "",
    collection: Annotated[str, typer.Option(help="Only runs about this collection.")] = "",
    subset: Annotated[str, typer.Option(help="Only runs that asked about this subset.")] = "",
    status: Annotated[str, typer.Option(help="Only runs that stand so: running, finished, unfinished, damaged.")] = "",
    since: Day = None,
    until: Day = None,
    csv: Annotated[Path | None, typer.Option(help="Write the list into this file as well.")] = None,
    delete: Annotated[list[str] | None, typer.Option(help="Delete this run first; may be given several times.")] = None,
    json: Json = False,
) -> None:
    """List the stored runs, the newest first; a run that is going on cannot be deleted."""
    from medmat_explorer.config import settings
    from medmat_explorer.domain.facts import subset_number
    from medmat_explorer.errors import RunError
    from medmat_explorer.store.run_list import RunFilter, delete_runs, export_csv, find_runs, runs_csv

    home, number = settings().home, subset_number(subset) if subset else ""
    wanted = RunFilter(backbone, collection, number, _status(status), _day(since), _day(until))
    if kept := delete_runs(home, delete or []):
        raise RunError(" ".join(kept.values()))
    found = find_runs(home, wanted)
    if csv:
        export_csv(runs_csv(found), csv)
    if json:
        print_json({"runs": [_plain(row) for row in found]})
        return
    columns = ["run", "kind", "status", "backbone", "collection", "split", "items", "answers", "seed"]
    print_table("Runs", columns, [_cells(row) for row in found])


def export_run(
    run: Annotated[str, typer.Argument(help="A stored run; `runs` lists them.")],
    out: Annotated[Path, typer.Option(help="A file: .jsonl or .parquet hold the whole run, .csv its answers.")],
    json: Json = False,
) -> None:
    """Write a run into one file: header and every answer as JSON lines or Parquet, or the answers as a CSV table."""
    from medmat_explorer.config import settings
    from medmat_explorer.errors import RunError
    from medmat_explorer.store import run_list
    from medmat_explorer.store.run_parquet import export_parquet

    home, suffix = settings().home, out.suffix.lower()
    if suffix == ".jsonl":
        run_list.export_run(home, run, out)
    elif suffix == ".parquet":
        export_parquet(home, run, out)
    elif suffix == ".csv":
        run_list.export_csv(run_list.answers_csv(home, run), out)
    else:
        raise RunError(
            f"{out} is none of .jsonl and .parquet (the whole run) and .csv (its answers): name one of these."
        )
    if json:
        print_json({"run_id": run, "file": str(out)})
        return
    print_line(f"Wrote run {run} into {out}.")


def import_run(
    name: Annotated[str, typer.Argument(help="The collection whose items were asked.")],
    file: Annotated[Path, typer.Argument(help="A run exported here, lmms-eval's log, or VLMEvalKit's table.")],
    backbone: Annotated[str, typer.Option(help="What the model is to be called.")] = "",
    json: Json = False,
) -> None:
    """Take in answers given elsewhere: rows find their items, texts are read by our reader, nothing is guessed."""
    from medmat_explorer.config import settings
    from medmat_explorer.evaluation.spot_check import score_answers
    from medmat_explorer.experiments import imported_run
    from medmat_explorer.store.answer_match import REASONS
    from medmat_explorer.store.collections import open_catalog

    with closing(open_catalog(name, settings().home)) as catalog, progress_bar() as report:
        found = imported_run.import_run(file, catalog, settings().home, backbone, report)
    score = score_answers(found.answers).headline
    if json:
        left = str(found.unmatched_file) if found.unmatched_file else None
        counts = {"matched": dict(found.matched), "unmatched": dict(found.unmatched), "unmatched_file": left}
        print_json({"run_id": found.run_id, "form": found.form, "n": score.n if score else 0, **counts})
        return
    ways = ", ".join(f"{rows:,} by {how}" for how, rows in found.matched.items())
    print_line(f"Took in {sum(found.matched.values()):,} answers ({ways}) as run {found.run_id}.")
    for reason, rows in found.unmatched.items():
        print_line(f"  left out {rows:,}: {REASONS[reason]}")
    if found.unmatched_file:
        print_line(f"What was left out, with reasons: {found.unmatched_file}")


def _status(text: str) -> "RunStatus | None":
    from medmat_explorer.errors import UnknownNameError
    from medmat_explorer.store.run_list import RunStatus

    if text not in ("", *RunStatus):
        raise UnknownNameError("status", text, RunStatus)
    return RunStatus(text) if text else None


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _plain(row: "RunRow") -> dict[str, object]:
    created = row.created.isoformat(timespec="seconds") if row.created else None
    return {**vars(row), "created": created, "subsets": list(row.subsets)}


def _cells(row: "RunRow") -> list[str]:
    from rich.markup import escape

    texts = (row.id, row.kind, row.status, row.title or row.backbone, row.collection, row.split)
    return [*(escape(text) for text in texts), f"{row.items:,}", f"{row.answers:,}", str(row.seed)]
