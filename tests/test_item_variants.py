"""One item's answers side by side: in order, options in their own column wherever they stood."""

from medmat_explorer.evaluation.prompts import rotated
from medmat_explorer.evaluation.run_record import ACROSS, BLANK, MAIN, rotation, wording
from medmat_explorer.ui.item_attention_panel import attention_in_words
from medmat_explorer.ui.item_occlusion_panel import occlusion_in_words
from medmat_explorer.ui.item_variants import in_order, moved, variant_lines
from tests.judged import TEXTS, make_item, sure_of

ITEM = make_item(1, "B")


def test_variants_stand_in_the_order_asked_pictures_rotations_wordings_and_the_last_answer_counts() -> None:
    names = [wording(10), wording(2), rotation(2), ACROSS, MAIN, rotation(1), BLANK]
    answers = [sure_of(ITEM, "A", name) for name in names] + [sure_of(ITEM, "C", MAIN), sure_of(make_item(2), "A")]
    found = in_order(answers, ITEM.key)
    assert [a.variant for a in found] == [
        MAIN, BLANK, ACROSS, rotation(1), rotation(2), wording(2), wording(10),
    ]  # fmt: skip
    assert found[0].letter == "C"


def test_a_choice_that_follows_the_letter_is_seen_to_move_through_the_columns() -> None:
    answers = [sure_of(ITEM, "A")] + [sure_of(rotated(ITEM, by), "A", rotation(by)) for by in (1, 2, 3)]
    lines = variant_lines(answers, TEXTS)
    places = [[cell.chosen for cell in line.cells if cell].index(True) for line in lines]
    assert places == [0, 3, 2, 1]
    assert [[cell.letter for cell in line.cells if cell] for line in lines][1] == ["B", "C", "D", "A"]
    assert set(moved(answers[0], answers[1:]).values()) == {True}


def test_a_choice_that_follows_the_option_stays_in_its_column() -> None:
    answers = [sure_of(ITEM, "B")] + [sure_of(t := rotated(ITEM, by), t.answer_letter, rotation(by)) for by in (1, 2)]
    lines = variant_lines(answers, TEXTS)
    assert [[cell.chosen for cell in line.cells if cell].index(True) for line in lines] == [1, 1, 1]
    assert {line.verdict for line in lines} == {"correct"}
    assert not any(moved(answers[0], answers[1:]).values())


def test_two_options_of_the_same_text_keep_a_column_each() -> None:
    item = make_item(3, "A", texts=("Cyst", "Cyst", "Stone"))
    (line,) = variant_lines([sure_of(item, "B")], ("Cyst", "Cyst", "Stone"))
    assert [(cell.letter, cell.chosen) for cell in line.cells if cell] == [("A", False), ("B", True), ("C", False)]


def test_the_wording_and_the_other_picture_are_named() -> None:
    worded = sure_of(ITEM, "B", wording(2)).model_copy(update={"wording": 2})
    other = sure_of(ITEM, "B", ACROSS).model_copy(update={"shown": make_item(9).key})
    lines = variant_lines([worded, other], TEXTS, ("What is it?", "Which finding is it?"))
    assert lines[0].note == "Which finding is it?"
    assert make_item(9).key in lines[1].note


def test_the_occlusion_map_is_told_in_words_also_where_nothing_is_needed() -> None:
    rows: list[list[float | None]] = [[0.1, None], [0.45, -0.02]]
    words = occlusion_in_words(rows, 0.9, "B: Cyst")
    assert words == (
        "With the whole picture the right option (B: Cyst) has a probability of 90.0%. Of 3 parts hidden one at a "
        "time, row 2, column 1 costs most: 45.0% is left (-45.0 points)."
    )
    assert "none is needed" in occlusion_in_words([[-0.1, 0.0]], 0.9, "B")
    assert occlusion_in_words([[None]], 0.9, "B").endswith("probability of 90.0%.")


def test_the_attention_map_is_told_against_an_even_spread() -> None:
    words = attention_in_words(((0.1, 0.2), (0.6, 0.1)))
    assert "row 2, column 1: 60.0% of all; evenly spread it would be 25.0%" in words
