"""The figures of a saved backbone: accuracy on fresh phantoms, with blank pictures, with options rotated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from medmat_explorer.experiments.bundled.asking import Question, SavedBackbone
from medmat_explorer.phantoms.canvas import SIDE
from medmat_explorer.phantoms.draw import draw
from medmat_explorer.phantoms.questions import PhantomItem, items_of, question_choice
from medmat_explorer.phantoms.world import PhantomSubset, Stream, all_subsets

ITEMS_PER_SUBSET = 120
CONDITIONS = ("accuracy", "accuracy_blank", "accuracy_rotated")
_GREY = (128, 128, 128)

Verdicts = dict[str, list[bool]]


def measure(
    folder: Path, test_seed: int, stream: Stream = Stream.TEST, items_per_subset: int = ITEMS_PER_SUBSET
) -> dict[str, Any]:
    """Score the backbone in `folder` by letter likelihood on pictures of a stream that training never draws from.

    Returns `accuracy`, `accuracy_blank`, `accuracy_rotated`, each with its Wilson interval under
    `..._interval`, `chance`, `n`, and the same for every subset under `by_subset`.
    """
    backbone = SavedBackbone(folder)
    verdicts = {
        subset.number: _verdicts(backbone, items_of(subset, stream, test_seed, items_per_subset))
        for subset in all_subsets()
    }
    by_subset = {subset.number: _figures(verdicts[subset.number], _chance(subset)) for subset in all_subsets()}
    pooled = {name: [verdict for one in verdicts.values() for verdict in one[name]] for name in CONDITIONS}
    chance = sum(_chance(subset) for subset in all_subsets()) / len(all_subsets())
    return {**_figures(pooled, chance), "by_subset": by_subset}


def _chance(subset: PhantomSubset) -> float:
    return 1 / min(4, len(subset.labels))


def _verdicts(backbone: SavedBackbone, items: tuple[PhantomItem, ...]) -> Verdicts:
    """Right or wrong, item by item, under each condition."""
    pictures = [draw(item.subset, item.label, item.seed) for item in items]
    blank = Image.new("RGB", (SIDE, SIDE), _GREY)
    plain = [_question(picture, item, item.options) for picture, item in zip(pictures, items, strict=True)]
    rotated = [
        _question(picture, item, rotated_options(item, place))
        for place, (picture, item) in enumerate(zip(pictures, items, strict=True))
    ]
    right = [item.options.index(item.label) for item in items]
    right_rotated = [rotated_options(item, place).index(item.label) for place, item in enumerate(items)]
    return {
        "accuracy": _compared(backbone, plain, right),
        "accuracy_blank": _compared(backbone, [(blank, text, count) for _, text, count in plain], right),
        "accuracy_rotated": _compared(backbone, rotated, right_rotated),
    }


def rotated_options(item: PhantomItem, place: int) -> tuple[str, ...]:
    """The options moved on by one place or more, every distance in turn over the items."""
    shift = 1 + place % (len(item.options) - 1)
    return item.options[shift:] + item.options[:shift]


def _question(picture: Image.Image, item: PhantomItem, options: tuple[str, ...]) -> Question:
    return picture, question_choice(item.question, options), len(options)


def _compared(backbone: SavedBackbone, questions: list[Question], right: list[int]) -> list[bool]:
    return [answer == truth for answer, truth in zip(backbone.answers(questions), right, strict=True)]


def _figures(verdicts: Verdicts, chance: float) -> dict[str, Any]:
    figures: dict[str, Any] = {"n": len(verdicts["accuracy"]), "chance": round(chance, 4)}
    for name in CONDITIONS:
        right, n = sum(verdicts[name]), len(verdicts[name])
        figures[name] = round(right / n, 4)
        figures[f"{name}_interval"] = _wilson(right, n)
    return figures


def _wilson(right: int, n: int) -> list[float]:
    """The 95 % Wilson interval of right answers among n."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(right, n, method="wilson")
    return [round(float(low), 4), round(float(high), 4)]
