"""The paper's tables on the Results page: filters, shared combinations, subsets, and how tables are taken along."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from medmat_explorer.charts.latex_table import latex_table
from medmat_explorer.charts.own_results import OwnResult, own_lines
from medmat_explorer.charts.shared_rows import shared_lines, summary_lines
from medmat_explorer.charts.subset_accuracy import accuracy_lines, subset_chart, subset_lines
from medmat_explorer.charts.table_svg import table_svg
from medmat_explorer.evaluation.shared_rows import backbone_summaries, shared_rows
from medmat_explorer.evaluation.statistics import Score
from medmat_explorer.paper.facts import composition_rows, subset_accuracies, subsets
from medmat_explorer.paper.row_filter import TABLES, RowFilter, wanted_rows
from medmat_explorer.ui.results_backbones import GROUPS, shared_of
from medmat_explorer.ui.results_subsets import sentence


def wanted(**chosen: str) -> list[str]:
    """Places of the rows that fit."""
    only = RowFilter(**{name: frozenset({value}) for name, value in chosen.items()})
    return [f"{row.place}.{row.row}" for row in wanted_rows(composition_rows(), only, subsets())]


def test_every_printed_row_stands_in_a_table_that_can_be_chosen() -> None:
    assert {row.place for row in composition_rows()} == set(TABLES)
    assert sum(len(wanted(tables=place)) for place in TABLES) == len(composition_rows()) == 122
    assert len(wanted(tables="3")) == 43


def test_rows_are_found_by_what_they_are_about() -> None:
    assert wanted(tables="3", targets="28") == ["3.16", "3.17", "3.27", "3.28", "3.29", "3.30"]
    assert wanted(tables="7", directions="fixed area") == ["7.3", "7.4"]
    assert all(row.startswith("8.") for row in wanted(backbones="Llama-3.2-11B-Vision-Instruct"))
    assert wanted(targets="28", directions="no such direction") == []
    ct = wanted(tables="3", elements="CT")
    assert "3.1" in ct and "3.28" not in ct


def test_combinations_that_backbones_share_are_put_side_by_side() -> None:
    shared = {row.target + "<" + "+".join(row.sources): row for row in shared_of("accuracy")}
    assert len(shared) == 7
    gains = {found.backbone: found for found in shared["30<28+27"].gains}
    assert {name: found.gain for name, found in gains.items()} == {
        "LLaVA-v1.5-7B": 3.0,
        "Qwen2-VL-7B-Instruct": 11.0,
        "Llama-3.2-11B-Vision-Instruct": 11.0,
        "HuatuoGPT-Vision": 15.0,
    }
    assert gains["LLaVA-v1.5-7B"].rows == 4
    assert [found.gain for found in shared["04<06+28"].gains if found.backbone.startswith("Llama")] == [-2]
    assert shared["04<06+28"].helped == 3


def test_detection_backbones_and_overlaps_are_told_apart() -> None:
    assert len(shared_of("grounding")) == 8
    assert {len(row.gains) for row in shared_of("grounding")} == {2}
    assert {row.target for row in shared_of("overlap")} == {"38", "39"}
    assert set(GROUPS) == {"accuracy", "grounding", "overlap"}


def test_a_backbone_is_summed_up_by_a_sign_test() -> None:
    found = {one.backbone: one for one in backbone_summaries(shared_of("accuracy"))}
    qwen = found["Qwen2-VL-7B-Instruct"]
    assert (qwen.combinations, qwen.helped, qwen.harmed) == (7, 6, 1)
    assert qwen.p == pytest.approx(2 * 8 / 2**7)  # 6 or more heads, or 6 or more tails, of 7 throws
    assert found["HuatuoGPT-Vision"].harmed == 0
    assert summary_lines([qwen])[0]["Sign test p"] == 0.125


def test_a_combination_of_one_backbone_is_not_shared() -> None:
    alone = [row for row in composition_rows() if row.place == "4"]
    assert shared_rows(alone) == ()
    assert backbone_summaries(()) == ()


def test_the_table_of_shared_combinations_tells_how_many_rows_stand_behind_a_mean() -> None:
    lines = {line["Target"][:2]: line for line in shared_lines(shared_of("accuracy"), subsets())}
    assert lines["27"]["LLaVA-v1.5-7B"] == "+6.4 (4 rows, +6.0 to +7.5)"
    assert lines["27"]["HuatuoGPT-Vision"] == "+6.1"
    assert lines["04"]["Helped"] == "3 of 4 backbones"


def test_subsets_stand_in_the_order_of_tables_1_and_2_with_their_differences() -> None:
    lines = subset_lines(subset_accuracies())
    assert [sum(line.distribution == name for line in lines) for name in ("in", "out")] == [25, 12]
    assert all((line.single is None) == (line.distribution == "out") for line in lines)
    first = next(line for line in accuracy_lines(lines, subsets()) if line["Subset"].startswith("03"))
    assert first["Multi minus baseline"] == first["Multi-task"] - first["Baseline"]
    assert first["n"] == 100 and first["95 % of multi-task"]
    out = [line for line in lines if line.distribution == "out"]
    assert re.search(r"above no training on \d+ of 12 ", sentence(out))
    assert "training alone" not in sentence(out)


def test_a_run_of_ones_own_stands_beside_the_papers_baseline_with_its_own_interval() -> None:
    found = [
        OwnResult("run-a", "mine", "03", Score(30, 100, 0, 0.5, 0.5)),
        OwnResult("run-b", "other", "03", Score(3, 6, 0, 0.5, 0.5)),
        OwnResult("run-c", "third", "44", Score(3, 6, 1, 0.25, 0.5)),
    ]
    lines = own_lines(found, subset_accuracies(), subsets())
    assert [line["Against baseline"] for line in lines] == ["▼ below", "○ not told apart", "? none printed"]
    assert lines[0]["95 % interval"] == "21.9 to 39.6"
    assert (lines[0]["Accuracy"], lines[0]["n"], lines[0]["Paper's baseline"]) == (30.0, 100, 47)
    drawn = subset_chart(subset_lines(subset_accuracies()), subsets(), found).to_dict()
    assert len(drawn["layer"]) == 4
    assert len(subset_chart(subset_lines(subset_accuracies()), subsets()).to_dict()["layer"]) == 2


ROWS: list[dict[str, Any]] = [
    {"Subset": "30 X-ray · Lung · TB_a", "p": 0.0312, "n": 100, "Verdict": "▲ beyond noise"},
    {"Subset": r"100 % {of} \all #1", "p": None, "n": 7, "Verdict": "○ <not> & shown"},
]


def test_latex_escapes_what_it_would_run_and_sets_numbers_right() -> None:
    text = latex_table(ROWS, "Gains & more", hidden=["n"])
    assert r"\begin{tabular}{lrl}" in text
    assert r"30 X-ray $\cdot$ Lung $\cdot$ TB\_a & 0.0312 & $\blacktriangle$ beyond noise \\" in text
    assert r"100 \% \{of\} \textbackslash{}all \#1 &  & $\circ$ \textless{}not\textgreater{} \& shown \\" in text
    assert r"\caption{Gains \& more}" in text
    with pytest.raises(ValueError, match="at least one row"):
        latex_table([], "Nothing")


def test_a_tables_picture_holds_every_cell_inside_its_frame() -> None:
    root = ET.fromstring(table_svg(ROWS, "Gains", hidden=["n"]))
    texts = [element for element in root.iter() if element.tag.endswith("text")]
    words = [element.text or "" for element in texts]
    assert {"Gains", "Subset", "Verdict", "0.0312", "○ <not> & shown"} <= set(words)
    assert "n" not in words
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in texts:
        x, long = float(element.attrib["x"]), 6 * len(element.text or "")
        left = x - long if element.attrib["text-anchor"] == "end" else x
        assert left >= 0 and left + long <= width and float(element.attrib["y"]) < height
