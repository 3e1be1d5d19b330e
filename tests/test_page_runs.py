"""The Runs page: every view opens from its address, filters and orders hold, deleting asks twice, comparing adds up."""

import csv
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.qa import QAItem
from medmat_explorer.evaluation.run_record import RunKind
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.experiments.run_scores import run_score
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.run_list import RunFilter, RunRow, RunStatus, find_runs
from medmat_explorer.store.runs import create_run
from medmat_explorer.ui.runs_actions import list_csv, run_file, runs_zip
from medmat_explorer.ui.runs_rows import run_lines
from medmat_explorer.ui.runs_view import ORDERS, RunsView, ordered
from tests.conftest import ROOT
from tests.kept_runs import kept_run

Open = Callable[..., AppTest]
IMPORTED = RunKind.IMPORTED
HOSTILE = "<img src=x onerror=alert(1)> **b** [l](javascript:1)"


@pytest.fixture
def runs_home(phantoms_home: Path, tmp_path: Path) -> Path:
    """A home of its own with the synthetic collection and no run."""
    folder = tmp_path / "runs home"
    shutil.copytree(phantoms_home, folder, ignore=shutil.ignore_patterns("runs"))
    return folder


@pytest.fixture
def items(runs_home: Path) -> Iterator[list[QAItem]]:
    with closing(open_catalog("phantoms", runs_home)) as catalog:
        yield catalog.sample(16, 0)


@pytest.fixture
def three(runs_home: Path, items: list[QAItem]) -> list[str]:
    """Three runs: an older good one, a half one, an imported worse one on fewer items."""
    return [
        kept_run(runs_home, items, lambda place: place % 4 > 0, name="good", minutes=1, seed=3),
        kept_run(runs_home, items, lambda place: place % 2 > 0, name="half", minutes=2, finished=False),
        kept_run(
            runs_home, items[:12], lambda place: place % 3 == 0, name="worse", minutes=3000, kind=RunKind.IMPORTED
        ),
    ]


@pytest.fixture
def open_runs(runs_home: Path, use_home: pytest.MonkeyPatch) -> Open:
    """Runs the Runs page at an address: `open_runs(kind="imported")`."""

    def run(**params: str | list[str]) -> AppTest:
        use_home.setenv("MEDMAT_HOME", str(runs_home))
        app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=60)
        app.switch_page(str(ROOT / "pages" / "runs.py"))
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        return app

    return run


def words(app: AppTest) -> str:
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.info, app.error, app.warning, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_without_a_run_the_page_says_what_to_do_also_without_a_collection(open_runs: Open, runs_home: Path) -> None:
    app = open_runs()
    assert "No run is kept here yet" in words(app)
    assert app.error == []
    shutil.rmtree(runs_home / "collections")
    bare = open_runs()
    assert "No run is kept here yet" in words(bare) and bare.error == []
    assert "There is no collection yet whose items could have been asked." in words(bare)


def test_the_list_counts_what_the_filters_leave(open_runs: Open, three: list[str]) -> None:
    assert "**3 runs**" in words(open_runs())
    assert "**2 runs** of 3" in words(open_runs(about="phantoms", until="2026-11-20", page="9"))
    assert "**1 run** of 3" in words(open_runs(backbone="OO", kind="spot check", status="finished"))
    none = open_runs(kind="imported", status="unfinished")
    assert "No run fits these filters." in words(none)
    assert "**3 runs**" in words(press(none, "clear unfitting"))


def test_filters_are_written_into_the_address(open_runs: Open, three: list[str]) -> None:
    app = open_runs(page="2", pick=three[0])
    app.selectbox(key="address:kind").select("imported").run()
    assert app.query_params["kind"] == "imported" and "page" not in app.query_params
    assert app.query_params["pick"] == three[0]


@pytest.mark.parametrize(
    "params",
    [
        {"kind": "no such kind", "status": "' OR 1=1", "subset": HOSTILE, "about": HOSTILE},
        {"since": "yesterday", "until": "2026-99-99", "sort": "-drop table", "page": "-7"},
        {"pick": ["../../etc/passwd", "2026-11-24-063012-nobody-3f2a"], "page": "9" * 30},
        {"backbone": HOSTILE},
        {"a": "x", "b": ""},
    ],
)
def test_nonsense_in_the_address_opens_a_view_and_says_what_was_dropped(
    open_runs: Open, three: list[str], params: dict[str, str | list[str]]
) -> None:
    app = open_runs(**params)
    assert [error.value for error in app.error] == []
    assert "**3 runs**" in words(app) or "No run fits" in words(app)
    if "kind" in params or "since" in params:
        assert "left out of the view" in words(app)


@pytest.mark.parametrize("missing", ["../../etc/passwd", "2026-11-24-063012-nobody-3f2a", HOSTILE])
def test_a_comparison_with_a_run_that_is_not_there_is_one_sentence(
    open_runs: Open, three: list[str], missing: str
) -> None:
    app = open_runs(a=three[0], b=missing)
    assert len(app.error) == 1 and "There is no run" in app.error[0].value


def row(name: str, minute: int) -> RunRow:
    run_id = f"2026-11-24-0630{minute:02}-{name}-3f2a"
    return RunRow(run_id, RunStatus.FINISHED, backbone=name, collection="c", subsets=("02",), answers=1)


def test_every_column_sorts_both_ways_and_what_is_not_known_comes_last() -> None:
    rows = [row("b", 3), row("A", 2), row("c", 1)]
    scores = {rows[0].id: Score(1, 4, 0, 0.25, 0.5), rows[2].id: Score(3, 4, 0, 0.5, 0.5)}

    def names(sort: str, descending: bool) -> list[str]:
        view = RunsView(RunFilter(), "", sort, descending, 1, ())
        return [found.backbone for found in ordered(rows, view, lambda one: scores.get(one.id))]

    assert (names("backbone", False), names("backbone", True)) == (["A", "b", "c"], ["c", "b", "A"])
    assert (names("accuracy", True), names("accuracy", False)) == (["c", "b", "A"], ["b", "c", "A"])
    assert names("chance", True) == ["c", "b", "A"]
    for column in ORDERS:
        assert sorted(names(column, True)) == sorted(names(column, False)) == ["A", "b", "c"]


def test_scores_are_only_asked_for_where_the_order_needs_them() -> None:
    def never(row: RunRow) -> Score | None:
        raise AssertionError(row.id)

    view = RunsView(RunFilter(), "", "day", True, 1, ())
    assert len(ordered([row("a", 1), row("b", 2)], view, never)) == 2


def test_a_row_tells_n_interval_and_chance_with_its_accuracy(runs_home: Path, three: list[str]) -> None:
    rows = {found.id: found for found in find_runs(runs_home)}
    lines = run_lines(
        [rows[name] for name in three], lambda one: run_score(runs_home, one.id, one.answers), lambda name: None
    )
    good, half, worse = lines
    assert [cell.text for cell in good.cells[5:8]] == ["✓\N{NO-BREAK SPACE}finished", "75.0%", "16"]
    assert " to " in good.cells[6].more and good.cells[8].text.endswith("%")
    span = good.cells[6].span
    assert span is not None and span.low < span.value == 0.75 < span.high
    assert (half.cells[5].text, half.cells[5].act) == ("◐\N{NO-BREAK SPACE}unfinished", "resume")
    assert worse.cells[7].text == "12" and worse.cells[4].text == "imported"
    assert f"run={three[0]}" in good.cells[0].href and "collection=phantoms" in good.cells[0].href


def test_deleting_asks_twice_and_keeps_what_is_not_chosen(open_runs: Open, runs_home: Path, three: list[str]) -> None:
    app = open_runs(pick=three[:2])
    assert "**2 runs** chosen" in words(app)
    press(app, "delete runs")
    assert "This cannot be undone" in words(app)
    press(app, "keep runs")
    assert len(find_runs(runs_home)) == 3 and "This cannot be undone" not in words(app)
    press(press(app, "delete runs"), "delete for good")
    assert [found.id for found in find_runs(runs_home)] == [three[2]]
    assert "2 runs deleted." in words(app) and "pick" not in app.query_params


def test_a_running_run_is_refused_with_a_sentence_and_stays(
    open_runs: Open, runs_home: Path, three: list[str], items: list[QAItem]
) -> None:
    writer = create_run(runs_home, "2026-11-24-063012-busy-3f2a", {"plan": {"backbone": "busy"}, "item_keys": ["a"]})
    try:
        app = open_runs(pick=[three[0], "2026-11-24-063012-busy-3f2a"])
        press(press(app, "delete runs"), "delete for good")
        assert "is being written: stop it first" in app.error[0].value.replace("\\", "")
        assert "1 run deleted." in words(app)
        assert app.query_params["pick"] == "2026-11-24-063012-busy-3f2a"
    finally:
        writer.close(finished=False)
    assert len(find_runs(runs_home)) == 3


def test_a_damaged_run_is_named_and_can_be_deleted(open_runs: Open, runs_home: Path, three: list[str]) -> None:
    (runs_home / "runs" / three[0] / "header.json").write_text("{ broken")
    app = open_runs(status="damaged", pick=three[0])
    assert "1 damaged" in words(app)
    assert app.button(key="compare runs").disabled
    press(press(app, "delete runs"), "delete for good")
    assert three[0] not in {found.id for found in find_runs(runs_home)}


def test_two_chosen_runs_are_compared_and_any_other_number_is_not(open_runs: Open, three: list[str]) -> None:
    assert open_runs(pick=three).button(key="compare runs").disabled
    assert open_runs(pick=three[:1]).button(key="compare runs").disabled
    app = press(open_runs(pick=[three[0], three[2]]), "compare runs")
    assert (app.query_params["a"], app.query_params["b"]) == (three[0], three[2])
    assert "n = 12 items that both answered" in words(app)


def test_the_comparison_says_what_it_is_worth(open_runs: Open, three: list[str]) -> None:
    """Of 12 common items A misses those at 0, 4, 8, and B gets those at 0, 3, 6, 9."""
    said = words(open_runs(a=three[0], b=three[2]))
    assert "Run 1 minus run 2 **+41.7 points** (95 % interval" in said
    assert "exact McNemar p = 0.12," in said and "chance" in said
    assert "The seeds differ: 3 and 0" in said
    assert "Other items were asked too: 4 by run 1 alone" in said
    assert "**7 items** that just one got right." in said
    both = words(open_runs(a=three[0], b=three[2], cell="both"))
    assert "**3 items** that both got right." in both
    turned = words(open_runs(a=three[2], b=three[0]))
    assert "Run 1 minus run 2 **-41.7 points**" in turned


@pytest.mark.parametrize("by", ["modality", "no such thing"])
def test_groups_of_every_kind_open_and_lead_to_their_items(open_runs: Open, three: list[str], by: str) -> None:
    app = open_runs(a=three[0], b=three[2], by=by, cell="nonsense", group="nonsense", items="99")
    assert app.error == [] and "**7 items** that just one got right." in words(app)


def test_a_group_leaves_its_own_items(open_runs: Open, three: list[str], items: list[QAItem]) -> None:
    subset = items[1].subset  # of which A got item 1 and B did not
    app = open_runs(a=three[0], b=three[2], group=subset, cell="first")
    assert f"of subset {subset} that only run 1 got right." in words(app)
    assert "that only run 1 got right." in words(press(app, "all groups"))
    assert "group" not in app.query_params


def test_runs_without_common_items_get_a_sentence_and_the_way_back(
    open_runs: Open, runs_home: Path, items: list[QAItem]
) -> None:
    first = kept_run(runs_home, items[:4], lambda place: True, name="one", minutes=1)
    second = kept_run(runs_home, items[8:], lambda place: True, name="two", minutes=2)
    app = open_runs(a=first, b=second)
    assert "have no answered item in common" in app.error[0].value.replace("\\", "")
    assert "All runs" in [button.label for button in app.button]


def test_names_from_a_run_are_never_read_as_markdown(open_runs: Open, runs_home: Path, items: list[QAItem]) -> None:
    run_id = kept_run(runs_home, items, lambda place: True, name="x")
    header = runs_home / "runs" / run_id / "header.json"
    header.write_text(header.read_text().replace('"backbone_title": "x"', '"backbone_title": "**bold** <b>x</b>"'))
    app = press(open_runs(pick=run_id), "delete runs")
    assert any(r"\*\*bold\*\* \<b\>x" in caption.value for caption in app.caption)


def test_an_unfinished_run_of_an_unknown_backbone_cannot_be_resumed_and_says_why(
    open_runs: Open, three: list[str], runs_home: Path, use_home: pytest.MonkeyPatch
) -> None:
    def page(run_id: str) -> None:
        from medmat_explorer.ui.runs_actions import TOLD, draw_taken_up, resume_run

        resume_run(run_id)
        draw_taken_up()
        import streamlit as st

        st.write(str(st.session_state.get(TOLD)))

    use_home.setenv("MEDMAT_HOME", str(runs_home))
    app = AppTest.from_function(page, args=(three[1],), default_timeout=30).run()
    assert not app.exception
    assert "The run cannot be resumed." in app.markdown[0].value


def test_a_run_is_taken_along_in_every_form_and_several_in_one_file(
    runs_home: Path, three: list[str], use_home: pytest.MonkeyPatch
) -> None:
    use_home.setenv("MEDMAT_HOME", str(runs_home))
    assert run_file(three[0], "jsonl").count(b"\n") == 17
    assert run_file(three[0], "parquet")[:4] == b"PAR1"
    assert len(list(csv.reader(io.StringIO(run_file(three[0], "csv").decode("utf-8-sig"))))) == 17
    gone = "2026-11-24-063012-nobody-3f2a"
    with zipfile.ZipFile(io.BytesIO(runs_zip([*three[:2], gone], "jsonl"))) as packed:
        assert packed.namelist() == [f"{three[0]}.jsonl", f"{three[1]}.jsonl", f"{gone}.why-not.txt"]


def test_the_list_as_a_file_has_every_figure_of_every_run(runs_home: Path, three: list[str]) -> None:
    table = list_csv(find_runs(runs_home), lambda one: run_score(runs_home, one.id, one.answers))
    rows = {found["id"]: found for found in csv.DictReader(io.StringIO(table.decode("utf-8-sig")))}
    good = rows[three[0]]
    assert (good["accuracy"], good["n"], good["status"], good["collection"]) == ("0.75", "16", "finished", "phantoms")
    assert 0 < float(good["interval_low"]) < 0.75 < float(good["interval_high"]) < 1 and float(good["chance"]) > 0
