"""`spot-check NAME --backbone B`: a backbone answers sampled test items."""

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medmat_explorer.commands.asking_options import (
    Adapter,
    Attention,
    AttentionName,
    BackboneName,
    Bits,
    BitsName,
    ControlNames,
    Device,
    Dtype,
    DtypeName,
    OptionTexts,
    Prompt,
    PromptName,
    Rotations,
    chosen_controls,
    load_options,
)
from medmat_explorer.commands.options import Json, Seed
from medmat_explorer.commands.run_words import print_result, print_warnings
from medmat_explorer.domain.qa import Split
from medmat_explorer.terminal import print_json, progress_bar

if TYPE_CHECKING:
    from medmat_explorer.backbones.contract import LoadOptions
    from medmat_explorer.backbones.registry import BackboneRef
    from medmat_explorer.domain.qa import QAItem
    from medmat_explorer.evaluation.run_record import SpotCheckPlan
    from medmat_explorer.store.catalog import Catalog


def spot_check(
    name: Annotated[str, typer.Argument(help="The collection to draw items from.")],
    backbone: BackboneName,
    n: Annotated[int, typer.Option(min=1, help="How many items to ask.")] = 24,
    subset: Annotated[list[str] | None, typer.Option(help="Only this subset; may be given several times.")] = None,
    control: ControlNames = None,
    rotations: Rotations = False,
    prompt: PromptName = Prompt.RELEASED,
    options: OptionTexts = False,
    device: Device = "",
    dtype: DtypeName = Dtype.AUTO,
    bits: BitsName = Bits.NONE,
    attention: AttentionName = Attention.AUTO,
    adapter: Adapter = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """A backbone answers sampled test items; the answers are kept as a run."""
    from medmat_explorer.backbones.registry import resolve
    from medmat_explorer.config import settings
    from medmat_explorer.evaluation.run_record import SpotCheckPlan
    from medmat_explorer.experiments.evaluation import known_subsets
    from medmat_explorer.store.collections import open_catalog

    ref, loading = resolve(backbone), load_options(device, dtype, bits, attention, adapter)
    with closing(open_catalog(name, settings().home)) as catalog:
        numbers = known_subsets(catalog, subset or ())
        items = catalog.sample(n, seed, subsets=numbers or None, split=Split.TEST)
        plan = SpotCheckPlan(
            collection=name,
            version=catalog.version,
            backbone=ref.id,
            subsets=numbers,
            n=n,
            seed=seed,
            prompt=prompt.value,
            options=options,
            controls=chosen_controls(control, rotations),
            split=Split.TEST.value,
        )
        result = _asked(plan, items, catalog, ref, loading)
    if json:
        print_json(result)
        return
    print_result(result)
    print_warnings(result)


def _asked(
    plan: "SpotCheckPlan", items: "Sequence[QAItem]", catalog: "Catalog", ref: "BackboneRef", options: "LoadOptions"
) -> dict[str, Any]:
    """The run's result, with what speaks against believing it."""
    from medmat_explorer.config import settings
    from medmat_explorer.experiments.blocking_spot_check import run_spot_check
    from medmat_explorer.experiments.control_facts import control_facts
    from medmat_explorer.experiments.run_context import run_context, unfamiliar
    from medmat_explorer.paper.facts import published_baseline

    with progress_bar() as report:
        found = run_spot_check(
            plan,
            items,
            catalog.image_of,
            ref,
            settings().home,
            options,
            report,
            catalog.label_counts,
            facts=control_facts(catalog, {item.subset for item in items}),
            context=run_context(catalog, published_baseline),
        )
    sentence = unfamiliar(ref.id, catalog)
    return {**found, "warnings": [sentence] if sentence else []}
