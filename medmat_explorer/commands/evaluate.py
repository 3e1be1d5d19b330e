"""`evaluate NAME --backbone B`: a whole split asked, in a run that can be taken up again."""

from contextlib import closing
from enum import StrEnum
from typing import Annotated, Any

import typer

from medmat_explorer.commands.options import Json, Seed
from medmat_explorer.domain.qa import Split
from medmat_explorer.terminal import ERR, describe_score, print_json, print_line, print_table, progress_bar


class Engine(StrEnum):
    """Where an evaluation runs."""

    LOCAL = "local"
    RAY = "ray"


def evaluate(
    name: Annotated[str, typer.Argument(help="The collection to ask about.")],
    backbone: Annotated[str, typer.Option(help="A registry id, a model folder, or http://host:port/v1#model.")],
    subset: Annotated[list[str] | None, typer.Option(help="Only this subset; may be given several times.")] = None,
    split: Annotated[Split | None, typer.Option(help="Which items; test unless it is said.")] = None,
    engine: Annotated[Engine, typer.Option(help="local: on this machine. ray: not in this version.")] = Engine.LOCAL,
    resume: Annotated[
        str | None, typer.Option(help="Take up this run: ask what it has left, and nothing else.")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """A backbone answers a whole split; what is answered is kept, and --resume asks the rest."""
    from medmat_explorer.backbones.contract import LoadOptions
    from medmat_explorer.backbones.registry import resolve
    from medmat_explorer.config import settings
    from medmat_explorer.experiments.evaluation import evaluate_split, resume_evaluation
    from medmat_explorer.store.collections import open_catalog

    _refuse_engine(engine)
    _refuse_other_items(resume, subset, split)
    ref, home = resolve(backbone), settings().home
    options = LoadOptions(device=settings().device, threads=settings().threads)
    with closing(open_catalog(name, home)) as catalog, progress_bar() as report:
        if resume:
            result = resume_evaluation(resume, catalog, ref, home, options, report, _tell)
        else:
            wanted, chosen = split or Split.TEST, subset or ()
            result = evaluate_split(catalog, ref, home, wanted, chosen, seed, options, report, _tell)
    if json:
        print_json(result)
        return
    print_line(describe_score(result))
    _print_subsets(result)


def _tell(run_id: str) -> None:
    """Before the first answer, so that a run that is killed can be named."""
    ERR.print(f"Run {run_id}; --resume takes it up should it end early.", markup=False, highlight=False, soft_wrap=True)


def _refuse_engine(engine: Engine) -> None:
    """Raises BackboneError for what this version cannot do, rather than run elsewhere than was asked."""
    from medmat_explorer.errors import BackboneError

    if engine is Engine.RAY:
        raise BackboneError("This version asks on this machine only: leave out --engine.")


def _refuse_other_items(resume: str | None, subset: list[str] | None, split: Split | None) -> None:
    """Raises RunError where a run to be taken up is told to ask other items than its own."""
    from medmat_explorer.errors import RunError

    if resume and (subset or split):
        raise RunError(f"Run {resume} knows its own items: leave out --subset and --split, or leave out --resume.")


def _print_subsets(result: Any) -> None:
    rows = [[subset, *_cells(score)] for subset, score in result["by_subset"].items()]
    print_table("By subset", ["subset", "n", "accuracy", "95 % interval", "chance", "majority"], rows)


def _cells(score: Any) -> list[str]:
    if not score["n"]:
        return ["0", "", "", "", ""]
    low, high = score["interval"]
    shares = (f"{score[key]:.1%}" for key in ("chance", "majority"))
    return [f"{score['n']:,}", f"{score['accuracy']:.1%}", f"{low:.1%} to {high:.1%}", *shares]
