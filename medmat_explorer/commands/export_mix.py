"""`export-mix NAME --target T --arm A ...`: a training mix on disk, or all arms of a target with equal budgets."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medmat_explorer.commands.options import Json, Seed
from medmat_explorer.commands.rule_option import MergeAreas, Rule, chosen_rule
from medmat_explorer.terminal import print_json, print_line, print_table, progress_bar

if TYPE_CHECKING:
    from medmat_explorer.store.catalog import Catalog
    from medmat_explorer.store.mix_arms import MixWish


Budget = Annotated[
    int | None, typer.Option(min=1, help="Items at most; 15,000 when left out, with --all-arms all there are.")
]
Letters = Annotated[
    bool | None, typer.Option("--letters/--no-letters", help="Every right letter equally often (--all-arms does).")
]
Images = Annotated[
    bool, typer.Option("--images", help="Copy the pictures as well; items without a readable one are not drawn.")
]
Universe = Annotated[
    str | None,
    typer.Option(help="Among which subsets arms choose: published or collection; by the target when left out."),
]


def export_mix(
    name: Annotated[str, typer.Argument(help="The collection to draw from.")],
    target: Annotated[str, typer.Option(help="A subset number (28) or a triple (X-ray/Lung/COVID).")],
    out: Annotated[Path, typer.Option(help="A folder that does not exist yet, or is empty.")],
    arm: Annotated[
        str, typer.Option(help="related, unrelated, without-modality, ..., all, recipe:NN+NN, own:NN+NN or basket.")
    ] = "related",
    budget: Budget = None,
    form: Annotated[str, typer.Option("--format", help="llava, jsonl, parquet or hf.")] = "llava",
    rule: Rule = "paper",
    merge_areas: MergeAreas = False,
    balance: Annotated[str, typer.Option(help="Equal shares by subset, label or element.")] = "subset",
    letters: Letters = None,
    leaks: Annotated[str, typer.Option(help="Which pictures count as the target's: near or exact.")] = "near",
    all_arms: Annotated[bool, typer.Option("--all-arms", help="Every arm of Figure 4, with equal budgets.")] = False,
    images: Images = False,
    universe: Universe = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Write a training mix for a target, never with the target itself, as a trainer reads it."""
    from medmat_explorer.config import settings
    from medmat_explorer.domain.arms import Arm
    from medmat_explorer.domain.training_mix import balance_named, leak_rule_named
    from medmat_explorer.store import mix_export as exporting
    from medmat_explorer.store.collections import open_catalog
    from medmat_explorer.store.mix_arms import draw_arm, draw_arms

    exporting.mix_format(form)
    wanted, catalog = Arm.parse(arm), open_catalog(name, settings().home)
    wish = replace(
        _usual_wish(catalog, target, universe, rule, merge_areas),
        balance=balance_named(balance),
        seed=seed,
        letters=all_arms if letters is None else letters,
        leaks=leak_rule_named(leaks),
        pictures=images,
        budget_asked=budget is not None,
    )
    if budget or all_arms:
        wish = replace(wish, budget=budget)
    with progress_bar() as bar:
        if all_arms:
            arms = draw_arms(catalog, wish)
            reports = exporting.export_arms(catalog, arms, out, form, images=images, progress=bar)
        else:
            drawn = draw_arm(catalog, wish, wanted)
            report = exporting.export_mix(catalog, drawn, out, form, images=images, progress=bar)
            reports = {report.drawn.mix.arm.key: report}
    told = {key: one.as_json() for key, one in reports.items()}
    above = {**arms.as_record(), "sentence": exporting.arms_sentence(arms, reports)} if all_arms else {}
    if json:
        print_json({**above, "arms": told} if all_arms else next(iter(told.values())))
        return
    if all_arms:
        print_line(above["sentence"])
    for one in told.values():
        _tell(one)


def _usual_wish(catalog: "Catalog", target: str, universe: str | None, rule: str, merge_areas: bool) -> "MixWish":
    """A target under a rule, among the subsets that the Lattice page compares it with; the rest is as usual."""
    from medmat_explorer.domain.relation import find_target
    from medmat_explorer.paper.facts import subsets
    from medmat_explorer.store.mix_arms import wish_among
    from medmat_explorer.store.universe import subset_universes, universe_named, universe_with

    universes = subset_universes(catalog, subsets())
    among = universe_named(universes, universe) if universe else universe_with(universes, target)
    found = chosen_rule(rule, among.subsets, catalog, merge_areas=merge_areas)
    return wish_among(catalog, among, find_target(target, among.subsets.values()), found)


def _tell(told: Mapping[str, Any]) -> None:
    """What one mix has become, for people."""
    from medmat_explorer.store.mix_leaks import REASONS, Removed

    print_line(
        f"Wrote the mix {told['arm']} for {told['target']}: {told['items']:,} items of {len(told['subsets'])} subsets "
        f"as {told['format']} into {told['folder']}."
    )
    rows = [[number, f"{taken:,}"] for number, taken in told["subsets"].items()]
    print_table("Items by subset", ["subset", "items"], rows)
    for reason, items in told["removed"].items():
        print_line(f"Left out: {items:,} items; each {REASONS[Removed(reason)]}.")
    for warning in told["warnings"]:
        print_line(warning)
