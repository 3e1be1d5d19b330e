"""The whole recipe of the bundled backbone in one call: pictures, three stages of learning, figures, model card."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medmat_explorer.experiments.bundled.card import write_card
from medmat_explorer.experiments.bundled.checkpoints import keep, take_up
from medmat_explorer.experiments.bundled.figures import ITEMS_PER_SUBSET, measure
from medmat_explorer.experiments.bundled.pictures import Gallery, gallery
from medmat_explorer.experiments.bundled.recipe import DEFAULT_MINUTES, Network, Processor, Recipe, recipe_for
from medmat_explorer.phantoms.world import PHANTOM_VERSION, Stream

Progress = Callable[[str, int, int], None]
TEST_SEED = 1
VALIDATION_SEED = 0


@dataclass(frozen=True)
class TrainingReport:
    """What a training gave: folder, minutes and seed, CPU seconds, and figures on two streams of pictures."""

    folder: Path
    minutes: float
    seed: int
    cpu_seconds: float
    validation: dict[str, Any]
    figures: dict[str, Any]


def train(
    out: Path,
    minutes: float = DEFAULT_MINUTES,
    seed: int = 0,
    progress: Progress | None = None,
    work: Path | None = None,
) -> TrainingReport:
    """Train the bundled backbone from nothing and write it, with its model card, to the folder `out`.

    `minutes` is about how long one core takes; steps follow from it and not from the clock, so minutes and seed
    settle the result. Finished stages are kept in `work` (by default beside `out`) until all is done: called
    again after a stop, training goes on after the last of them. `progress(stage, done, total)` is told of every
    step. Raises SettingsError when minutes is not above zero.
    """
    told = progress or (lambda stage, done, total: None)
    recipe = recipe_for(minutes, seed)
    work = work or out.with_name(f"{out.name}.work")
    folder = work / f"phantoms-{PHANTOM_VERSION}-minutes-{minutes:g}-seed-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    with one_thread():
        network, processor, cpu_seconds = _learned(recipe, folder, told)
        _save(network, processor, out)
        validation = measure(out, VALIDATION_SEED, Stream.VALIDATION, recipe.validation_items)
        figures = measure(out, TEST_SEED, Stream.TEST, min(ITEMS_PER_SUBSET, recipe.validation_items * 2))
    report = TrainingReport(out, minutes, seed, cpu_seconds, validation, figures)
    write_card(report, TEST_SEED)
    _clear(folder, work)
    return report


def _clear(folder: Path, work: Path) -> None:
    """Remove what this run kept, and the work folder when no other run keeps anything there."""
    shutil.rmtree(folder)
    if not any(work.iterdir()):
        work.rmdir()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order and no denormal numbers; the caller's thread count and random state come back afterwards."""
    import torch

    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_flush_denormal(False)


def _learned(recipe: Recipe, folder: Path, told: Progress) -> tuple[Network, Processor, float]:
    """The network after all stages, its processor, and the CPU seconds spent, stages of earlier calls included."""
    from medmat_explorer.experiments.bundled import stages
    from medmat_explorer.experiments.bundled.network import make_network
    from medmat_explorer.experiments.bundled.vocabulary import make_processor, make_tokenizer

    tokenizer = make_tokenizer()
    network = make_network(tokenizer, recipe.architecture, recipe.seed)
    drawn: list[Gallery] = []

    def pictures() -> Gallery:
        if not drawn:
            side = recipe.architecture.image_side
            drawn.append(gallery(folder, Stream.TRAINING, recipe.seed, recipe.pictures, side, _named(told, "pictures")))
        return drawn[0]

    steps: dict[str, Callable[[], None]] = {
        "language": lambda: stages.learn_language(network, tokenizer, recipe, _named(told, "language")),
        "vision": lambda: stages.learn_vision(network, tokenizer, pictures(), recipe, _named(told, "vision")),
        "letters": lambda: stages.learn_letters(network, tokenizer, pictures(), recipe, _named(told, "letters")),
    }
    spent = 0.0
    for name, step in steps.items():
        before, kept = _cpu_seconds(), take_up(network, folder, name)
        if kept is not None:
            spent = kept
            continue
        step()
        spent += _cpu_seconds() - before
        keep(network, folder, name, spent)
    return network, make_processor(tokenizer, recipe.architecture), spent


def _named(told: Progress, stage: str) -> Callable[[int, int], None]:
    return lambda done, total: told(stage, done, total)


def _cpu_seconds() -> float:
    """CPU time of this process and its finished children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _save(network: Network, processor: Processor, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    network.eval().save_pretrained(out, safe_serialization=True)
    processor.save_pretrained(out)
    for file in out.iterdir():
        file.chmod(0o644)
