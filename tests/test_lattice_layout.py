"""The picture of a target's Boolean lattice: nothing overlaps, nothing is lost, for every target, rule and width."""

from itertools import combinations, pairwise

import pytest

from medmat_explorer.charts.lattice_content import NODE_ORDER, ChipFace, NodeFace, lattice_nodes, with_fewer_chips
from medmat_explorer.charts.lattice_layout import (
    EDGES,
    GUTTER,
    LAYERS,
    Box,
    Edge,
    LatticeLayout,
    Point,
    chip_width,
    lattice_layout,
    text_width,
)
from medmat_explorer.domain.relation import RULES, SAME_TRIPLE, Relation, Target, find_target, rule_named
from medmat_explorer.domain.triplet import Axis, MatTriplet
from medmat_explorer.paper.facts import subsets

WIDTHS = (340, 700, 1100)
CASES = [(rule, merge) for rule in RULES for merge in (False, True)]


def nodes_of(key: str, rule: str = "paper", merge: bool = False) -> tuple[NodeFace, ...]:
    known = subsets().values()
    return lattice_nodes(find_target(key, known), known, rule_named(rule, merge_areas=merge))


def node(nodes: tuple[NodeFace, ...], relation: Relation) -> NodeFace:
    return next(n for n in nodes if n.relation is relation)


def curve(edge: Edge, steps: int = 24) -> list[Point]:
    """Points along the edge, its two ends left out."""
    a, b, c, d = edge.curve
    (x, y), drop = edge.start, a[1] - edge.start[1]
    found = [(x, y + drop * step / steps) for step in range(1, steps) if drop]
    for step in range(1, steps):
        t = step / steps
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        parts = list(zip(weights, (a, b, c, d), strict=True))
        found.append((sum(w * p[0] for w, p in parts), sum(w * p[1] for w, p in parts)))
    return found


def inside(box: Box, point: Point) -> bool:
    return box.x < point[0] < box.right and box.y < point[1] < box.bottom


def faults(layout: LatticeLayout, numbers: list[str]) -> list[str]:
    """What is wrong with a picture, in words; empty when nothing is."""
    found = []
    chips = list(layout.chips)
    canvas = Box(0, 0, layout.width, layout.height)
    if sorted(chip.number for chip in chips) != sorted(numbers):
        found.append("not every subset exactly once")
    if set(layout.nodes) != set(NODE_ORDER) or len(layout.edges) != 12:
        found.append("not eight nodes and twelve edges")
    pairs = combinations(layout.nodes.items(), 2)
    found += [f"nodes {a}, {b} overlap" for (a, mine), (b, theirs) in pairs if mine.overlaps(theirs)]
    found += [f"node {n} leaves the picture" for n, box in layout.nodes.items() if not canvas.contains(box)]
    found += [f"chip {c.number} leaves its node" for c in chips if not layout.nodes[c.relation].contains(c.box)]
    found += [f"chip {c.number} is too small" for c in chips if c.box.width < 60 or c.box.height < 24]
    found += [f"chips {a.number}, {b.number} overlap" for a, b in combinations(chips, 2) if a.box.overlaps(b.box)]
    for edge in layout.edges:
        points = curve(edge)
        crossed = [n for n, box in layout.nodes.items() if any(inside(box, point) for point in points)]
        found += [f"edge {edge.path} crosses {n}" for n in crossed]
        found += [f"edge {edge.path} leaves the picture"] * any(not 0 <= x <= layout.width for x, _ in points)
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("rule", "merge"), CASES)
def test_nothing_overlaps_or_is_lost_for_any_target(rule: str, merge: bool, width: int) -> None:
    numbers = list(subsets())
    for number in numbers:
        assert not faults(lattice_layout(nodes_of(number, rule, merge), width), numbers), number


@pytest.mark.parametrize("width", range(280, 1500, 60))
def test_nothing_overlaps_at_any_width(width: int) -> None:
    assert not faults(lattice_layout(nodes_of("28"), width), list(subsets()))


@pytest.mark.parametrize("width", WIDTHS)
def test_layers_stand_by_number_of_shared_elements(width: int) -> None:
    boxes = lattice_layout(nodes_of("28"), width).nodes
    for above, below in pairwise(LAYERS):
        assert max(boxes[n].bottom for n in above) < min(boxes[n].y for n in below)


def test_a_wide_picture_has_its_pairs_over_the_single_elements_in_three_columns() -> None:
    boxes = lattice_layout(nodes_of("28"), 1100).nodes
    for pair, single in zip(LAYERS[1], LAYERS[2], strict=True):
        assert (boxes[pair].x, boxes[pair].width) == (boxes[single].x, boxes[single].width)


def test_a_narrow_picture_stacks_its_nodes_beside_the_gutter() -> None:
    layout = lattice_layout(nodes_of("28"), 340)
    boxes = [layout.nodes[n] for n in NODE_ORDER]
    assert {box.x for box in boxes} == {GUTTER}
    assert [box.y for box in boxes] == sorted(box.y for box in boxes)
    assert all(x <= GUTTER for edge in layout.edges for x, _ in edge.curve)


def test_the_edges_are_the_covers_of_the_boolean_lattice() -> None:
    assert len(EDGES) == 12
    assert all(lower in upper and upper.size == lower.size + 1 for upper, lower in EDGES)
    assert {r for edge in EDGES for r in edge} == set(NODE_ORDER)


def test_the_same_input_gives_the_same_picture() -> None:
    assert lattice_layout(nodes_of("28"), 700) == lattice_layout(nodes_of("28"), 700)


def test_a_target_that_is_no_subset_stands_on_top_without_a_number() -> None:
    known = subsets().values()
    nodes = lattice_nodes(Target(MatTriplet("MRI", "Knee", "Level")), known, rule_named("paper"))
    top = node(nodes, SAME_TRIPLE)
    assert top.chips == (ChipFace("", ((Axis.MODALITY, "MRI"), (Axis.AREA, "Knee"), (Axis.TASK, "Level")), True),)
    assert top.count == 0
    layout = lattice_layout(nodes, 700)
    assert not faults(layout, ["", *subsets()])


def test_a_chip_names_only_what_differs_from_the_target() -> None:
    nodes = nodes_of("28", "short")
    pair = node(nodes, Relation.MODALITY | Relation.AREA)
    assert pair.elements == ((Axis.MODALITY, "X-ray"), (Axis.AREA, "Lung"))
    assert pair.chips[0] == ChipFace("30", ((Axis.TASK, "Diseases"),))


def test_a_chip_names_an_element_that_is_shared_under_another_name() -> None:
    shared = node(nodes_of("28", "paper"), Relation.AREA | Relation.TASK)
    assert shared.elements == ((Axis.AREA, "Lung"), (Axis.TASK, "State"))
    assert shared.chips == (
        ChipFace("03", ((Axis.MODALITY, "CT"),)),
        ChipFace("04", ((Axis.MODALITY, "CT"), (Axis.TASK, "Cancer"))),
    )
    merged = node(nodes_of("28", "short", merge=True), Relation.MODALITY | Relation.AREA)
    assert ChipFace("31", ((Axis.AREA, "Chest"), (Axis.TASK, "Diseases"))) in merged.chips


def test_titles_say_what_is_shared() -> None:
    assert [n.title for n in nodes_of("28")] == [
        "all three",
        "modality + area",
        "modality + task",
        "area + task",
        "modality",
        "area",
        "task",
        "none",
    ]


def test_wider_text_makes_a_wider_chip() -> None:
    assert text_width("WM") > text_width("ab") > text_width("il")
    short, long = ChipFace("05", ((Axis.TASK, "Level"),)), ChipFace("05", ((Axis.TASK, "Pneumothorax Det"),))
    assert chip_width(short) < chip_width(long)


def test_a_node_with_too_many_chips_keeps_the_first_and_counts_the_rest() -> None:
    whole = nodes_of("28")
    unrelated = node(whole, Relation.NONE)
    fewer = with_fewer_chips(whole, 5, {"53", "17"})
    short = node(fewer, Relation.NONE)
    assert [chip.number for chip in short.chips] == ["01", "02", "08", "17", "53"]
    assert (short.count, short.left_out) == (unrelated.count, unrelated.count - 5)
    assert node(fewer, Relation.MODALITY | Relation.TASK) == node(whole, Relation.MODALITY | Relation.TASK)
    assert any(chip.is_target for one in fewer for chip in one.chips)
    assert with_fewer_chips(whole, 60, set()) == whole
