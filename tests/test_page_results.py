"""The Results page: every view opens from its address, filters hold, own runs stand beside the paper's numbers."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.config import settings
from tests.conftest import ROOT
from tests.judged import make_item
from tests.kept_runs import kept_run

Open = Callable[..., AppTest]
VIEWS = ("rows", "backbones", "figure4", "subsets")


@pytest.fixture
def open_results(phantoms_home: Path, use_home: pytest.MonkeyPatch) -> Open:
    """Runs the Results page at an address: `open_results(view="figure4")`."""

    def run(home: Path = phantoms_home, **params: str | list[str]) -> AppTest:
        use_home.setenv("MEDMAT_HOME", str(home))
        settings.cache_clear()
        app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=60)
        app.switch_page(str(ROOT / "pages" / "results.py"))
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        assert app.error == []
        return app

    return run


def words(app: AppTest) -> str:
    kinds = (app.subheader, app.markdown, app.caption, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def test_filters_of_the_address_choose_the_rows(open_results: Open) -> None:
    app = open_results(table="7", direction="fixed area")
    assert "**2 printed rows**" in words(app)
    table = app.dataframe[0].value
    assert list(table["Where"]) == ["Table 7 row 3", "Table 7 row 4"]
    assert set(table["Verdict"]) == {"? size unknown"}
    assert "**43 printed rows**" in words(open_results())
    everything = open_results(table="all")
    assert "**122 printed rows**" in words(everything)
    assert "choose fewer" in words(everything)


def test_what_fits_nothing_says_what_to_do(open_results: Open) -> None:
    assert "take a filter away" in words(open_results(table="7", direction="three elements, three datasets"))


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_values_open_the_usual_view(open_results: Open, view: str) -> None:
    bad = "<img src=x onerror=alert(1)>'; DROP TABLE items;--"
    app = open_results(view=view, table=bad, backbone=bad, direction=bad, element=bad, target=bad, rule=bad)
    assert bad not in words(app)
    assert app.dataframe


def test_figure_4_shows_both_targets_with_their_intervals(open_results: Open) -> None:
    app = open_results(view="figure4")
    first, second = app.dataframe[0].value, app.dataframe[1].value
    assert list(first["Accuracy"])[:3] == [47, 51, 73]
    assert list(first["95 % interval"])[2] == "64 to 81"
    assert len(second) == 7


def test_own_runs_stand_beside_the_paper_with_the_warning_that_items_differ(
    open_results: Open, phantoms_home: Path, tmp_path: Path
) -> None:
    assert "Import a part of the release" in words(open_results(view="subsets"))
    home = tmp_path / "home"
    shutil.copytree(phantoms_home, home, ignore=shutil.ignore_patterns("runs"))
    items = [make_item(number, "A", subset="03", texts=("Normal", "COVID")) for number in range(40)]
    run = kept_run(home, items, lambda place: place % 10 > 0, name="mine", minutes=1)
    app = open_results(home, view="subsets")
    assert "test items were never published" in words(app)
    own = app.dataframe[-1].value
    assert list(own["Run"]) == [run]
    assert list(own["Accuracy"]) == [90.0] and list(own["n"]) == [40] and list(own["Chance"]) == [50.0]
    assert list(own["Against baseline"]) == ["▲ above"]
    assert list(open_results(home, target="03").dataframe[-1].value["Run"]) == [run]
    assert "Import a part of the release" in words(open_results(home, target="28"))
