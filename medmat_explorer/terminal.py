"""What the command line prints: progress bars on a terminal, one JSON object where asked for, sentences for errors."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from medmat_explorer.domain.progress import Report

OUT = Console()
ERR = Console(stderr=True)


class RateColumn(ProgressColumn):
    """How many steps a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A bar a stage with count, rate and time left on stderr; silent when that is not a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=ERR, disable=not ERR.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total or None)
            bar.update(tasks[stage], completed=done, total=total or None)

        yield report


def print_json(result: Mapping[str, Any]) -> None:
    """The one JSON object of a command run with --json."""
    print(json.dumps(result, ensure_ascii=False))


def print_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A table for people."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    OUT.print(table)


def print_line(text: str) -> None:
    """A line for people, printed as it is."""
    OUT.print(text, markup=False, highlight=False, soft_wrap=True)


def describe_score(result: Mapping[str, Any]) -> str:
    """A score for people, never without n, interval and chance. Takes the JSON of `spot-check`."""
    if not result["n"]:
        refused = f"{result['no_picture']} items were refused, most often for want of a picture"
        return f"Nothing could be asked: {refused}. Run {result['run_id']}."
    low, high = result["interval"]
    return (
        f"{result['backbone']}: accuracy {result['accuracy']:.1%} ({result['correct']} of n = {result['n']}, "
        f"{result['unparsed']} unparsed), 95 % interval {low:.1%} to {high:.1%}, chance {result['chance']:.1%}, "
        f"majority {result['majority']:.1%}. Run {result['run_id']}."
    )
