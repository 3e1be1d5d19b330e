"""A run's result for people: what `spot-check` and `evaluate` print without --json."""

from collections.abc import Mapping
from typing import Any

from medmat_explorer.terminal import describe_score, print_line, print_table

Result = Mapping[str, Any]


def print_result(result: Result) -> None:
    """The headline, the other scores, what the controls show, and what has to be known of these numbers."""
    print_line(describe_score(result))
    if not result["n"]:
        return
    _print_ways(result)
    _print_pictures(result["controls"])
    _print_letters(result)
    _print_wordings(result["controls"])
    for name, why in result["controls_without_answers"].items():
        print_line(f"Nothing to say of the control '{name}'. {why}")
    if found := result["by_picture"]:
        low, high = found["interval"]
        print_line(f"Several items share a picture: drawn by picture the interval is {low:.1%} to {high:.1%}.")
    if result["below_chance"]:
        print_line("Wholly below chance: the answer's format failed, not the knowledge.")


def print_subsets(result: Result) -> None:
    """A line a subset."""
    rows = [[subset, *_cells(score)] for subset, score in result["by_subset"].items()]
    print_table("By subset", ["subset", "n", "accuracy", "95 % interval", "chance", "majority", "paper"], rows)
    if any("paper" in score for score in result["by_subset"].values()):
        print_line("Paper: its test items were never published; these are other items.")


def print_warnings(result: Result) -> None:
    """What speaks against believing the numbers."""
    for warning in result.get("warnings", ()):
        print_line(f"Beware: {warning}")


def _print_ways(result: Result) -> None:
    found = result["disagreement"]
    if not found or len(found["ways"]) < 2:
        return
    rows = [
        [name, f"{way['n']:,}", f"{way['accuracy']:.1%}", _between(way), f"{way['unparsed_rate']:.1%}"]
        for name, way in found["ways"].items()
    ]
    print_table("Ways to take an answer", ["way", "n", "accuracy", "95 % interval", "unparsed"], rows)
    for pair in found["pairs"]:
        print_line(f"{pair['first']} and {pair['second']} say the same on {pair['same']:.1%} of n = {pair['n']:,}.")


def _print_pictures(controls: Result) -> None:
    found = {name: one["reliance"] for name, one in controls.items() if one.get("reliance")}
    rows = [
        [
            name,
            f"{one['n']:,}",
            f"{controls[name]['accuracy']:.1%}",
            f"{100 * one['difference']:+.1f}",
            f"{100 * one['interval'][0]:+.1f} to {100 * one['interval'][1]:+.1f}",
            f"{one['mcnemar_p']:.3g}",
            one["verdict"],
        ]
        for name, one in found.items()
    ]
    if rows:
        columns = ["picture", "n", "accuracy", "points lost", "95 % interval", "exact p", "it shows"]
        print_table("Reliance on the picture", columns, rows)


def _print_letters(result: Result) -> None:
    controls, bias = result["controls"], result["position_bias"]
    for name, words in (("circular", "Right under every rotation"), ("prior_corrected", "Letter habit taken out")):
        if name in controls:
            print_line(f"{words}: {_score(controls[name])}.")
    if bias and bias["strength"] is not None:
        print_line(f"Bias for letters {bias['strength']:.2f} (0 none, 1 one letter finds all; n = {bias['n']:,}).")


def _print_wordings(controls: Result) -> None:
    for subset, found in controls.get("wordings", {}).get("by_subset", {}).items():
        print_line(
            f"Subset {subset} over {len(found['accuracies'])} wordings: {100 * found['spread']:.1f} points between the "
            f"best and the worst (n = {found['n']:,}, Cochran's Q p = {found['cochran_p']:.3g})."
        )


def _score(score: Result) -> str:
    return (
        f"{score['accuracy']:.1%} (n = {score['n']:,}, 95 % interval {_between(score)}, chance {score['chance']:.1%})"
    )


def _cells(score: Result) -> list[str]:
    if not score["n"]:
        return ["0", "", "", "", "", ""]
    shares = [f"{score[key]:.1%}" for key in ("chance", "majority")]
    paper = f"{score['paper']['published']:.0%}" if "paper" in score else ""
    return [f"{score['n']:,}", f"{score['accuracy']:.1%}", _between(score), *shares, paper]


def _between(score: Result) -> str:
    low, high = score["interval"]
    return f"{low:.1%} to {high:.1%}"
