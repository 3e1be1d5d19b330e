"""What to fetch from where: by data set, with folders read off the image paths and nothing invented."""

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from medmat_explorer.__main__ import app
from medmat_explorer.collection_import import import_folder
from medmat_explorer.config import settings
from medmat_explorer.domain.facts import Facts
from medmat_explorer.domain.subset import SourceDataset
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.fetch_list import FetchLine, as_csv, as_markdown, fetch_list
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.ingest import import_collection
from tests.release_folder import FACTS, SUBSET_02, record, write

ODD = SourceDataset(
    "4", "=CT `Two`", "CT", "Lung", "", False, "https://b.org/x, https://c.org/y not-a-link", "B (2021)"
)
LICENCE = "not stated by the paper; see the link"
UNPUBLISHED = "The release has no question file of this data set."


@pytest.fixture
def catalog(tmp_path: Path, home: Path) -> Catalog:
    """Data set 2: three items of two images, one missing. 3 and 4 (odd): all missing. 3's images lie in two folders."""
    root = write(
        tmp_path / "r",
        **{
            SUBSET_02: [
                record(1, image="med-mat/kidney/cyst/1.png"),
                record(2, "Stone", image="med-mat/kidney/cyst/1.png"),
                record(3, image="med-mat/kidney/stone/2.png"),
            ],
            "Aggregated_Subsets/Subset--03-train.json": [
                record(4, image="med-mat/one/a/3.png", data_no="3"),
                record(5, "Stone", image="med-mat/one/a/3.png", data_no="3"),
                record(6, image="med-mat/one/b c/4.png", data_no="3"),
                record(7, image="med-mat/two/5.png", data_no="4"),
            ],
        },
    )
    facts = Facts(FACTS.subsets, {**FACTS.datasets, "4": ODD})
    import_collection(root, "test", home, facts, test_share=0.0)
    present = root / "med-mat" / "kidney" / "cyst" / "1.png"
    present.parent.mkdir(parents=True)
    Image.new("L", (8, 8)).save(present)
    check_images("test", home)
    return open_catalog("test", home)


def expected() -> tuple[FetchLine, ...]:
    return (
        FetchLine("3", "CT One", ("03",), (), "", LICENCE, "med-mat/one", 3, 2, 3, 2, 0, ("of 3",)),
        FetchLine("2", "CT Kidney", ("02",), (), "", LICENCE, "med-mat/kidney", 3, 2, 1, 1, 0, ("of 2",)),
        FetchLine(
            "4",
            "=CT `Two`",
            ("03",),
            ("https://b.org/x", "https://c.org/y"),
            "B (2021)",
            LICENCE,
            "med-mat/two",
            1,
            1,
            1,
            1,
            0,
            (UNPUBLISHED, "of 4"),
        ),
    )


def notes(dataset: str) -> list[str]:
    return [f"of {dataset}"]


def test_the_list_says_what_each_data_set_unlocks_where_it_goes_and_what_is_known_of_it(catalog: Catalog) -> None:
    assert fetch_list(catalog, (), notes) == expected()
    assert fetch_list(catalog, ["3"], notes) == (expected()[0], expected()[2]), "3 is subset 03"


def test_a_subset_without_items_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UnknownNameError, match="There is no subset '15'"):
        fetch_list(catalog, ["15"])


def test_the_csv_reads_back_and_runs_no_formula(catalog: Catalog) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(fetch_list(catalog, (), notes)))))
    assert [row["dataset"] for row in rows] == ["3", "2", "4"]
    assert rows[2]["name"] == "'=CT `Two`"
    assert rows[2]["links"] == "https://b.org/x https://c.org/y"
    assert (rows[0]["folder"], rows[0]["missing_items"], rows[0]["missing_images"]) == ("med-mat/one", "3", "2")


def test_the_markdown_is_a_list_to_work_through(catalog: Catalog) -> None:
    assert as_markdown(fetch_list(catalog, ["03"]), "What test needs") == (
        "# What test needs\n"
        "\n"
        "2 data sets; 3 images of 4 items are missing.\n"
        "\n"
        "## 3 CT One\n"
        "\n"
        "- Where: no link known\n"
        "- Unpack into: `med-mat/one/` below the collection's folder\n"
        "- Unlocks: 2 of 2 images, 3 of 3 items\n"
        "- Subsets: 03\n"
        "- Citation: none known\n"
        f"- Licence: {LICENCE}\n"
        "\n"
        "## 4 =CT \\`Two\\`\n"
        "\n"
        "- Where: <https://b.org/x>, <https://c.org/y>\n"
        "- Unpack into: `med-mat/two/` below the collection's folder\n"
        "- Unlocks: 1 of 1 images, 1 of 1 items\n"
        "- Subsets: 03\n"
        "- Citation: B (2021)\n"
        f"- Licence: {LICENCE}\n"
        f"- Note: {UNPUBLISHED}\n"
    )


def test_the_command_prints_json_csv_or_markdown(
    tmp_path: Path, home: Path, use_home: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path / "r", **{SUBSET_02: [record(1, image="med-mat/kidney/1.png")]})
    import_folder(root, "test", home, progress=lambda stage, done, total: None)
    use_home.setenv("MEDMAT_HOME", str(home))
    settings.cache_clear()
    printed = {}
    for form in (["--json"], ["--format", "csv"], []):
        app(["fetch-list", "test", "--subset", "2", *form], standalone_mode=False)
        printed[" ".join(form)] = capsys.readouterr().out
    (line,) = json.loads(printed["--json"])["datasets"]
    assert (line["dataset"], line["folder"], line["missing_items"]) == ("2", "med-mat/kidney", 1)
    assert line["links"] == ["https://www.kaggle.com/datasets/nazmul0087/ct-kidney-dataset-normal-cyst-tumor-and-stone"]
    assert printed["--format csv"].startswith("dataset,name,subsets,")
    assert "## 2 CT Kindney Dataset" in printed[""]
