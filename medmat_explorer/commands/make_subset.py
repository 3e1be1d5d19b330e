"""`make-subset FOLDER`: a folder of labelled images becomes a subset of a collection; `--remove` takes one away."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medmat_explorer.commands.options import Json, Seed
from medmat_explorer.terminal import print_json, print_line, print_table, progress_bar

if TYPE_CHECKING:
    from medmat_explorer.own_subsets.plan import SubsetWish


def make_subset(
    name: Annotated[str, typer.Option(help="The collection it becomes part of; a new name makes a new one.")],
    folder: Annotated[Path | None, typer.Argument(help="Class folders, or images with a table of labels.")] = None,
    modality: Annotated[str, typer.Option(help="Of the triple: CT, MRI, X-ray ... or a new one.")] = "",
    area: Annotated[str, typer.Option(help="Of the triple: Liver, Lung ... or a new one.")] = "",
    task: Annotated[str, typer.Option(help="Of the triple: Cancer, Level ... or a new one.")] = "",
    number: Annotated[str, typer.Option(help="A letter and digits (default: the next free one from U01).")] = "",
    title: Annotated[str, typer.Option(help="Name of the data set and of the task, for people.")] = "",
    table: Annotated[Path | None, typer.Option(help="CSV with images and labels (default: one in the folder).")] = None,
    test_share: Annotated[float, typer.Option(min=0.0, max=0.9, help="Of pictures without a given split.")] = 0.1,
    options: Annotated[int, typer.Option(min=2, max=26, help="Most options a question has.")] = 4,
    seed: Seed = 0,
    wording: Annotated[list[str] | None, typer.Option(help="A question; up to six, the others are derived.")] = None,
    citation: Annotated[str, typer.Option(help="Who made the pictures.")] = "",
    link: Annotated[str, typer.Option(help="Web address of the pictures' source.")] = "",
    licence: Annotated[str, typer.Option(help="Under which terms the pictures stand.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Say what would be made; write nothing.")] = False,
    remove: Annotated[str, typer.Option(help="Take this own subset away (U01); asks first.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before removing.")] = False,
    json: Json = False,
) -> None:
    """Make a subset of one's own from a folder of labelled images; it then takes part in everything."""
    if remove:
        _remove(name, remove, yes, json)
        return
    if folder is None:
        raise typer.BadParameter("Give the folder of labelled images, or --remove with a number.")
    from medmat_explorer.own_subsets.plan import SubsetWish, triplet_of

    wish = SubsetWish(
        folder=folder,
        collection=name,
        triplet=triplet_of(modality, area, task),
        table=table,
        number=number,
        title=title,
        share=test_share,
        options=options,
        seed=seed,
        wordings=tuple(wording or ()),
        citation=citation,
        link=link,
        licence=licence,
    )
    if preview:
        _preview(wish, json)
    else:
        _make(wish, json)


def _make(wish: "SubsetWish", json: bool) -> None:
    from medmat_explorer.config import settings
    from medmat_explorer.own_subsets.making import make_subset as make

    with progress_bar() as report:
        made = make(wish, settings().home, progress=report)
    if json:
        print_json(made)
        return
    splits = made["splits"]
    print_line(
        f"Made subset {made['subset']} of '{made['collection']}': {made['items']:,} questions ({splits['train']:,} "
        f"training, {splits['test']:,} test), {made['refused']:,} pictures refused, {made['seconds']:.1f} s."
    )
    print_table("Labels", ["label", "questions"], [[label, f"{n:,}"] for label, n in made["labels"].items()])
    for note in made["notes"]:
        print_line(f"Note: {note}")
    for reason, count in made["reasons"].items():
        print_line(f"  {reason}: {count:,}")
    if made["refused"]:
        print_line(f"What was refused, with reasons: {made['refused_file']}")


def _preview(wish: "SubsetWish", json: bool) -> None:
    from medmat_explorer.config import settings
    from medmat_explorer.own_subsets.plan import preview_subset

    found = preview_subset(wish, settings().home)
    if json:
        print_json({"collection": wish.collection, **found.as_json()})
        return
    train, test = found.splits["train"], found.splits["test"]
    would = f"Would make subset {found.number} of '{wish.collection}', {found.triplet}"
    print_line(f"{would}: at most {train:,} questions for training and {test:,} for the test.")
    print_table("Labels", ["label", "pictures"], [[label, f"{n:,}"] for label, n in found.labels.items()])
    for example in found.examples:
        print_line(f"\n{example.picture.image}\n{example.question_choice}\nRight: {example.letter}")
    print_line("\nNothing was written, and no picture opened: unreadable ones and copies are found when it is made.")
    for sentence in found.hindrances:
        print_line(f"To be mended first: {sentence}")
    for note in found.notes:
        print_line(f"Note: {note}")
    for reason, count in found.refused.items():
        print_line(f"Left out, {reason}: {count:,}")


def _remove(name: str, number: str, yes: bool, json: bool) -> None:
    from medmat_explorer.config import settings
    from medmat_explorer.domain.facts import subset_number
    from medmat_explorer.errors import UnknownNameError
    from medmat_explorer.own_subsets.making import leaves_nothing, own_subset_titles, remove_subset

    home, titles = settings().home, own_subset_titles(name, settings().home)
    number = subset_number(number)
    if number not in titles:
        raise UnknownNameError("own subset", number, titles)
    also = " The collection holds nothing else and goes with it." if leaves_nothing(name, number, home) else ""
    if not yes:
        question = f"Remove {titles[number]} from '{name}', with the links or copies of its pictures?{also}"
        typer.confirm(question, abort=True, err=True)
    with progress_bar() as report:
        removed = remove_subset(name, number, home, progress=report)
    if json:
        print_json(removed)
        return
    print_line(f"Removed subset {number} from '{name}'.{also}")
