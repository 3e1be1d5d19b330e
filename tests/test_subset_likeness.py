"""How alike subsets are: labels by name, pictures by an encoder, and what guessing reaches."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store import subset_likeness
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.embedding_writer import SeenImage, adding_vectors
from medmat_explorer.store.embeddings import EncoderRecord
from medmat_explorer.store.subset_chance import chance_by_subset
from medmat_explorer.store.subset_likeness import label_overlap, labels_of_subsets, mean_vectors, same_label
from medmat_explorer.store.versions import find_version
from tests.release_folder import SUBSET_02, question_choice, record, run_import, write

RECORD = EncoderRecord("literal-0", "literal", "Literal", "r0", 3, "literal numbers")
SUBSET_03, SUBSET_15, SUBSET_22 = (f"Aggregated_Subsets/Subset--{n}-train.json" for n in ("03", "15", "22"))
DIRECTIONS = {"02": (1.0, 0.0, 0.0), "03": (0.0, 1.0, 0.0), "22": (1.0, 1.0, 0.0)}


def item(number: int, data: str, answer: str, options: list[str]) -> dict[str, object]:
    return record(
        number,
        answer=answer,
        image=f"med-mat/{data}-{number}.png",
        data_no=data,
        Question_choice=question_choice("Which?", options),
        Answer_choice="ABCD"[options.index(answer)],
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """02: cyst, normal, stone. 03: NORMAL, COVID-19. 22: tumour, no tumour. 15: several labels an answer."""
    kidney, lung, brain = ["Cyst", "Normal", "Stone"], ["NORMAL", "COVID-19"], ["Tumour", "No  tumour"]
    fundus = ["Glaucoma, Myopia", "normal", "Myopia"]
    files = {
        SUBSET_02: [item(n, "2", kidney[n % 3], kidney) for n in range(6)],
        SUBSET_03: [item(n, "3", lung[n % 2], lung) for n in range(4)],
        SUBSET_22: [item(n, "45", brain[n % 2], brain) for n in range(4)],
        SUBSET_15: [item(n, "24", fundus[n % 3], fundus) for n in range(3)],
    }
    root, home = write(tmp_path_factory.mktemp("release"), **files), tmp_path_factory.mktemp("likeness")
    grey = iter(range(20, 250))
    for records in files.values():
        for one in records:
            path = root / str(one["image"])
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (8, 8), next(grey)).save(path)
    run_import(root, home, test_share=0.0)
    return home


@pytest.fixture
def catalog(imported: Path, home: Path) -> Catalog:
    """The collection in a home of its own, without vectors."""
    shutil.copytree(imported, home, dirs_exist_ok=True)
    return open_catalog("test", home)


def encode(home: Path, catalog: Catalog, without: str = "") -> None:
    """Gives every picture the direction of its subset, in lengths that unit vectors even out."""
    subset_of: dict[int, str] = dict(
        catalog.connection.rows("SELECT image_id, any_value(subset) FROM items GROUP BY image_id")
    )
    with adding_vectors(find_version("test", home), RECORD) as writer:
        for _, chunk in writer.queue():
            for one in chunk:
                subset = subset_of[one.image_id]
                if subset in DIRECTIONS and subset != without:
                    vector = np.asarray(DIRECTIONS[subset], dtype=np.float32)
                    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
                    writer.add([SeenImage(one, f"{one.image_id:064x}"[::-1], "", unit)])
        writer.flush()


def test_labels_are_compared_without_regard_to_case_blanks_and_hyphens(catalog: Catalog) -> None:
    assert labels_of_subsets(catalog) == {
        "02": {"cyst", "normal", "stone"},
        "03": {"normal", "covid 19"},
        "22": {"tumour", "no tumour"},
        "15": {"glaucoma", "myopia", "normal"},
    }
    assert same_label("  COVID_19 ") == same_label("covid-19") == "covid 19"


def test_label_overlap_is_jaccards_index_of_the_sources_together(catalog: Catalog) -> None:
    assert label_overlap(catalog, ["02"], "03") == pytest.approx(1 / 4)
    assert label_overlap(catalog, ["02", "15"], "03") == pytest.approx(1 / 6)
    assert label_overlap(catalog, ["22"], "03") == 0
    assert label_overlap(catalog, ["03"], "03") == 1


def test_what_the_collection_does_not_hold_has_no_overlap_and_not_none_in_common(catalog: Catalog) -> None:
    assert label_overlap(catalog, ["02", "28"], "03") is None
    assert label_overlap(catalog, ["02"], "28") is None
    assert label_overlap(catalog, [], "03") is None


def test_labels_are_read_once_for_a_version(catalog: Catalog) -> None:
    label_overlap(catalog, ["02"], "03")
    catalog.connection.close()
    assert label_overlap(catalog, ["02"], "03") == pytest.approx(1 / 4)


def test_the_distance_is_one_minus_the_cosine_of_the_mean_pictures(home: Path, catalog: Catalog) -> None:
    encode(home, catalog)
    means = mean_vectors(catalog, RECORD.slug)
    assert means.encoder == "Literal"
    assert means.distance(["02"], "03") == pytest.approx(1)
    assert means.distance(["22"], "02") == pytest.approx(1 - np.sqrt(0.5))
    assert means.distance(["02", "03"], "22") == pytest.approx(0, abs=1e-6)
    assert means.pictures == {"02": 6, "03": 4, "22": 4, "15": 0}
    assert means.distance(["15"], "02") is means.distance(["02"], "28") is None


def test_vectors_that_come_later_are_seen(home: Path, catalog: Catalog) -> None:
    encode(home, catalog, without="03")
    assert mean_vectors(catalog, RECORD.slug).distance(["02"], "03") is None
    encode(home, catalog)
    assert mean_vectors(catalog, RECORD.slug).distance(["02"], "03") == pytest.approx(1)


def test_only_the_subsets_that_are_asked_for_are_read(home: Path, catalog: Catalog) -> None:
    encode(home, catalog)
    assert set(mean_vectors(catalog, RECORD.slug, ["02", "03"]).means) == {"02", "03"}
    assert set(mean_vectors(catalog, RECORD.slug, ["22"]).means) == {"22"}


def test_a_large_subset_is_stood_for_by_some_of_its_pictures_always_the_same(
    home: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode(home, catalog)
    monkeypatch.setattr(subset_likeness, "PICTURES_A_SUBSET", 3)
    monkeypatch.setattr(subset_likeness, "LOOKED_UP_AT_ONCE", 2)
    assert mean_vectors(catalog, RECORD.slug, ["02"]).pictures == {"02": 3}


def test_an_encoder_that_has_seen_nothing_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UnknownNameError):
        mean_vectors(catalog, "no-such-encoder")


def test_chance_is_the_mean_of_one_over_the_options(catalog: Catalog) -> None:
    chances = chance_by_subset(catalog)
    assert chances["02"] == pytest.approx(100 / 3)
    assert chances["03"] == pytest.approx(50)
