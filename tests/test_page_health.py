"""The Data page's health: every part opens from its address, the search runs behind it, bad addresses show all."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.store.duplicates import find_duplicates
from medmat_explorer.store.image_check import check_images
from medmat_explorer.ui.labels_panel import uniform_p
from tests.conftest import ROOT
from tests.planted_release import planted_release, soft_pictures
from tests.release_folder import run_import

Open = Callable[..., AppTest]


@pytest.fixture
def planted_home(tmp_path: Path, home: Path) -> Path:
    """A home with the planted release, imported, its image files not yet looked at."""
    run_import(planted_release(tmp_path / "release", soft_pictures(8)), home, test_share=0.0)
    return home


@pytest.fixture
def open_data(planted_home: Path, use_home: pytest.MonkeyPatch) -> Open:
    """Runs the Data page at an address: `open_data(health="labels")`."""

    def run(**params: str) -> AppTest:
        use_home.setenv("MEDMAT_HOME", str(planted_home))
        app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=60)
        app.switch_page(str(ROOT / "pages" / "data.py"))
        for key, value in params.items():
            app.query_params[key] = value
        return app.run()

    return run


def words(app: AppTest) -> str:
    kinds = (app.subheader, app.markdown, app.caption, app.info, app.warning, app.error, app.metric)
    return "\n".join(f"{getattr(e, 'label', '')} {getattr(e, 'value', '')}" for kind in kinds for e in kind)


@pytest.mark.parametrize("part", ["images", "duplicates", "labels", "fetch", "no such part"])
def test_every_part_opens_from_its_address(open_data: Open, part: str) -> None:
    app = open_data(health=part)
    assert not app.exception
    assert [error.value for error in app.error] == []
    assert "Health of test" in words(app)


def test_the_search_runs_behind_the_page_and_its_result_says_from_what_it_was_made(
    open_data: Open, planted_home: Path
) -> None:
    app = open_data(health="duplicates")
    app.button(key="search").click().run()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and "Exact copies" not in words(app):
        time.sleep(0.2)
        app.run()
    assert {m.label: m.value for m in app.metric[:4]} == {
        "Exact copies": "1",
        "Nearly alike": "4",
        "Mirrored": "2",
        "Leaking images": "7",
    }
    assert "among 13 readable images" in words(app)
    assert [warning.value for warning in app.warning] == []


def test_a_search_older_than_the_image_check_says_so(open_data: Open, planted_home: Path) -> None:
    find_duplicates("test", planted_home)
    check_images("test", planted_home)
    app = open_data(health="duplicates")
    assert [w.value for w in app.warning] == ["Searched before 14 more images were checked: look again."]


def test_a_place_in_the_address_that_does_not_exist_shows_no_pairs(open_data: Open, planted_home: Path) -> None:
    check_images("test", planted_home)
    find_duplicates("test", planted_home)
    shown = open_data(health="duplicates", pairs="02.test.02.train", kind="near", pairs_page="7")
    assert "02 test and 02 train" in words(shown)
    for odd in ("02.test.99.train", "x", "a.b.c.d.e", "02.test.02.train.more"):
        app = open_data(health="duplicates", pairs=odd)
        assert not app.exception
        assert "02 test and 02 train" not in words(app)


def test_missing_files_lead_to_the_fetch_list(open_data: Open, planted_home: Path) -> None:
    assert "Check the 14 unchecked image files" in [button.label for button in open_data().button]
    check_images("test", planted_home)
    app = open_data()
    assert "Where to get what is missing" in [button.label for button in app.button]
    assert "Image files missing: 1" in words(open_data(health="fetch", fetch="03"))
    assert "Image files missing: 0" in words(open_data(health="fetch", fetch="02"))


def test_letters_are_held_against_an_even_spread() -> None:
    assert uniform_p((25, 25, 25, 25)) == 1
    assert uniform_p((5, 0)) == pytest.approx(0.0253, abs=1e-4)  # chi-square 5 with one degree of freedom
    assert uniform_p((7,)) == uniform_p((0, 0)) == 1
