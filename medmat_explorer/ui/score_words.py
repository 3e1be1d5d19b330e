"""Scores in words: an accuracy never stands without its n, its interval and chance."""

from medmat_explorer.evaluation.statistics import Score


def percent(share: float) -> str:
    """A share of 1 for readers."""
    return f"{share:.1%}"


def between(interval: tuple[float, float]) -> str:
    """An interval of shares for readers: `41.2% to 58.8%`."""
    return f"{interval[0]:.1%} to {interval[1]:.1%}"


def score_in_words(score: Score) -> str:
    """For example `**80.0%** (n = 25, 95 % interval 60.9% to 91.1%, chance 25.0%)`."""
    unparsed = f", {score.unparsed:,} unparsed" if score.unparsed else ""
    return (
        f"**{score.accuracy:.1%}** (n = {score.n:,}, 95 % interval {between(score.interval)}, chance "
        f"{score.chance:.1%}{unparsed})"
    )


def score_row(score: Score) -> dict[str, object]:
    """The same as the columns of a table."""
    return {
        "n": score.n,
        "Right": score.correct,
        "Wrong": score.wrong,
        "Unparsed": score.unparsed,
        "Accuracy": percent(score.accuracy),
        "95 % interval": between(score.interval),
        "Chance": percent(score.chance),
        "Majority": percent(score.majority),
    }
