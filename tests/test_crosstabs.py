"""What charts draw: items of a selection by several facets at once, words and wordings of their questions."""

from collections import Counter
from pathlib import Path

import pytest

from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.crosstabs import count_together, count_wordings, count_words
from medmat_explorer.ui.selection_charts import letter_shares


@pytest.fixture
def catalog(phantoms_home: Path) -> Catalog:
    return open_catalog("phantoms", phantoms_home)


def items_of(catalog: Catalog, selection: Selection) -> list[object]:
    return catalog.items([card.key for card in catalog.page(selection, 0, 1000)])


@pytest.mark.parametrize(
    "selection", [Selection(), Selection.of(modality=["CT"]).but_not(split=["train"]), Selection.of("-normal")], ids=str
)
def test_items_by_two_facets_are_those_of_the_items_themselves(catalog: Catalog, selection: Selection) -> None:
    plain = Counter((item.subset, str(item.split)) for item in items_of(catalog, selection))
    found = count_together(catalog.connection, selection, (Facet.SUBSET, Facet.SPLIT))
    assert {(subset, split): n for subset, split, n in found} == plain
    assert found == sorted(found)


def test_every_label_of_an_item_counts_in_a_selection_by_tag(catalog: Catalog) -> None:
    ids = catalog.ids(Selection.of(subset=["P04"], split=[Split.TEST]))
    name = catalog.workspace.keep_set(ids)
    plain = Counter(label for item in items_of(catalog, Selection.of(set=[name])) for label in item.labels)
    assert dict(count_together(catalog.connection, Selection.of(set=[name]), (Facet.LABEL,))) == plain
    with pytest.raises(ValueError, match="Tags"):
        count_together(catalog.connection, Selection(), (Facet.TAG,))


def test_words_count_once_an_item_and_idle_ones_not_at_all(catalog: Catalog) -> None:
    selection = Selection.of(subset=["P01"])
    plain: Counter[str] = Counter()
    for item in items_of(catalog, selection):
        plain.update(set(item.question.lower().replace("?", " ").replace(".", " ").replace(",", " ").split()))
    found = dict(count_words(catalog.connection, selection, 1000))
    assert found and "the" not in found and "which" not in found
    assert all(plain[word] == n for word, n in found.items() if word.isalpha() and word in plain)
    assert found["brain"] == plain["brain"] > 0


def test_wordings_of_a_subset_add_up_to_its_items(catalog: Catalog) -> None:
    wordings = count_wordings(catalog.connection, "P01")
    assert sum(n for _, n in wordings) == 15
    assert len({question for question, _ in wordings}) == len(wordings) > 1


def test_shares_of_letters_stand_beside_what_equal_ones_would_be() -> None:
    frame = letter_shares([("A", "2", 30), ("B", "2", 10), ("A", "4", 10), ("C", "4", 10)])
    assert list(frame["letter"]) == ["A", "B", "C", "D"]
    assert list(frame["items"]) == [40, 10, 10, 0]
    assert list(frame["share"]) == pytest.approx([40 / 60, 10 / 60, 10 / 60, 0])
    assert list(frame["expected"]) == pytest.approx([25 / 60, 25 / 60, 5 / 60, 5 / 60])
    assert all(frame["low"] <= frame["share"]) and all(frame["share"] <= frame["high"])
    assert set(frame["n"]) == {60}
