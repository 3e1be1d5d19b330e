"""A whole split asked unattended: every item once, in an order that a seed decides, by the engine of the spot check."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.registry import BackboneRef
from medmat_explorer.domain.facts import subset_number
from medmat_explorer.domain.qa import QAItem, Split, item_key
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import RunError, UnknownNameError
from medmat_explorer.evaluation.prompts import DEFAULT_PROMPT
from medmat_explorer.evaluation.run_record import ControlName, RunHeader, RunKind, RunState, SpotCheckPlan
from medmat_explorer.evaluation.run_summary import RunContext
from medmat_explorer.experiments.blocking_spot_check import (
    Begun,
    Open,
    Progress,
    on_this_machine,
    resume_spot_check,
    run_spot_check,
)
from medmat_explorer.experiments.control_facts import control_facts
from medmat_explorer.experiments.run_header import LOCAL
from medmat_explorer.experiments.stored_runs import open_run
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.runs import is_running


@dataclass(frozen=True)
class Manner:
    """How each item is asked: see `SpotCheckPlan`."""

    prompt: str = DEFAULT_PROMPT
    text: bool = True
    options: bool = False
    controls: tuple[ControlName, ...] = ()


@dataclass(frozen=True)
class Engine:
    """Where the questions are answered: `opened` loads the backbone there."""

    name: str = LOCAL
    opened: Open = on_this_machine


HERE = Engine()


def evaluate_split(
    catalog: Catalog,
    ref: BackboneRef,
    home: Path,
    split: Split = Split.TEST,
    subsets: Sequence[str] = (),
    seed: int = 0,
    options: LoadOptions | None = None,
    progress: Progress = lambda stage, done, total: None,
    begun: Begun = lambda run_id: None,
    *,
    manner: Manner | None = None,
    context: RunContext | None = None,
    engine: Engine = HERE,
) -> Mapping[str, object]:
    """Asks every item of a split, or of some of its subsets; returns what `evaluate --json` prints.

    Raises UnknownNameError for a subset without items, RunError when the split holds none, BackboneError as a spot
    check does. What was answered is kept however it ends, and `resume_evaluation` asks the rest.
    """
    numbers = known_subsets(catalog, subsets)
    items = split_items(catalog, split, numbers, seed)
    if not items:
        raise RunError(f"Collection '{catalog.name}' has no item in its {split} split: choose another split.")
    plan = SpotCheckPlan(
        collection=catalog.name,
        version=catalog.version,
        backbone=ref.id,
        subsets=numbers,
        n=len(items),
        seed=seed,
        split=split.value,
        **vars(manner or Manner()),
    )
    found = run_spot_check(
        plan,
        items,
        catalog.image_of,
        ref,
        home,
        options,
        progress,
        catalog.label_counts,
        RunKind.EVALUATION,
        begun,
        facts=control_facts(catalog, {item.subset for item in items}),
        context=context,
        opened=engine.opened,
        engine=engine.name,
    )
    return {**found, **_asked_of(plan, engine)}


def resume_evaluation(
    run_id: str,
    catalog: Catalog,
    ref: BackboneRef,
    home: Path,
    options: LoadOptions | None = None,
    progress: Progress = lambda stage, done, total: None,
    begun: Begun = lambda run_id: None,
    *,
    context: RunContext | None = None,
    engine: Engine = HERE,
) -> Mapping[str, object]:
    """Asks what an evaluation has left; nothing that is answered is asked again.

    Raises UnknownNameError for a run that does not exist, RunError when it is finished, under way, or was asked of
    another collection or backbone, or when its items are no longer all there.
    """
    record = open_run(home, run_id)
    _refuse_other(record.header, catalog, ref)
    if record.state is RunState.FINISHED:
        raise RunError(f"Run {run_id} is finished: nothing is left to ask.")
    if is_running(home, run_id):
        raise RunError(f"Run {run_id} is being written by another session: wait until it has ended.")
    found = catalog.items_found(record.header.item_keys)
    items = [found[key] for key in record.header.item_keys if key in found]
    if len(items) < len(record.header.item_keys):
        raise RunError(f"The items of run {run_id} are no longer all in its collection: start a new run.")
    result = resume_spot_check(
        run_id,
        items,
        catalog.image_of,
        ref,
        home,
        options,
        progress,
        begun,
        facts=control_facts(catalog, {item.subset for item in items}),
        context=context,
        opened=engine.opened,
    )
    return {**result, **_asked_of(record.header.plan, engine)}


def split_items(catalog: Catalog, split: Split, subsets: Sequence[str], seed: int) -> list[QAItem]:
    """Every item of the split and subsets (none: all), each once.

    The seed shuffles them, so that what an evaluation has answered at any moment is a fair sample of the whole.
    """
    chosen = {Facet.SPLIT: frozenset({split.value})}
    if subsets:
        chosen[Facet.SUBSET] = frozenset(subsets)
    keys = sorted(item_key(int(found)) for found in catalog.ids(Selection(chosen)))
    random.Random(seed).shuffle(keys)
    return catalog.items(keys)


def known_subsets(catalog: Catalog, given: Sequence[str]) -> tuple[str, ...]:
    """The numbers as the collection writes them, each once. Raises UnknownNameError for one that has no items."""
    known = [subset.number for subset in catalog.subsets()]
    numbers = tuple(dict.fromkeys(subset_number(number) for number in given))
    for number in numbers:
        if number not in known:
            raise UnknownNameError("subset", number, known)
    return numbers


def _refuse_other(header: RunHeader, catalog: Catalog, ref: BackboneRef) -> None:
    plan = header.plan
    if plan.collection != catalog.name:
        raise RunError(f"Run {header.id} asked about '{plan.collection}', not '{catalog.name}': name that collection.")
    if plan.backbone != ref.id:
        raise RunError(f"Run {header.id} was asked of {plan.backbone}, not {ref.id}: give --backbone {plan.backbone}.")


def _asked_of(plan: SpotCheckPlan, engine: Engine) -> Mapping[str, object]:
    return {
        "collection": plan.collection,
        "split": plan.split,
        "items": plan.n,
        "seed": plan.seed,
        "engine": engine.name,
    }
