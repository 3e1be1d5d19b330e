"""Every published row held against the engine: which rules give it, under which reading, and why not."""

from dataclasses import dataclass, replace

import pytest

from medmat_explorer.charts.figure4_table import arm_lines, arms, count_lines, counts_sentence, figure4_counts
from medmat_explorer.domain.derivation import (
    ALL_RULES,
    DIRECTIONS,
    Reading,
    derive,
    gives,
    printed_target,
    readings,
    rule_title,
    why_not,
)
from medmat_explorer.domain.mat_overlap import mat_overlap
from medmat_explorer.domain.recipes import PAIR_DIRECTION, recipes, triple_recipes
from medmat_explorer.domain.related_counts import RelatedCount, pools, related_counts
from medmat_explorer.domain.relation import RULES, Target, rule_named
from medmat_explorer.domain.triplet import MatTriplet
from medmat_explorer.paper.facts import CompositionRow, composition_rows, datasets, subsets
from medmat_explorer.paper.figure4_counts import PRINTED_COUNTS
from tests import composition_document

KNOWN = subsets()
DERIVED = [(row, derive(row, KNOWN)) for row in composition_rows()]


@dataclass(frozen=True)
class Printed:
    """A printed row of our own."""

    related: tuple[str, ...]
    target: str
    related_labels: str = ""
    target_label: str = ""
    direction: str = "fixed modality"
    fixed_element: str = ""
    alternatives: str = ""


def row(table: str, number: str) -> CompositionRow:
    return next(r for r in composition_rows() if (r.table, r.row) == (table, number))


def target(number: str) -> Target:
    return Target(KNOWN[number].triplet, KNOWN[number])


def listed(one: CompositionRow, rule: str, merged: bool = False) -> bool:
    """Whether the row stands in the whole list of recipes of its target."""
    args = (target(one.target), KNOWN.values(), rule_named(rule, merge_areas=merged))
    found = (*recipes(*args), *triple_recipes(*args))
    return any(set(r.subsets) == set(one.related) and r.direction == one.direction for r in found)


# -- every row -----------------------------------------------------------------------------------------------------


def test_every_row_is_either_given_by_a_rule_or_has_a_reason() -> None:
    assert len(DERIVED) == 122
    for one, derivation in DERIVED:
        assert bool(derivation.as_mapped) != bool(derivation.reason), (one.place, one.row)


def test_what_is_given_stands_in_the_engines_whole_list_and_what_is_not_does_not() -> None:
    for one, derivation in DERIVED:
        for rule in ALL_RULES:
            assert (rule_title(rule) in derivation.as_mapped) == listed(one, rule.name, rule.merge_areas), one


def test_rows_that_no_rule_gives_as_mapped() -> None:
    missing = sorted({(one.place, one.row) for one, derivation in DERIVED if not derivation.as_mapped})
    assert missing == [
        ("3", "37"),
        ("4", "5"),
        ("4", "6"),
        ("4", "7"),
        ("5", "5"),
        ("6", "5"),
        ("7", "7"),
        ("8", "7"),
        ("v2 15", "7"),
        ("v2 5", ""),
        ("v2 6", ""),
        ("v2 9", "7.1"),
        ("v2 9", "7.2"),
        ("v2 9", "7.3"),
    ]


def test_by_the_papers_rule_42_of_the_43_rows_of_table_3_are_given_and_row_37_is_not() -> None:
    table_3 = [(one.row, derivation) for one, derivation in DERIVED if one.table == "3"]
    assert [number for number, derivation in table_3 if "paper" not in derivation.as_mapped] == ["37"]
    assert sum("short" in derivation.as_mapped for _, derivation in table_3) == 26
    assert not any("published" in derivation.as_mapped for _, derivation in table_3)


def test_merging_areas_neither_gives_nor_takes_a_row() -> None:
    for one, derivation in DERIVED:
        assert {name for name in derivation.as_mapped if "merged" not in name} == {
            name.removesuffix(", areas merged") for name in derivation.as_mapped if "merged" in name
        }, one


def test_what_any_rule_gives_the_papers_rule_gives_too() -> None:
    """Rows 2 and 4 of Table 4 as well: there 03 supplies the modality, though by this rule it shares State too."""
    assert all("paper" in derivation.as_mapped for _, derivation in DERIVED if derivation.as_mapped)
    assert why_not(row("4", "2"), KNOWN, RULES["paper"]) == why_not(row("4", "4"), KNOWN, RULES["paper"]) == ""


def test_one_source_of_all_elements_beside_two_of_none_is_no_recipe_of_three() -> None:
    alone = Printed(("04", "01", "08"), "03", direction="three elements, three datasets")
    assert why_not(alone, KNOWN, RULES["paper"]) == (
        "the elements do not come from one source each: 04 shares modality and area and task, 01 shares nothing, "
        "08 shares nothing"
    )


@pytest.mark.parametrize(
    ("table", "number", "reason"),
    [
        ("3", "37", "the target's task reads Quality, the row says Level"),
        ("3", "37", "no source teaches the task Quality: 14 reads Diseases, 19 reads Level"),
        ("4", "5", "the target's task reads COVID (State), the row says Diseases"),
        ("5", "5", "no source teaches the task Diseases: 45 (detection) reads Diseases Det, 11 reads Level"),
        ("", "", "'detection/segmentation' is none of the definition's directions"),
        ("", "", "no source teaches the task Polyp Det: 38 (detection) reads Cancer Det, 13 reads Diseases"),
    ],
)
def test_a_reason_names_the_element_that_is_missing(table: str, number: str, reason: str) -> None:
    assert reason in derive(row(table, number), KNOWN).reason.split("; ")


def test_a_source_without_the_fixed_element_is_named() -> None:
    lung_as_fixed = Printed(
        ("30", "02"), "28", target_label="X-ray, State", direction="fixed area", fixed_element="Lung"
    )
    assert "not every source has the fixed area Lung: 02 reads Kidney" in why_not(lung_as_fixed, KNOWN, RULES["paper"])


def test_row_37_is_given_when_its_target_is_read_otherwise() -> None:
    otherwise = dict(derive(row("3", "37"), KNOWN).otherwise)
    assert set(otherwise) >= {"target 17 as 16", "target 17 as 34", "target as printed, FP/Fundus/Level"}
    assert "paper" in otherwise["target 17 as 16"]


def test_rows_5_to_7_of_table_4_are_given_for_the_target_as_printed() -> None:
    for number in "567":
        derivation = derive(row("4", number), KNOWN)
        assert [words for words, _ in derivation.otherwise] == ["target as printed, X-ray/Lung/Diseases"]


def test_a_rule_of_ones_own_is_held_against_the_rows_too() -> None:
    level = replace(RULES["paper"], name="mine", own_tasks=(("17", "Level"),))
    derivation = derive(row("3", "37"), KNOWN, [level], level)
    assert (derivation.as_mapped, derivation.reason) == (("mine",), "")


# -- readings ------------------------------------------------------------------------------------------------------


def words(one: Printed | CompositionRow) -> list[str]:
    return [reading.words for reading in readings(one, KNOWN)]


def test_alternatives_of_sources_and_target_are_combined() -> None:
    assert words(row("3", "37")) == [
        "",
        "14 as 15",
        "target 17 as 16",
        "14 as 15, target 17 as 16",
        "target 17 as 34",
        "14 as 15, target 17 as 34",
        "target as printed, FP/Fundus/Level",
    ]


def test_a_source_may_be_two_subsets_together_or_named_by_its_label() -> None:
    found = {reading.words: reading.sources for reading in readings(row("3", "17"), KNOWN)}
    assert found["03 as 03+04"] == (("30",), ("03", "04"))
    assert found["03 as 04"] == (("30",), ("04",))
    assert "25 as 25+35, 29 as 37" in words(row("3", "6"))


def test_an_alternative_of_the_target_is_none_of_a_source() -> None:
    assert words(Printed(("17", "28"), "30", alternatives="target 17->16")) == [""]
    assert words(Printed(("14", "19"), "17", alternatives="17->16")) == ["", "target 17 as 16"]
    assert words(Printed(("14", "19"), "17", alternatives="14->15")) == ["", "14 as 15"]


def test_no_reading_trains_on_its_own_target() -> None:
    for one in composition_rows():
        for reading in readings(one, KNOWN):
            number = reading.target.subset.number if reading.target.subset else ""
            assert all(number not in source for source in reading.sources)
    assert words(Printed(("28", "29"), "30", alternatives="28->30")) == [""]


def test_two_subsets_together_are_a_recipe_only_when_each_of_them_is() -> None:
    rule = RULES["paper"]
    together = Reading((("25", "35"), ("29",)), target("27"))
    assert gives(together, "fixed modality", KNOWN, rule)
    assert not gives(replace(together, sources=(("25", "01"), ("29",))), "fixed modality", KNOWN, rule)


def test_remarks_without_an_arrow_and_unknown_numbers_are_no_readings() -> None:
    assert words(Printed(("25", "28"), "26", alternatives="if 03 equals row 16; see text")) == [""]
    assert words(Printed(("25", "28"), "26", alternatives="99->30; 27->29")) == [""]


@pytest.mark.parametrize(
    ("table", "number", "triple"),
    [
        ("3", "1", "CT/Lung/Cancer"),
        ("3", "16", "X-ray/Lung/COVID"),
        ("3", "24", "CT/Lung/State"),
        ("3", "37", "FP/Fundus/Level"),
        ("4", "5", "X-ray/Lung/Diseases"),
    ],
)
def test_the_printed_target_gets_its_fixed_element_back(table: str, number: str, triple: str) -> None:
    assert printed_target(row(table, number)) == MatTriplet.parse(triple)


def test_a_label_that_is_no_triple_is_no_target() -> None:
    assert printed_target(row("", "")) is None


# -- MAT overlap ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "sources", "direction", "rule", "overlap"),
    [
        ("28", ("30", "03"), "fixed area", "paper", 0),  # 30 shares modality and area, 03 area and task
        ("28", ("30", "03"), "fixed area", "published", -1),  # 03 shares the area alone
        ("03", ("04", "28"), "fixed area", "paper", 1),  # 04 is the same coarse triple
        ("08", ("07", "14"), PAIR_DIRECTION, "short", 0),
        ("06", ("03", "22", "21"), "three elements, three datasets", "paper", 1),
        ("39", ("38", "13"), "detection/segmentation", "paper", None),
    ],
)
def test_mat_overlap_is_what_is_shared_beyond_the_need(
    number: str, sources: tuple[str, ...], direction: str, rule: str, overlap: int | None
) -> None:
    assert mat_overlap(target(number), [KNOWN[n] for n in sources], direction, RULES[rule]) == overlap


def test_rows_that_a_rule_gives_share_at_least_what_they_need() -> None:
    for one, derivation in DERIVED:
        if "paper" in derivation.as_mapped:
            overlap = mat_overlap(target(one.target), [KNOWN[n] for n in one.related], one.direction, RULES["paper"])
            assert overlap is not None and overlap >= 0
    assert set(DIRECTIONS) >= {one.direction for one, derivation in DERIVED if derivation.as_mapped}


# -- Figure 4 ------------------------------------------------------------------------------------------------------


def test_no_rule_gives_the_counts_of_figure_4() -> None:
    counts = figure4_counts()
    assert len(counts) == 2 * 6 * 6
    assert not any(count.pair in PRINTED_COUNTS for count in counts)
    assert "None of the 36 ways to count them here gives either" in counts_sentence(counts)


@pytest.mark.parametrize(
    ("number", "pool", "rule", "pair"),
    [
        ("03", "all", "paper", (15, 37)),
        ("28", "all", "paper", (23, 29)),
        ("03", "in distribution", "paper", (8, 16)),
        ("28", "in distribution", "paper", (12, 12)),
        ("03", "in distribution", "short", (3, 21)),
        ("28", "in distribution", "paper, areas merged", (12, 12)),
        ("03", "questions published", "paper", (13, 23)),
    ],
)
def test_counts_of_figure_4_worked_out_by_hand(number: str, pool: str, rule: str, pair: tuple[int, int]) -> None:
    assert next(c.pair for c in figure4_counts() if (c.target, c.pool, c.rule) == (number, pool, rule)) == pair


def test_the_pools_are_those_of_the_release() -> None:
    sizes = {name: len(members) for name, members in pools(KNOWN.values(), datasets()).items()}
    assert sizes == {
        "all": 53,
        "questions published": 37,
        "classification": 37,
        "in distribution": 25,
        "in distribution, one label each": 21,
        "detection and segmentation": 16,
    }


def test_a_count_that_is_printed_would_be_told() -> None:
    fitting = RelatedCount("03", "all", "paper", 13, 11)
    assert "These counts give that: 03 by paper among all." in counts_sentence([fitting])
    assert count_lines([fitting, replace(fitting, target="28", related=1)])[0]["Of the printed numbers"] == (
        "03: both; 28: 11 unrelated, but 1 related"
    )


def test_a_triple_without_a_subset_is_counted_among_all() -> None:
    (count,) = related_counts(
        Target(MatTriplet("PET", "Heart", "Rhythm")), {"all": list(KNOWN.values())}, ALL_RULES[:1]
    )
    assert (count.target, count.pair) == ("PET/Heart/Rhythm", (0, 53))


def test_the_bars_of_figure_4_have_the_size_of_their_targets_test_and_are_weighed_against_unrelated_training() -> None:
    assert {arm.test_size for arm in arms("03")} == {100}
    assert {arm.test_size for arm in arms("28")} == {150}
    lines = {line["Training set"]: line for line in arm_lines("28")}
    assert (lines["all related"]["Gain"], lines["all related"]["Verdict"]) == (13, "▲ beyond noise")
    assert (lines["all data"]["Gain"], lines["all data"]["Verdict"]) == (9, "○ not shown")
    assert lines["baseline"]["Verdict"] == lines["all unrelated"]["Verdict"] == "what is to be beaten"


# -- the document --------------------------------------------------------------------------------------------------


def test_the_document_says_what_the_engine_says() -> None:
    text = composition_document.DOCUMENT.read_text("utf-8")
    for name in composition_document.tables():
        assert f"<!-- table: {name} -->" in text, name
    assert text == composition_document.filled(text), f"run `{composition_document.COMMAND}` and look at the changes"
