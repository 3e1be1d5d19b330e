"""Draws: in equal parts of what was asked for, never two of one picture, the same for the same seed."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medmat_explorer.domain.qa import QAItem, Split
from medmat_explorer.domain.selection import Selection
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.sampling import DRAWS
from tests.release_folder import SUBSET_02, record, run_import, write


@pytest.fixture(scope="module")
def catalog(phantoms_home: Path) -> Iterator[Catalog]:
    opened = open_catalog("phantoms", phantoms_home)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Six items about four pictures, all for training: two pictures have a question more."""
    folder, more = tmp_path_factory.mktemp("shared_pictures"), {"Question": "And what now?"}
    labels = ["Cyst", "Stone", "Cyst", "Stone"]
    records = [record(number, label, image=f"med-mat/{number}.png") for number, label in enumerate(labels)]
    records += [record(10 + number, labels[number], image=f"med-mat/{number}.png") | more for number in (0, 2)]
    run_import(write(folder / "release", **{SUBSET_02: records}), folder / "home", test_share=0.0)
    opened = open_catalog("test", folder / "home")
    yield opened
    opened.close()


def parts(catalog: Catalog, items: list[QAItem], by: str) -> Counter[str]:
    element = {subset.number: subset.triplet for subset in catalog.subsets()}
    part_of: dict[str, Callable[[QAItem], str]] = {
        "subset": lambda item: item.subset,
        "label": lambda item: ",".join(sorted(item.labels)),
        **{axis.value: lambda item, axis=axis: element[item.subset][axis] for axis in Axis},  # type: ignore[misc]
    }
    return Counter(part_of[by](item) for item in items)


@pytest.mark.parametrize("by", [name for name in DRAWS if name != "any"])
def test_parts_take_turns_until_one_has_no_more(catalog: Catalog, by: str) -> None:
    whole = parts(catalog, catalog.sample(10_000, 0, by=by), by)
    for n in (len(whole), 2 * len(whole), 5 * len(whole)):
        counts = parts(catalog, catalog.sample(n, 1, by=by), by)
        most = max(counts.values())
        assert all(counts[part] >= min(there, most - 1) for part, there in whole.items())


def test_subsets_of_a_modality_take_turns_inside_it(catalog: Catalog) -> None:
    modality_of = {subset.number: subset.triplet.modality for subset in catalog.subsets()}
    items = catalog.sample(60, 0, by="modality")
    for modality in set(modality_of.values()):
        mine = [number for number, named in modality_of.items() if named == modality]
        drawn = Counter(item.subset for item in items if item.subset in mine)
        assert max(drawn[number] for number in mine) - min(drawn[number] for number in mine) <= 1


@pytest.mark.parametrize("by", DRAWS)
def test_a_draw_is_the_same_for_its_seed_and_a_larger_one_goes_on_from_it(catalog: Catalog, by: str) -> None:
    ten = [item.key for item in catalog.sample(10, 3, by=by)]
    assert [item.key for item in catalog.sample(30, 3, by=by)][:10] == ten
    assert [item.key for item in catalog.sample(10, 4, by=by)] != ten


@pytest.mark.parametrize("by", DRAWS)
def test_no_two_items_of_one_picture_are_drawn_and_every_picture_can_be(shared_pictures: Catalog, by: str) -> None:
    images = [item.image for item in shared_pictures.sample(100, 0, split=None, by=by)]
    assert sorted(images) == [f"med-mat/{number}.png" for number in range(4)]
    assert shared_pictures.drawable(Selection(), None) == 4
    assert shared_pictures.drawable(Selection(), Split.TEST) == 0
    assert shared_pictures.drawable(Selection.of(label=["Stone"]), None) == 2


def test_an_unknown_draw_is_refused_with_the_known_ones(catalog: Catalog) -> None:
    with pytest.raises(UnknownNameError, match="There is no draw 'luck'. Valid: subset, label, modality, area, task"):
        catalog.sample(3, 0, by="luck")
