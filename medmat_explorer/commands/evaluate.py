"""`evaluate NAME --backbone B`: a whole split asked, in a run that can be taken up again."""

from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

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
from medmat_explorer.commands.run_words import print_result, print_subsets, print_warnings
from medmat_explorer.domain.qa import Split
from medmat_explorer.terminal import ERR, print_json, progress_bar

if TYPE_CHECKING:
    from medmat_explorer.experiments.evaluation import Engine


class EngineName(StrEnum):
    """Where an evaluation runs."""

    LOCAL = "local"
    RAY = "ray"


def evaluate(
    name: Annotated[str, typer.Argument(help="The collection to ask about.")],
    backbone: BackboneName,
    subset: Annotated[list[str] | None, typer.Option(help="Only this subset; may be given several times.")] = None,
    split: Annotated[Split | None, typer.Option(help="Which items; test unless it is said.")] = None,
    engine: Annotated[EngineName, typer.Option(help="local: on this machine. ray: over a cluster.")] = EngineName.LOCAL,
    workers: Annotated[int, typer.Option(min=0, help="ray: how many backbones; 0: one a GPU, or one.")] = 0,
    resume: Annotated[
        str | None, typer.Option(help="Take up this run: ask what it has left, and nothing else.")
    ] = None,
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
    """A backbone answers a whole split; what is answered is kept, and --resume asks the rest."""
    from medmat_explorer.backbones.registry import resolve
    from medmat_explorer.config import settings
    from medmat_explorer.experiments.evaluation import Manner, evaluate_split, resume_evaluation
    from medmat_explorer.experiments.run_context import run_context, unfamiliar
    from medmat_explorer.paper.facts import published_baseline
    from medmat_explorer.store.collections import open_catalog

    manner = Manner(prompt.value, True, options, chosen_controls(control, rotations))
    _refuse_other_items(resume, subset, split, manner != Manner())
    ref, home, where = resolve(backbone), settings().home, _engine(engine, workers)
    loading = load_options(device, dtype, bits, attention, adapter)
    with closing(open_catalog(name, home)) as catalog, progress_bar() as report:
        context, told = run_context(catalog, published_baseline), unfamiliar(ref.id, catalog)
        if resume:
            found = resume_evaluation(resume, catalog, ref, home, loading, report, _tell, context=context, engine=where)
        else:
            found = evaluate_split(
                catalog, ref, home, split or Split.TEST, subset or (), seed, loading, report, _tell,
                manner=manner, context=context, engine=where,
            )  # fmt: skip
    result = {**found, "warnings": [told] if told else []}
    if json:
        print_json(result)
        return
    print_result(result)
    print_subsets(result)
    print_warnings(result)


def _tell(run_id: str) -> None:
    """Before the first answer, so that a run that is killed can be named."""
    ERR.print(f"Run {run_id}; --resume takes it up should it end early.", markup=False, highlight=False, soft_wrap=True)


def _engine(name: EngineName, workers: int) -> "Engine":
    from medmat_explorer.experiments.evaluation import HERE, Engine

    if name is EngineName.LOCAL:
        return HERE
    from medmat_explorer.experiments.ray_engine import over_ray

    return Engine(name.value, over_ray(workers))


def _refuse_other_items(resume: str | None, subset: list[str] | None, split: Split | None, manner: bool) -> None:
    """Raises RunError where a run to be taken up is told to ask other items than its own, or in another way."""
    from medmat_explorer.errors import RunError

    if resume and (subset or split):
        raise RunError(f"Run {resume} knows its own items: leave out --subset and --split, or leave out --resume.")
    if resume and manner:
        told = "leave out --prompt, --options and controls, or leave out --resume."
        raise RunError(f"Run {resume} knows how its items are asked: {told}")
