"""`compare RUN_A RUN_B`: two runs on the items that both answered."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from medmat_explorer.commands.options import Json
from medmat_explorer.terminal import print_json, print_line, print_table

if TYPE_CHECKING:
    from medmat_explorer.evaluation.comparison import Comparison, PairedScore


def compare(
    run_a: Annotated[str, typer.Argument(help="A stored run; `runs` lists them.")],
    run_b: Annotated[str, typer.Argument(help="Another one that asked the same items, or some of them.")],
    json: Json = False,
) -> None:
    """Compare two runs in pairs: items both got right, only one, neither; exact McNemar, difference with interval."""
    from medmat_explorer.config import settings
    from medmat_explorer.evaluation.comparison import compare_runs
    from medmat_explorer.experiments.stored_runs import open_run

    first, second = open_run(settings().home, run_a), open_run(settings().home, run_b)
    found = compare_runs(first, second)
    if json:
        print_json({"run_a": run_a, "run_b": run_b, **as_json(found)})
        return
    _print_comparison(found, first.header.backbone_title, second.header.backbone_title)


def as_json(found: "Comparison") -> dict[str, Any]:
    """A comparison as plain values; `difference` is the accuracy of the first run minus that of the second."""
    return {
        **_plain(found.whole),
        "judged_by": found.judged_by,
        "answered_only_in_a": found.only_in_first,
        "answered_only_in_b": found.only_in_second,
        "by_subset": {subset: _plain(score) for subset, score in found.by_subset.items()},
        "warnings": list(found.warnings),
    }


def _plain(score: "PairedScore") -> dict[str, Any]:
    counts = score.counts
    return {
        "n": counts.n,
        "both": counts.both,
        "only_a": counts.only_first,
        "only_b": counts.only_second,
        "neither": counts.neither,
        "mcnemar_p": counts.p,
        "difference": counts.difference,
        "interval": list(score.interval),
    }


def _print_comparison(found: "Comparison", title: str, other: str) -> None:
    counts, (low, high) = found.whole.counts, found.whole.interval
    print_line(f"A: {title}. B: {other}. {counts.n:,} items were answered by both; judged by {found.judged_by}.")
    print_line(
        f"Right in both {counts.both:,}, only in A {counts.only_first:,}, only in B {counts.only_second:,}, in neither "
        f"{counts.neither:,}. A is ahead by {100 * counts.difference:+.1f} points (95 % interval {100 * low:+.1f} to "
        f"{100 * high:+.1f}), exact McNemar p = {counts.p:.3g}."
    )
    rows = [[subset, *_cells(score)] for subset, score in found.by_subset.items()]
    print_table("By subset", ["subset", "n", "only A", "only B", "points", "95 % interval", "p"], rows)
    for warning in found.warnings:
        print_line(f"Beware: {warning}")


def _cells(score: "PairedScore") -> list[str]:
    counts, (low, high) = score.counts, score.interval
    ahead, between = f"{100 * counts.difference:+.1f}", f"{100 * low:+.1f} to {100 * high:+.1f}"
    return [f"{counts.n:,}", f"{counts.only_first:,}", f"{counts.only_second:,}", ahead, between, f"{counts.p:.3g}"]
