"""Published evidence on the Lattice page: rows of a target, summary by direction, predictors, Figure 4."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.charts.published import rows_on
from medmat_explorer.collection_import import paper_facts
from medmat_explorer.paper.facts import composition_rows
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.embedding_writer import SeenImage, adding_vectors
from medmat_explorer.store.embeddings import EncoderRecord
from medmat_explorer.store.ingest import import_collection
from medmat_explorer.store.versions import find_version
from medmat_explorer.ui.evidence_panel import verdict_sentence
from medmat_explorer.ui.evidence_summary import many_tests_sentence, rows_of
from medmat_explorer.ui.table_file import table_csv


def evidence() -> None:
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.evidence_panel import draw_evidence
    from medmat_explorer.ui.lattice_view import read_view

    draw_evidence(read_view(frame.current_catalog()))


def summary() -> None:
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.evidence_summary import draw_evidence_summary
    from medmat_explorer.ui.lattice_view import read_view

    catalog = frame.current_catalog()
    draw_evidence_summary(read_view(catalog), catalog)


@pytest.fixture
def in_phantoms(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))


def opened(panel: Callable[[], None], **address: str) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def table(app: AppTest, place: int) -> pd.DataFrame:
    frame: pd.DataFrame = app.dataframe[place].value
    return frame


def words(app: AppTest) -> str:
    return " ".join(element.value.replace("\\", "") for element in (*app.caption, *app.markdown))


# -- a target ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_phantoms")
def test_every_published_row_of_the_target_stands_with_what_it_is_worth() -> None:
    app = opened(evidence, target="05", rule="paper")
    assert app.subheader[0].value == "Published evidence · 4"
    shown = table(app, 0).set_index("Where")
    assert list(shown.index) == ["Table 3 row 3", "Table 3 row 23", "Table 4 row 3", "Table 4 row 4"]
    assert list(shown["By this rule"]) == ["a recipe", "a recipe", "a recipe", "a recipe"]
    assert set(shown["Verdict"]) == {"? size unknown"}
    assert set(shown["Chance"]) == {50}
    assert "baseline 33 is below chance (50)" in shown.loc["Table 3 row 3", "Notes"]
    assert set(shown["Why not"]) == {""}
    assert app.get("vega_lite_chart")


@pytest.mark.usefixtures("in_phantoms")
def test_a_number_has_n_interval_gain_z_and_a_verdict_with_a_sign_where_the_size_is_known() -> None:
    app = opened(evidence, target="28")
    shown = table(app, 0).set_index("Where")
    columns = ["Trained", "95 % interval", "n", "Gain", "95 % of gain", "z", "Verdict"]
    assert shown.loc["Table 3 row 16", columns].tolist() == [
        49,
        "41 to 57",
        150,
        19,
        "+8 to +29",
        3.31,
        "▲ beyond noise",
    ]
    assert shown.loc["Table 3 row 29", "Verdict"] == "○ not shown"
    assert shown.loc["Table 5 row 6", ["95 % interval", "Verdict"]].tolist() == ["", "? size unknown"]
    assert "▲ 10 beyond noise (8 of them over the untrained model only" in words(app)


@pytest.mark.usefixtures("in_phantoms")
def test_the_chosen_rule_decides_what_is_a_recipe_and_says_why_not() -> None:
    by_rule = {rule: table(opened(evidence, target="03", rule=rule), 0) for rule in ("published", "paper")}
    assert set(by_rule["published"]["By this rule"]) == {"no recipe"}
    assert set(by_rule["paper"]["By this rule"]) == {"a recipe"}
    first = by_rule["published"].iloc[0]
    assert "no source teaches the task" in first["Why not"]


@pytest.mark.usefixtures("in_phantoms")
def test_a_target_that_no_row_has_gets_a_sentence_and_the_rows_that_may_mean_it() -> None:
    app = opened(evidence, universe="published", target="16")
    assert app.subheader[0].value == "Published evidence · 0"
    assert "No row of the paper's composition tables has this target." in words(app)
    assert "Table 3 row 37 (read as 17)" in words(app)
    assert not app.dataframe


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize(
    "address", [{"universe": "collection"}, {"universe": "published", "target": "PET/Heart/Rhythm"}]
)
def test_subsets_that_are_not_the_papers_have_no_published_evidence(address: dict[str, str]) -> None:
    app = opened(evidence, **address)
    assert not app.subheader and not app.dataframe


@pytest.mark.usefixtures("in_phantoms")
@pytest.mark.parametrize(("number", "shown"), [("03", True), ("28", True), ("30", False)])
def test_the_counts_of_figure_4_are_shown_for_its_two_targets(number: str, shown: bool) -> None:
    app = opened(evidence, target=number)
    assert ("None of the 36 ways to count them here gives either" in words(app)) == shown
    assert len(app.dataframe) == (3 if shown else 1)
    if shown:
        assert list(table(app, 1)["Training set"])[:3] == ["baseline", "all unrelated", "all related"]
        assert len(table(app, 2)) == 36


def test_the_sentence_counts_verdicts() -> None:
    assert verdict_sentence(rows_on("17")).startswith("○ 4 not shown, ? 3 size unknown. Each gain")
    assert "cIoU" in verdict_sentence(rows_on("39"))
    assert "cIoU" not in verdict_sentence(rows_on("17"))


def test_a_table_as_a_file_runs_no_formula_and_keeps_every_column() -> None:
    rows = [{"Where": "=1+1", "n": 3, "z": None}, {"Where": 'ü, "x"', "n": 1.5, "z": -2}]
    read = list(csv.DictReader(io.StringIO(table_csv(rows).decode("utf-8-sig"))))
    assert read == [{"Where": "'=1+1", "n": "3", "z": ""}, {"Where": 'ü, "x"', "n": "1.5", "z": "-2"}]
    assert table_csv([]) == "\r\n".encode("utf-8-sig")


# -- all rows ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_phantoms")
def test_the_summary_says_how_many_successes_of_each_direction_are_beyond_noise() -> None:
    app = opened(summary, target="28", universe="published")
    shown = table(app, 0).set_index("Direction")
    assert shown["Rows"].to_dict() == {
        "fixed modality": 14,
        "fixed area": 4,
        "fixed task": 12,
        "modality-area pair": 13,
        "all": 43,
    }
    assert shown.loc["all", ["Published successes", "▲ beyond noise", "? size unknown"]].tolist() == [37, 6, 15]
    assert "24 of 43 rows can be tested, 6 gains are beyond noise" in words(app)
    assert "None of the 36 ways" in words(app)


@pytest.mark.usefixtures("in_phantoms")
def test_which_rows_are_counted_stands_in_the_address() -> None:
    app = opened(summary, target="28", universe="published", evidence="all")
    assert table(app, 0)["Rows"].iloc[-1] == len(composition_rows()) == 122
    assert "detection/segmentation" in set(table(app, 0)["Direction"])
    wrong = opened(summary, target="28", universe="published", evidence="nonsense")
    assert table(wrong, 0)["Rows"].iloc[-1] == 43


@pytest.mark.usefixtures("in_phantoms")
def test_a_predictor_that_cannot_be_computed_says_why() -> None:
    shown = table(opened(summary, target="28", universe="published"), 1).set_index("Predictor")
    for name in ("label overlap", "embedding distance"):
        assert shown.loc[name, ["Rows", "Predicts the gain"]].tolist() == ["0 of 43", "? cannot be said"]
        assert "Collection phantoms holds 0 of the 23 subsets that these rows name" in shown.loc[name, "Missing"]
    overlap = shown.loc["MAT overlap, rule paper"]
    assert overlap["Rows"] == "43 of 43"
    assert overlap["Predicts the gain"] == "○ not shown"


@pytest.mark.usefixtures("in_phantoms")
def test_where_nothing_is_known_a_cell_is_empty() -> None:
    predictors = opened(summary, target="28", universe="published").dataframe[1]
    assert predictors.value["Kendall's tau"].isna().any()
    assert predictors.proto.HasField("placeholder") and predictors.proto.placeholder == ""  # else it reads None


@pytest.mark.usefixtures("in_phantoms")
def test_mat_overlap_follows_the_rule() -> None:
    shown = table(opened(summary, target="28", universe="published", rule="short", merge="1"), 1)
    assert "MAT overlap, rule short, areas merged" in set(shown["Predictor"])


def test_many_tests_are_told_with_what_chance_would_give() -> None:
    assert "0.6 would pass on average; 3 stay when all tests are counted (Holm)" in many_tests_sentence(rows_of("3"))
    assert [len(rows_of(scope)) for scope in ("3", "3-4", "all")] == [43, 52, 122]


@pytest.fixture(scope="module")
def mini_home(medmat_mini: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real sample, some of its pictures with literal vectors."""
    home = tmp_path_factory.mktemp("mini_home")
    import_collection(medmat_mini, "mini", home, paper_facts())
    record = EncoderRecord("literal-0", "literal", "Literal", "r0", 3, "literal numbers")
    random = np.random.default_rng(0)
    with adding_vectors(find_version("mini", home), record) as writer:
        for _, chunk in writer.queue():
            for one in chunk:
                unit = random.normal(size=3).astype(np.float32)
                writer.add([SeenImage(one, f"{one.image_id:064x}"[::-1], "", unit / np.linalg.norm(unit))])
        writer.flush()
    return home


def test_with_subsets_of_the_paper_at_hand_chance_and_likeness_come_from_them(
    use_home: pytest.MonkeyPatch, mini_home: Path
) -> None:
    use_home.setenv("MEDMAT_HOME", str(mini_home))
    catalog = open_catalog("mini", mini_home)
    assert "28" in {subset.number for subset in catalog.subsets()}
    chance = table(opened(evidence, target="28", universe="published"), 0)["Chance"].unique()
    assert len(chance) == 1 and 20 <= chance[0] <= 50
    shown = table(opened(summary, target="28", universe="published"), 1)
    assert list(shown["Predictor"][:2]) == ["label overlap", "embedding distance (Literal)"]
    assert set(shown["Rows"][:2]) == {"1 of 43"}
    assert shown["Missing"].str.startswith("Collection mini holds 6 of the 23 subsets").sum() == 2
    shutil.rmtree(mini_home / "collections" / "mini" / "embeddings")
    without = table(opened(summary, target="28", universe="published"), 1)
    assert "No encoder has looked at this collection yet" in without["Missing"].iloc[1]
