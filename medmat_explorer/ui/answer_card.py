"""One answer of a run as a card: the picture, the question, bars of option probabilities, what was written, verdict."""

from collections.abc import Sequence

from medmat_explorer.charts.palette import VERDICT_SIGNS
from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.run_record import JudgedAnswer
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui import frame, url_state
from medmat_explorer.ui.components.item_cards import ItemCardView, OptionLine
from medmat_explorer.ui.pictures import picture_address
from medmat_explorer.ui.selection_state import ITEM

THUMBNAIL = 256
GONE = "The item is no longer in its collection."


def answer_cards(answers: Sequence[JudgedAnswer], catalog: Catalog | None) -> list[ItemCardView]:
    """A card each, in their order; without a collection they have neither pictures nor questions."""
    items = catalog.items_found([answer.item for answer in answers]) if catalog else {}
    titles = subset_titles(catalog)
    return [answer_card(a, items.get(a.item), catalog, titles.get(a.subset, a.subset)) for a in answers]


def answer_card(answer: JudgedAnswer, item: QAItem | None, catalog: Catalog | None, title: str) -> ItemCardView:
    """The card of one answer. Its letter is chosen where the verdict comes from it."""
    counted = answer.counted
    options = [
        OptionLine(
            letter,
            text,
            right=letter == answer.right,
            chosen=letter == counted,
            probability=answer.probabilities[place] if answer.probabilities else None,
        )
        for place, (letter, text) in enumerate(answer.options)
    ]
    shown = catalog is not None and item is not None
    return ItemCardView(
        key=answer.item,
        src=picture_address(catalog, answer.item, THUMBNAIL) if catalog and shown and not answer.problem else "",
        alt=f"{answer.right_text}: {title}",
        problem="the picture is no longer here" if not answer.problem else "no picture",
        title=title,
        question=item.question if item else GONE,
        options=options,
        verdict=answer.verdict.value,
        sign=VERDICT_SIGNS[answer.verdict.value],
        written=answer.text,
        notes=answer_notes(answer),
        link=item_address(catalog, answer.item) if catalog and shown else "",
    )


def answer_notes(answer: JudgedAnswer) -> list[str]:
    """What a reader must know of an answer besides its letter, in sentences."""
    notes = []
    if answer.disagrees:
        said = f"says {answer.read}" if answer.read else "cannot be read as an option"
        source = "most probable letter" if answer.probabilities else "chosen letter"
        notes.append(f"The scores disagree: the text {said}, the {source} is {answer.letter}.")
    if answer.option_likelihoods and answer.option != answer.counted:
        likely = f"of {answer.option} is likeliest" if answer.option else "of several is equally likely"
        notes.append(f"By the options' texts: the text {likely}.")
    return [*notes, *(text for text in (answer.problem, answer.note) if text)]


def item_address(catalog: Catalog, key: str) -> str:
    """Where the item itself is looked at."""
    return frame.address("browse", {url_state.COLLECTION: catalog.name, ITEM: key})


def subset_titles(catalog: Catalog | None) -> dict[str, str]:
    """The subsets' titles by number; empty without a collection."""
    return {subset.number: subset.title for subset in catalog.subsets()} if catalog else {}
