"""What an open collection answers, against literal rows and plain SQL."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from medmat_explorer.domain.qa import Split
from medmat_explorer.domain.selection import Facet, Selection
from medmat_explorer.errors import ImageRefusedError, UnknownNameError
from medmat_explorer.store.catalog import Catalog, SubsetCount
from medmat_explorer.store.collections import CollectionSummary, current_version, list_collections, open_catalog
from tests.release_folder import SUBSET_02, question_choice, record, run_import, write

LABELS = ["Cyst", "Normal", "Stone", "Tumor"]
LUNG = ["COVID", "Normal"]
EYES = ["Cataract, Glaucoma", "Glaucoma", "Normal"]


def of_03(number: int, answer: str, **changes: Any) -> dict[str, Any]:
    choice = question_choice("Is it COVID?", LUNG)
    letter = "AB"[LUNG.index(answer)]
    made = {"Question": "Is it COVID?", "Question-choice": choice, "Answer-choice": letter, "data-no": "4"}
    return record(number, answer, image=f"med-mat/Lung/{number}.png") | made | changes


def of_15(number: int, answer: str) -> dict[str, Any]:
    choice = question_choice("Which 100% sure_diseases?", EYES)
    letter = "ABC"[EYES.index(answer)]
    made = {
        "Question": "Which 100% sure_diseases?",
        "Question-choice": choice,
        "Answer-choice": letter,
        "data-no": "24",
    }
    return record(number, answer, image=f"med-mat/Eyes/{number}.png") | made


RELEASE = {
    SUBSET_02: [record(i, LABELS[i % 4]) for i in range(40)],
    "Aggregated_Subsets/Subset--02-test.json": [record(100 + i, LABELS[i % 4]) for i in range(12)],
    "Aggregated_Subsets/Subset--03-train.json": [of_03(i, LUNG[i % 2]) for i in range(20)],
    "Aggregated_Subsets/Subset--03-test.json": [of_03(100 + i, LUNG[i % 2]) for i in range(6)],
    "Aggregated_Subsets/Subset--15-test.json": [of_15(i, EYES[i % 3]) for i in range(9)]
    + [of_15(0, "Cataract, Glaucoma") | {"Question": "Which?", "Question-choice": question_choice("Which?", EYES)}],
}


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    run_import(write(folder / "release", **RELEASE), folder / "home")
    return folder / "home"


@pytest.fixture(scope="module")
def catalog(shared_home: Path) -> Catalog:
    return open_catalog("test", shared_home)


def values_of_items(catalog: Catalog, home: Path) -> list[tuple[dict[Facet, set[str]], str]]:
    """Every item's values by facet, and all its text, from the plain tables."""
    path = home / "collections" / "test" / f"catalog-{catalog.version}.duckdb"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS c (READ_ONLY)")
        rows = connection.execute(
            "SELECT s.modality, s.area, s.task, s.published_task, i.subset, i.dataset, i.split, i.labels, "
            "len(i.options), i.letter, i.question, "
            "lower(i.question || ' ' || i.caption || ' ' || i.image || ' ' || array_to_string(i.options, ' ')) "
            "FROM c.items i JOIN c.subsets s ON s.number = i.subset"
        ).fetchall()
    unseen = ({"unchecked"}, {"unknown"}, {"unknown"}, {"none"})
    facets = [facet for facet in Facet if facet not in (Facet.TAG, Facet.SET)]
    found = []
    for *names, labels, options, letter, question, text in rows:
        words = "1 to 4" if len(question.split()) < 5 else "5 to 9"
        values = [*({name} for name in names), set(labels), {str(options)}, {letter}, {words}, *unseen]
        found.append((dict(zip(facets, values, strict=True)), text))
    return found


def facet_counts_by_plain_sql(catalog: Catalog, home: Path, selection: Selection) -> dict[Facet, Counter[str]]:
    """The same counts from the items themselves, one row a value."""
    counts: dict[Facet, Counter[str]] = {facet: Counter() for facet in Facet}
    for own, text in values_of_items(catalog, home):
        for facet in own:
            others = selection.without(facet)
            fits = all(own[f] & wanted for f, wanted in others.chosen.items())
            fits &= not any(own[f] & refused for f, refused in others.excluded.items())
            if fits and all(word.lower() in text for word in selection.text.split()):
                counts[facet].update(own[facet])
    return counts


SELECTIONS = [
    Selection(),
    Selection.of(modality=["CT"]),
    Selection.of(modality=["CT"], area=["Kidney"], label=["Cyst", "Normal"]),
    Selection.of(label=["Glaucoma"]),
    Selection.of(split=["test"], subset=["02", "15"]),
    Selection.of("normal", modality=["CT"]),
    Selection.of(dataset=["2", "24"], options=["3"]).but_not(letter=["A"]),
    Selection.of("kidney").but_not(label=["Cyst"], split=["train"]),
    Selection.of(image=["unchecked"], leak=["none"], words=["1 to 4"]).but_not(published_task=["State Classification"]),
    Selection.of("COVID lung 1"),
    Selection.of("nothing has this"),
    Selection.of(pixels=["up to 128"]),
]


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_facet_counts_are_those_of_plain_sql(catalog: Catalog, shared_home: Path, selection: Selection) -> None:
    plain = facet_counts_by_plain_sql(catalog, shared_home, selection)
    found = catalog.facet_counts(selection)
    assert list(found) == list(Facet)
    for facet in Facet:
        assert dict(found[facet]) == {**dict.fromkeys(selection.named(facet), 0), **plain[facet]}


def test_facet_values_stand_in_order_and_chosen_ones_stay_at_zero(catalog: Catalog) -> None:
    counts = catalog.facet_counts(Selection.of(label=["Glaucoma", "Unheard of"], modality=["CT"]))
    assert counts[Facet.LABEL] == [
        ("Normal", 26),
        ("COVID", 13),
        ("Cyst", 13),
        ("Stone", 13),
        ("Tumor", 13),
        ("Glaucoma", 0),
        ("Unheard of", 0),
    ]
    assert counts[Facet.MODALITY] == [("CT", 0), ("FP", 7)]
    assert [value for value, _ in catalog.facet_counts(Selection())[Facet.SUBSET]] == ["02", "03", "15"]


def test_the_whole_in_numbers(catalog: Catalog, shared_home: Path) -> None:
    unchecked = {"ok": 0, "missing": 0, "unreadable": 0, "unchecked": 87}
    expected = CollectionSummary(
        name="test",
        items=88,
        subsets=3,
        datasets=3,
        splits={"train": 60, "test": 28},
        images=unchecked,
        version=catalog.version,
        root=shared_home.parent / "release",
    )
    assert catalog.summary() == expected
    assert list_collections(shared_home) == (expected,)
    assert current_version("test", shared_home) == catalog.version
    assert catalog.matrix() == [
        ("CT", "Kidney", "Diseases", 52),
        ("CT", "Lung", "State", 26),
        ("FP", "Fundus", "Diseases", 10),
    ]
    assert catalog.subset_counts()[0] == SubsetCount("02", Split.TRAIN, 40, 40, 0, 0, 0, 40)
    assert [(c.subset, c.split, c.items, c.images) for c in catalog.subset_counts()][-1] == ("15", Split.TEST, 10, 9)
    assert catalog.label_counts("03", Split.TEST) == {"COVID": 3, "Normal": 3}
    assert catalog.label_counts("15") == {"Cataract, Glaucoma": 4, "Glaucoma": 3, "Normal": 3}
    assert not catalog.declared
    assert catalog.report.kept == 88


def all_keys(catalog: Catalog, selection: Selection, sort: str) -> list[str]:
    pages = [catalog.page(selection, offset, 7, sort) for offset in range(0, 98, 7)]
    return [card.key for page in pages for card in page]


@pytest.mark.parametrize("sort", ["subset", "label", "size", "random"])
@pytest.mark.parametrize("selection", SELECTIONS[:-2], ids=str)
def test_pages_hold_every_item_once_and_neighbours_follow_them(
    catalog: Catalog, selection: Selection, sort: str
) -> None:
    keys = all_keys(catalog, selection, sort)
    assert len(keys) == len(set(keys)) == catalog.count(selection)
    for place in (0, len(keys) // 2, len(keys) - 1):
        before = keys[place - 1] if place else None
        after = keys[place + 1] if place + 1 < len(keys) else None
        assert catalog.neighbours(selection, keys[place], sort) == (before, after)


def test_orders_of_a_gallery(catalog: Catalog) -> None:
    in_subsets = [catalog.items([key])[0].subset for key in all_keys(catalog, Selection(), "subset")]
    assert in_subsets == sorted(in_subsets)
    labels = [card.label for card in catalog.page(Selection(), 0, 100, "label")]
    assert labels == sorted(labels)
    assert all_keys(catalog, Selection(), "random") != all_keys(catalog, Selection(), "subset")
    drawn = [[card.key for card in catalog.page(Selection(), 0, 100, "random", seed)] for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert sorted(drawn[0]) == sorted(drawn[2])
    with pytest.raises(UnknownNameError, match="subset, label, size, random"):
        catalog.page(Selection(), 0, 1, "price")


SEARCHES = {
    "cyst-": 13,
    "CYST- med-mat/ct": 13,
    "covid kidney": 0,
    "100%": 9,
    "0%": 9,
    "e_d": 9,
    "%": 9,
    "_": 61,
    "glaucoma": 10,
    "'": 0,
    "\\": 0,
}


@pytest.mark.parametrize(("text", "found"), SEARCHES.items())
def test_every_word_must_occur_and_signs_stand_for_themselves(catalog: Catalog, text: str, found: int) -> None:
    assert catalog.count(Selection.of(text)) == found


def test_an_item_with_all_around_it(catalog: Catalog) -> None:
    cards = catalog.page(Selection.of(subset=["15"]), 0, 20)
    detail = catalog.item(cards[0].key)
    assert (cards[0].label, cards[0].split, cards[0].image_state) == ("Cataract, Glaucoma", Split.TEST, "unchecked")
    assert detail.item.labels == {"Cataract", "Glaucoma"}
    assert detail.item.question_choice == question_choice("Which 100% sure_diseases?", EYES)
    assert (detail.subset.number, detail.dataset and detail.dataset.name) == ("15", "Fundus One")
    assert (detail.image_state, detail.width, detail.mode) == ("unchecked", 0, "")
    assert detail.same_image == (cards[9].key,)
    assert catalog.item(cards[9].key).same_image == (cards[0].key,)


def test_items_come_in_the_order_asked_for(catalog: Catalog) -> None:
    keys = [card.key for card in catalog.page(Selection(), 0, 50)][::-7]
    assert [item.key for item in catalog.items(keys)] == keys
    assert catalog.items([]) == []


@pytest.mark.parametrize("key", ["0000000000000001", "x", "", "' OR 1=1"])
def test_a_key_that_is_none_is_said_to_be_so(catalog: Catalog, key: str) -> None:
    for ask in (
        catalog.item,
        catalog.image_path,
        lambda k: catalog.items([k]),
        lambda k: catalog.neighbours(Selection(), k),
    ):
        with pytest.raises(UnknownNameError, match="no item"):
            ask(key)


def test_a_collection_that_is_none_is_said_to_be_so(shared_home: Path) -> None:
    for name in ("nothing", "../x", ""):
        with pytest.raises(UnknownNameError, match="Valid: test"):
            open_catalog(name, shared_home)


def test_a_sample_is_spread_over_subsets_and_labels(catalog: Catalog) -> None:
    drawn = catalog.sample(12, 3)
    assert Counter(item.subset for item in drawn) == {"02": 4, "03": 4, "15": 4}
    assert Counter(item.answer for item in drawn if item.subset == "02") == dict.fromkeys(LABELS, 1)
    assert Counter(item.answer for item in drawn if item.subset == "03") == {"COVID": 2, "Normal": 2}
    assert {item.split for item in drawn} == {Split.TEST}


def test_a_sample_is_repeatable_and_another_seed_gives_another(catalog: Catalog) -> None:
    keys = [[item.key for item in catalog.sample(9, seed)] for seed in (1, 1, 2)]
    assert keys[0] == keys[1] != keys[2]
    assert [item.key for item in catalog.sample(4, 1)] == keys[0][:4], "a larger sample goes on where a smaller ends"


def test_a_sample_never_holds_two_items_of_one_image(catalog: Catalog) -> None:
    drawn = catalog.sample(1000, 0, subsets=["15"], split=None)
    assert len(drawn) == len({item.image for item in drawn}) == 9


def test_a_sample_of_a_selection(catalog: Catalog) -> None:
    drawn = catalog.sample(
        100, 0, split=Split.TRAIN, selection=Selection.of("med-mat", label=["Normal"], subset=["02"])
    )
    assert len(drawn) == 10
    assert {(item.subset, item.answer, item.split) for item in drawn} == {("02", "Normal", Split.TRAIN)}
    with pytest.raises(UnknownNameError, match="02, 03, 15"):
        catalog.sample(1, 0, subsets=["77"])


def test_image_paths_lead_nowhere_but_into_the_root(tmp_path: Path, home: Path) -> None:
    found = [record(1, image="med-mat/in.png"), record(2, image="med-mat/out.png"), record(3, image="med-mat/gone.png")]
    root = write(tmp_path / "release", **{SUBSET_02: found, "med-mat/in.png": b"x"})
    (tmp_path / "secret").write_text("x")
    (root / "med-mat" / "out.png").symlink_to(tmp_path / "secret")
    run_import(root, home)
    catalog = open_catalog("test", home)
    keys = {item.image: item.key for item in catalog.sample(3, 0, split=None)}
    assert catalog.image_path(keys["med-mat/in.png"]) == root / "med-mat" / "in.png"
    for image, reason in (("med-mat/out.png", "outside"), ("med-mat/gone.png", "missing")):
        with pytest.raises(ImageRefusedError) as refusal:
            catalog.image_path(keys[image])
        assert refusal.value.reason == reason


def test_threads_share_a_catalog(catalog: Catalog) -> None:
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for selection in SELECTIONS[:-2]:
                assert len(all_keys(catalog, selection, "subset")) == catalog.count(selection)
                catalog.facet_counts(selection)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
