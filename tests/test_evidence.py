"""What printed gains are worth: counts, intervals, verdicts, summaries, predictors."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pytest
from scipy.stats import kendalltau

from medmat_explorer.charts.forest import forest_chart, forest_in_words, forest_lines
from medmat_explorer.charts.forest_svg import NAMES, NUMBERS, WIDTH, forest_svg, gain_scale
from medmat_explorer.charts.lattice_layout import text_width
from medmat_explorer.charts.published import evidence_of, gains, interval, rows_on, verdict_words, weighed, where
from medmat_explorer.evaluation.composition_evidence import (
    Association,
    WeighedRow,
    association,
    by_direction,
    kendall,
    many_tests,
)
from medmat_explorer.evaluation.evidence import Evidence, Verdict, count_of, difference, fits, judge
from medmat_explorer.evaluation.statistics import wilson
from medmat_explorer.paper.facts import CompositionRow, composition_rows

TABLE_3 = [row for row in composition_rows() if row.table == "3"]


@dataclass(frozen=True)
class Printed:
    """A printed row of our own."""

    trained: float | None
    baseline: float | None
    baseline_plus: float | None = None
    test_size: int | None = None
    gain: float = 0.0


def row(table: str, number: str) -> CompositionRow:
    return next(r for r in composition_rows() if (r.table, r.row) == (table, number))


# -- one row -------------------------------------------------------------------------------------------------------


def test_exactly_six_rows_of_table_3_are_beyond_noise_among_those_with_known_size() -> None:
    verdicts = {r.row: judge(r).verdict for r in TABLE_3}
    known = [number for number, verdict in verdicts.items() if verdict is not Verdict.SIZE_UNKNOWN]
    assert len(known) == 24
    beyond = [number for number, verdict in verdicts.items() if verdict is Verdict.BEYOND_NOISE]
    assert beyond == ["15", "16", "17", "24", "25", "26"]


def test_a_row_is_weighed_against_the_better_baseline() -> None:
    found = judge(row("3", "25"))  # 81 against 47 and 50, of 100
    assert (found.best_baseline, found.gain_over_best) == (50, 31)
    assert found.z == pytest.approx(0.31 / sqrt(0.655 * 0.345 * 2 / 100))
    assert found.trained_interval == pytest.approx([100 * end for end in wilson(81, 100)])
    assert found.baseline_interval == pytest.approx([100 * end for end in wilson(50, 100)])
    assert found.low is not None and found.high is not None
    assert 0 < found.low < 31 < found.high


def test_the_interval_of_a_gain_is_newcombes() -> None:
    """Method 10 of Newcombe (1998), written out: the Wilson limits of the two shares, put together."""
    p, q = 0.72, 0.47
    (p_low, p_high), (q_low, q_high) = wilson(72, 100), wilson(47, 100)
    low = p - q - sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = p - q + sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    assert difference(72, 47, 100)[:2] == pytest.approx((100 * low, 100 * high))
    assert judge(row("3", "15")).low == pytest.approx(100 * low)


def test_interval_and_test_agree_on_every_published_row() -> None:
    for one in composition_rows():
        found = judge(one)
        assert (found.low is None) == (found.z is None) == (found.verdict is Verdict.SIZE_UNKNOWN)
        if found.low is not None:
            assert (found.low > 0) == (found.verdict is Verdict.BEYOND_NOISE), where(one)


def test_a_doubtful_half_never_makes_a_gain() -> None:
    assert count_of(49, 150) == 73  # 73 and 74 of 150 are both printed as 49 %
    assert count_of(49, 150, half_up=True) == 74
    assert count_of(47.33, 150) == count_of(47.33, 150, half_up=True) == 71
    even = judge(Printed(49, 49, test_size=150))
    assert even.z is not None and even.z < 0


def test_a_percentage_that_no_count_gives_is_named() -> None:
    assert fits(43.28, 67) and fits(37, 67) and fits(49, 150) and fits(31.5, 200)
    assert not fits(41, 67)  # 27 of 67 is 40.3, 28 is 41.8
    assert not fits(43.3, 33)
    assert [r.row for r in TABLE_3 if judge(r).misfit] == ["11"]
    assert judge(row("3", "11")).misfit == (41,)


def test_without_a_size_nothing_is_tested_and_the_printed_gain_is_kept() -> None:
    assert judge(Printed(60, 33, 50)) == Evidence(
        None, None, 50, 10, None, None, None, None, Verdict.SIZE_UNKNOWN, against_plus=True
    )
    gain_only = judge(Printed(None, None, gain=15.0))
    assert (gain_only.gain_over_best, gain_only.best_baseline, gain_only.verdict) == (15, None, Verdict.SIZE_UNKNOWN)


def test_a_loss_is_no_gain_however_clear() -> None:
    assert judge(Printed(10, 60, test_size=200)).verdict is Verdict.NOT_SHOWN


def test_everything_right_twice_is_no_gain_and_no_error() -> None:
    found = judge(Printed(100, 100, test_size=50))
    assert (found.z, found.verdict) == (0, Verdict.NOT_SHOWN)


def test_a_verdict_says_when_only_the_untrained_model_is_beaten() -> None:
    assert verdict_words(judge(row("3", "16"))) == "▲ beyond noise"
    assert verdict_words(judge(row("4", "5"))) == "▲ beyond noise (Baseline only)"
    assert verdict_words(judge(row("3", "1"))) == "○ not shown"
    assert verdict_words(judge(row("3", "3"))) == "? size unknown"


def test_chance_is_what_the_paper_tells_else_what_was_counted() -> None:
    assert evidence_of(row("3", "3"), 25.0).chance == 50
    assert evidence_of(row("3", "16"), 25.0).chance == 25
    assert evidence_of(row("3", "16")).chance is None


def test_the_interval_of_a_printed_percentage_is_wilsons() -> None:
    assert interval(49.0, 150) == "41 to 57"
    assert interval(100.0, 33) == "90 to 100"
    assert interval(49.0, None) == interval(None, 150) == ""


def test_a_row_says_where_it_stands_and_what_it_gained() -> None:
    sixteen, twenty_seven = row("3", "16"), row("3", "27")
    assert where(sixteen) == "Table 3 row 16"
    assert gains([]) == ""
    assert gains([sixteen]) == "+19, Table 3 row 16"
    assert gains([sixteen, twenty_seven]) == "2 rows, -2 to +19"
    assert where(row("", "3.1")) == "v2 Table 9 row 3.1"
    assert where(row("", "")) == "v2 Table 5"


# -- all rows ------------------------------------------------------------------------------------------------------


def test_the_summary_by_direction_counts_rows_successes_and_verdicts() -> None:
    found = [(s.direction, s.rows, s.successes, s.beyond_noise, s.size_unknown) for s in by_direction(weighed(TABLE_3))]
    assert found == [
        ("fixed modality", 14, 13, 0, 2),
        ("fixed area", 4, 3, 3, 0),
        ("fixed task", 12, 10, 3, 4),
        ("modality-area pair", 13, 11, 0, 9),
        ("all", 43, 37, 6, 15),
    ]
    assert by_direction([]) == ()


def test_fourteen_published_successes_gain_five_points_or_fewer() -> None:
    total = by_direction(weighed(TABLE_3))[-1]
    assert (total.small, total.successes) == (14, 37)
    assert total.beyond_noise + total.not_shown + total.size_unknown == total.successes


def test_repeats_have_no_second_baseline_to_beat() -> None:
    repeats = [r for r in composition_rows() if r.table_v2 == "9"]
    total = by_direction(weighed(repeats))[-1]
    assert total.beyond_noise == total.without_plus > 0


def test_many_tests_are_counted() -> None:
    tests = many_tests(weighed(TABLE_3))
    assert (tests.tested, tests.passed) == (24, 6)
    assert tests.by_chance == pytest.approx(0.6)
    assert tests.after_holm == 3  # p of 25, 15 and 16 lie below 0.05 / 24, 0.05 / 23 and 0.05 / 22; that of 26 does not
    assert many_tests([]).after_holm == 0


def test_the_rows_are_told_apart() -> None:
    assert len({one.key for one in weighed(composition_rows())}) == len(composition_rows()) == 122


# -- predictors ----------------------------------------------------------------------------------------------------


def made(gains: list[float], targets: list[str]) -> list[WeighedRow]:
    """Rows with these gains over the better baseline, keyed by their place."""
    return [
        WeighedRow(place, "fixed area", target, gain > 0, judge(Printed(50 + gain, 50)))
        for place, (gain, target) in enumerate(zip(gains, targets, strict=True))
    ]


@pytest.mark.parametrize("seed", range(5))
def test_tau_is_scipys_with_ties(seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = random.integers(0, 4, 30).astype(float), random.integers(0, 6, 30).astype(float)
    assert kendall(x, y) == pytest.approx(kendalltau(x, y).statistic)
    assert kendall(np.ones(5), y[:5]) is None


def test_a_predictor_that_orders_all_gains_is_shown_in_either_direction() -> None:
    rows = made([float(n) for n in range(12)], [f"{n % 6:02d}" for n in range(12)])
    up = association("likeness", {n: float(n) for n in range(12)}, rows)
    assert (up.tau, up.shown, up.rows, up.targets, up.missing) == (1, True, 12, 6, 0)
    assert (up.low, up.high, up.least, up.most) == (1, 1, (1, "00"), (1, "05"))
    down = association("distance", {n: -float(n) for n in range(12)}, rows)
    assert (down.tau, down.shown) == (-1, True)


def test_what_one_target_alone_says_is_not_shown() -> None:
    """Ten rows of one target carry the order; the others have none. Rows as witnesses would be sure of it."""
    gains = [float(n) for n in range(10)] + [5.0, 4.0, 5.0, 4.0]
    targets = ["28"] * 10 + ["03", "03", "04", "05"]
    values: dict[object, float | None] = {n: float(n) for n in range(10)}
    values |= {10: 4.0, 11: 5.0, 12: 5.0, 13: 5.5}
    found = association("likeness", values, made(gains, targets))
    assert found.tau is not None and found.tau > 0.5
    assert found.least is not None and found.least[1] == "28"
    assert not found.shown


def test_a_predictor_that_varies_through_one_target_alone_is_not_shown() -> None:
    """Without that target nothing varies, nor in the draws that miss it: neither may be passed over in silence."""
    rows = made([20.0, 20.0, 1.0, 2.0, 3.0, 4.0, 1.0, 3.0, 2.0, 4.0], [t for t in "ABCDE" for _ in range(2)])
    found = association("likeness", {n: float(n < 2) for n in range(10)}, rows)
    assert found.tau is not None and found.tau > 0.5
    assert (found.least, found.low) == ((0.0, "A"), 0.0)
    assert not found.shown


def test_rows_repeated_within_their_targets_make_nothing_surer() -> None:
    random = np.random.default_rng(2)
    gains, likeness = list(random.normal(size=9)), list(random.normal(size=9))
    once = association("x", dict(enumerate(likeness)), made(gains, [f"{n:02d}" for n in range(9)]))
    thrice = association("x", dict(enumerate(likeness * 3)), made(gains * 3, [f"{n:02d}" for n in range(9)] * 3))
    assert (thrice.rows, thrice.targets) == (27, 9)
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))
    assert thrice.tau == pytest.approx(once.tau)


def test_a_seed_gives_the_same_interval_and_another_seed_nearly_the_same() -> None:
    random = np.random.default_rng(1)
    rows = made(list(random.normal(size=40)), [f"{n % 12:02d}" for n in range(40)])
    values: dict[object, float | None] = dict(enumerate(random.normal(size=40)))
    first, again, other = (association("x", values, rows, seed=seed) for seed in (0, 0, 1))
    assert first == again != other
    assert first.low is not None and other.low is not None and abs(first.low - other.low) < 0.1


def test_rows_without_a_value_are_counted_as_missing_and_too_few_say_nothing() -> None:
    rows = made([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], ["01", "02", "03", "01", "02", "03"])
    values: dict[object, float | None] = {0: 1.0, 1: None, 2: 3.0, 3: 2.0}
    assert association("x", values, rows) == Association("x", rows=3, targets=2, missing=3)
    constant = association("x", dict.fromkeys(range(6), 1.0), rows)
    assert (constant.rows, constant.tau, constant.shown) == (6, None, False)


# -- the picture ---------------------------------------------------------------------------------------------------


def test_the_forest_has_a_line_for_every_row_told_apart_by_name_with_the_verdict_as_a_sign() -> None:
    for rows in (rows_on("28"), rows_on("39"), composition_rows()):
        lines = forest_lines(rows)
        assert len({line.name for line in lines}) == len(lines) == len(rows)
        assert all(line.name[0] in "▲○?" for line in lines)
    assert [line.low is None for line in forest_lines(rows_on("39"))] == [True] * 3


def test_the_forest_draws_intervals_only_where_the_size_is_known_and_says_so_in_words() -> None:
    lines = forest_lines(rows_on("05"))
    drawn = forest_chart(lines).to_dict()
    assert len(drawn["layer"]) == 3
    assert {line.verdict for line in lines} == {"size unknown"}
    assert "4 size unknown" in forest_in_words(lines)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("rows", [rows_on("28"), rows_on("05"), composition_rows()], ids=["28", "05", "all"])
def test_the_saved_forest_says_every_verdict_in_words_and_nothing_in_it_overlaps(
    rows: tuple[CompositionRow, ...],
) -> None:
    lines, root = forest_lines(rows), ET.fromstring(forest_svg(forest_lines(rows), "Gains"))
    written = [(e.text or "", float(e.attrib["x"]), e.attrib["text-anchor"]) for e in root.iter(f"{SVG}text")]
    verdicts = [text for text, x, _ in written if x == WIDTH - NUMBERS + 14]
    assert [text.rsplit(", ", 1)[1] for text in verdicts] == [line.verdict for line in lines]
    assert all(x + text_width(text) <= WIDTH for text, x, anchor in written if anchor == "start")
    assert all(text_width(text) <= x for text, x, anchor in written if anchor == "end")
    scale = gain_scale(lines)
    ends = [end for line in lines for end in (line.gain, line.low, line.high) if end is not None]
    assert all(NAMES <= scale.x(end) <= WIDTH - NUMBERS for end in ends)
    assert 0 in scale.ticks and len(scale.ticks) <= 12
