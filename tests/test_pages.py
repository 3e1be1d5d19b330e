"""Each page runs from the address alone and shows what it should; bad addresses get a sentence, never a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.ui import frame
from tests.conftest import ROOT

Open = Callable[..., AppTest]


@pytest.fixture
def open_page(phantoms_home: Path, use_home: pytest.MonkeyPatch) -> Open:
    """Runs the router as Streamlit does, at an address: `open_page("browse", modality="CT")`."""

    def run(name: str, home: Path = phantoms_home, **params: str) -> AppTest:
        use_home.setenv("MEDMAT_HOME", str(home))
        app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=30)
        if name != "overview":
            app.switch_page(str(ROOT / "pages" / f"{name}.py"))
        for key, value in params.items():
            app.query_params[key] = value
        return app.run()

    return run


def words(app: AppTest) -> str:
    """Everything that the page says."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.info, app.error, app.warning, app.metric)
    return "\n".join(str(getattr(e, "value", "")) + str(getattr(e, "label", "")) for kind in kinds for e in kind)


@pytest.mark.parametrize("name", list(frame.PAGES))
def test_every_page_runs_and_ends_with_the_foot(open_page: Open, name: str) -> None:
    app = open_page(name)
    assert not app.exception
    assert [e.value for e in app.error] == []
    assert frame.NOT_CLINICAL in words(app)
    assert app.title[0].value == ("MedMAT Explorer" if name == "overview" else frame.PAGES[name][0])


def test_the_overview_counts_what_is_there_and_says_that_it_is_synthetic(open_page: Open) -> None:
    app = open_page("overview")
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Items"] == "360"
    assert shown["Subsets"] == "24"
    assert shown["Training / test"] == "240 / 120"
    assert "Synthetic" in app.info[0].value


def test_browse_shows_what_the_address_selects(open_page: Open) -> None:
    app = open_page("browse", modality="CT", **{"not.split": "test"})
    assert "**40 items**" in words(app)
    assert {button.label for button in app.button} >= {"modality CT ✕", "not split test ✕"}
    assert "**0 items**" in words(open_page("browse", modality="CT", area="Skin"))
    assert "Clear a filter" in words(open_page("browse", modality="CT", area="Skin"))


def test_browse_searches_from_its_box_and_writes_it_into_the_address(open_page: Open) -> None:
    app = open_page("browse")
    app.text_input(key="address:q").set_value("fundus").run()
    assert app.query_params["q"] == "fundus"
    assert "**30 items**" in words(app)


def test_an_unknown_collection_gets_a_sentence_with_the_valid_names(open_page: Open) -> None:
    app = open_page("browse", collection="nothing")
    assert not app.exception
    assert "There is no collection 'nothing'" in app.error[0].value.replace("\\", "")
    assert "phantoms" in app.error[0].value


def test_an_unknown_item_gets_a_sentence(open_page: Open) -> None:
    app = open_page("browse", item="0123456789abcdef")
    assert not app.exception
    assert "There is no item '0123456789abcdef'" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    "params",
    [
        {"page": "minus one", "size": "10000000", "sort": "'; DROP TABLE items; --"},
        {"modality": "<script>alert(1)</script>", "q": "%_\\"},
        {"page": "999999999999999999999999"},
    ],
)
def test_nonsense_in_the_address_opens_the_default_view(open_page: Open, params: dict[str, str]) -> None:
    app = open_page("browse", **params)
    assert not app.exception
    assert "items**" in words(app)


def test_an_unknown_run_gets_a_sentence(open_page: Open) -> None:
    app = open_page("spot_check", run="../../etc/passwd")
    assert not app.exception
    assert "There is no run" in app.error[0].value


def test_without_any_collection_the_pages_say_what_to_do(open_page: Open, home: Path) -> None:
    app = open_page("overview", home=home)
    assert not app.exception
    assert "There is no collection" in app.error[0].value
    data = open_page("data", home=home)
    assert not data.exception
    assert "None yet" in words(data)


def test_data_refuses_an_import_without_a_folder_or_name(open_page: Open) -> None:
    app = open_page("data")
    next(button for button in app.button if button.label == "Import").click().run()
    assert "Give the folder" in app.error[0].value


def test_data_from_the_collection_is_never_read_as_markdown_or_html() -> None:
    from medmat_explorer.ui.plain import plain

    hostile = "**bold** <b>x</b> [a](javascript:1) $x$ :red[y] `c` # h\n- item"
    escaped = plain(hostile)
    assert "\n" not in escaped
    for sign in "*<[]($:`#":
        assert all(escaped[i - 1] == "\\" for i, c in enumerate(escaped) if c == sign)
