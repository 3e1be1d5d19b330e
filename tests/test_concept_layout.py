"""The picture of all concepts: nothing overlaps, edges pass between what is written, few cross, nothing is lost."""

import re
from functools import cache
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from medmat_explorer.charts.concept_content import WIDEST_LABEL, concept_faces, cut, describe, dropped_axis
from medmat_explorer.charts.concept_layout import ConceptLayout, concept_layout
from medmat_explorer.charts.concept_order import Layered, ordered, unordered
from medmat_explorer.charts.concept_shapes import chip_boxes, labels, line_size, ring
from medmat_explorer.charts.concept_svg import concept_svg
from medmat_explorer.charts.lattice_layout import Box, text_width
from medmat_explorer.domain.concepts import ConceptLattice, Context, concept_lattice, context_of, neighbourhood
from medmat_explorer.domain.relation import Target, rule_named
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.paper.facts import subsets
from tests.test_concepts import CASES, contexts, many_subsets, published, subset

WIDE = (980, 1140, 1320, 1500)
NARROW = (620, 680, 740, 840)


@cache
def crowded() -> ConceptLattice:
    """The neighbourhood of a target in a large collection: about as many concepts as are ever drawn."""
    known = many_subsets(900, modalities=9, areas=24, tasks=50)
    return neighbourhood(Target(known[7].triplet, known[7]), known, rule_named("short"), most=300).lattice


def layout_of(lattice: ConceptLattice, width: int) -> ConceptLayout:
    return concept_layout(lattice, concept_faces(lattice), width)


def text_faults(lattice: ConceptLattice, layout: ConceptLayout) -> list[str]:
    """Words and chips that leave the box of their concept, measured anew."""
    found = []
    for face, spot in zip(concept_faces(lattice), layout.spots, strict=True):
        parts = chip_boxes(face, spot.x, spot.y) if face.chips else []
        found += [
            f"{spot.place}: text too long" for t, b in zip(face.texts, parts, strict=False) if text_width(t) > b.width
        ]
        for line in labels(face, spot.x, spot.y):
            parts.append(Box(round(line.x), round(line.y) - 10, int(12 + text_width(line.text)), 12))
        if not face.chips:
            parts.append(Box(spot.x - spot.radius, spot.y - spot.radius, 2 * spot.radius, 2 * spot.radius))
        found += [f"{spot.place}: {part} leaves {spot.box}" for part in parts if not near(spot.box).contains(part)]
        found += [f"{spot.place}: parts overlap" for a, b in combinations(parts, 2) if a.overlaps(b)]
    return found


def near(box: Box) -> Box:
    """The box and a pixel around it, for rounding."""
    return Box(box.x - 1, box.y - 1, box.width + 2, box.height + 2)


def box_faults(lattice: ConceptLattice, layout: ConceptLayout) -> list[str]:
    """Boxes that overlap, stick out or stand in the wrong layer; slants that are not between layers."""
    found = []
    canvas = Box(0, 0, layout.width, layout.height)
    if [spot.place for spot in layout.spots] != list(range(len(lattice.concepts))):
        found.append("not every concept exactly once")
    boxes = [spot.box for spot in layout.spots]
    found += [f"{a} overlaps {b}" for a, b in combinations(boxes, 2) if a.overlaps(b)]
    found += [f"{box} leaves the picture" for box in boxes if not canvas.contains(box)]
    sizes = [len(concept.elements) for concept in lattice.concepts]
    for upper, lower in pairwise(sorted(set(sizes))):
        ends = max(box.bottom for box, size in zip(boxes, sizes, strict=True) if size == upper)
        begins = min(box.y for box, size in zip(boxes, sizes, strict=True) if size == lower)
        found += [f"layer {lower} begins above the end of layer {upper}"] * (begins <= ends)
        slants = {(y1, y2) for edge in layout.edges for _, y1, _, y2 in edge.slants}
        found += [f"slant {s} lies in a layer" for s in slants if s[0] < ends < s[1] or s[0] < begins < s[1]]
    return found


def edge_faults(lattice: ConceptLattice, layout: ConceptLayout) -> list[str]:
    """Edges that do not join their two concepts, or bend away between their pieces."""
    found = []
    wanted = [(upper, lower) for lower, c in enumerate(lattice.concepts) for upper in c.above]
    if sorted((edge.upper, edge.lower) for edge in layout.edges) != sorted(wanted):
        found.append("not every pair of neighbours exactly once")
    for edge in layout.edges:
        upper, lower = layout.spots[edge.upper], layout.spots[edge.lower]
        pieces = edge.uprights()
        ends = (pieces[0][:2], pieces[-1][::2])
        if ends != ((upper.x, upper.box.bottom), (lower.x, lower.box.y)):
            found.append(f"edge {edge.upper}-{edge.lower} does not join them")
        found += [f"edge {edge.upper}-{edge.lower} turns back"] * any(y1 > y2 for _, y1, y2 in pieces)
    return found


def blocked(lattice: ConceptLattice, layout: ConceptLayout) -> list[str]:
    """Discs and chips over which an upright part of an edge runs; the edges to the bottom pass behind everything."""
    solid = []
    for face, spot in zip(concept_faces(lattice), layout.spots, strict=True):
        solid += chip_boxes(face, spot.x, spot.y) if face.chips else []
        if not face.chips:
            solid.append(Box(spot.x - spot.radius, spot.y - spot.radius, 2 * spot.radius, 2 * spot.radius))
    return [
        f"edge {edge.upper}-{edge.lower} over {box}"
        for edge in layout.edges
        if edge.lower != lattice.bottom
        for x, y1, y2 in edge.uprights()
        for box in solid
        if box.x < x < box.right and y1 < box.bottom and box.y < y2
    ]


def crossings_one_by_one(order: Layered) -> int:
    """Every two pieces between the same layers, compared."""
    place = {node: (number, at) for number, layer in enumerate(order.layers) for at, node in enumerate(layer)}
    pieces = [(place[upper], place[lower]) for upper, lower in order.links]
    return sum(a[0][0] == b[0][0] and (a[0][1] - b[0][1]) * (a[1][1] - b[1][1]) < 0 for a, b in combinations(pieces, 2))


def faults(lattice: ConceptLattice, layout: ConceptLayout) -> list[str]:
    return text_faults(lattice, layout) + box_faults(lattice, layout) + edge_faults(lattice, layout)


@pytest.mark.parametrize(("rule", "merge"), CASES)
@pytest.mark.parametrize("width", [*NARROW, *WIDE])
def test_nothing_overlaps_or_is_lost_at_any_width(rule: str, merge: bool, width: int) -> None:
    lattice = published(rule, merge)
    assert faults(lattice, layout_of(lattice, width)) == []


@pytest.mark.parametrize(("rule", "merge"), CASES)
@pytest.mark.parametrize("width", WIDE)
def test_edges_pass_between_discs_and_chips_and_the_picture_keeps_its_width(rule: str, merge: bool, width: int) -> None:
    lattice = published(rule, merge)
    layout = layout_of(lattice, width)
    assert blocked(lattice, layout) == []
    assert layout.width == width
    assert layout.height < 870


@given(contexts())
@settings(max_examples=60, deadline=None)
def test_nothing_overlaps_in_the_picture_of_any_order(context: Context) -> None:
    lattice = concept_lattice(context)
    assert faults(lattice, layout_of(lattice, 760)) == []


def test_a_crowded_neighbourhood_gets_a_wider_picture_in_which_nothing_overlaps() -> None:
    lattice = crowded()
    assert 150 < len(lattice.concepts) <= 300
    layout = layout_of(lattice, 1000)
    assert faults(lattice, layout) == []


@pytest.mark.parametrize(("rule", "merge"), CASES)
def test_few_edges_cross(rule: str, merge: bool) -> None:
    before, after = unordered(published(rule, merge)), ordered(published(rule, merge))
    assert after.crossings() * 5 < before.crossings()
    assert after.crossings() <= {"published": 60, "short": 340, "paper": 300}[rule]
    assert (before.crossings(), after.crossings()) == tuple(map(crossings_one_by_one, (before, after)))


@given(contexts())
@settings(max_examples=60, deadline=None)
def test_ordering_loses_nothing_and_never_adds_crossings(context: Context) -> None:
    lattice = concept_lattice(context)
    before, after = unordered(lattice), ordered(lattice)
    assert [sorted(layer) for layer in after.layers] == [sorted(layer) for layer in before.layers]
    assert after.chains == before.chains
    assert after.crossings() == crossings_one_by_one(after) <= before.crossings()


def test_the_same_concepts_make_the_same_picture() -> None:
    again = concept_lattice(context_of(subsets().values(), rule_named("paper")))
    ordered.cache_clear()
    first = layout_of(published(), 1160)
    ordered.cache_clear()
    assert first == layout_of(again, 1160)


def test_elements_and_subsets_are_written_once_and_discs_count_subsets() -> None:
    faces = concept_faces(published())
    assert sorted(n for face in faces for n in face.chips) == sorted(subsets())
    concepts = published().concepts
    (place,) = (place for place, one in enumerate(concepts) if (Axis.MODALITY, "X-ray") in one.own_elements)
    top, xray = faces[0], faces[place]
    assert (top.count, top.chips, top.lines, top.axes) == (53, (), (), ())
    assert (xray.count, xray.chips, xray.axes) == (15, (), (Axis.MODALITY,))
    assert len({line for face in faces for line in face.lines}) == sum(len(face.lines) for face in faces) == 44


def test_many_subsets_at_one_concept_are_counted_beyond_the_first() -> None:
    face = concept_faces(
        concept_lattice(context_of([subset(n, "CT", "Lung", "Level") for n in range(9)], rule_named("paper")))
    )[0]
    assert (face.chips, face.more, face.texts[-1]) == (("X0000", "X0001", "X0002"), 6, "+6")


def test_a_long_word_is_cut_where_it_no_longer_fits() -> None:
    assert cut("Pneumothorax Det", 60) == "Pneumot…"
    assert cut("Level") == "Level"
    assert all(text_width(cut(s.published_task)) <= WIDEST_LABEL + 9 for s in subsets().values())
    assert line_size("Level") > text_width("Level")


def test_a_concept_is_said_in_words_and_an_edge_knows_what_it_drops() -> None:
    concepts = published().concepts
    assert describe(concepts[0]) == "no element in common"
    assert describe(concepts[-1]) == "all elements at once"
    own = concepts[published().of_subset["28"]]
    assert describe(own) == "X-ray · Lung · State"
    assert {dropped_axis(concepts[upper], own) for upper in own.above} == {"modality", "area", "task"}
    assert dropped_axis(concepts[0], own) == ""


def test_the_ring_of_a_disc_has_an_arc_for_each_axis() -> None:
    faces = concept_faces(published())
    for face in faces:
        arcs = ring(face, 10, 20)
        assert [axis for axis, _ in arcs] == ([axis.value for axis in face.axes] or [""])
        ends = [re.fullmatch(r"M(.+)A(?:\S+ ){5}(\S+ \S+)", d) for _, d in arcs]
        if len(arcs) > 1:
            assert [arc.group(1) for arc in ends if arc] == [arc.group(2) for arc in (ends[-1], *ends[:-1]) if arc]


@pytest.mark.parametrize("dark", [False, True])
def test_the_saved_picture_holds_every_subset_once_and_the_lit_cone(dark: bool) -> None:
    lattice = published()
    lit = lattice.cone(lattice.of_subset["28"])
    root = ElementTree.fromstring(concept_svg(lattice, "All <concepts>", lit=lit, target="28", dark=dark))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for number in subsets():
        assert texts.count(number) >= 1
    assert texts[0] == root.findtext("{http://www.w3.org/2000/svg}title") == "All <concepts>"
    paths = list(root.iter("{http://www.w3.org/2000/svg}path"))
    wide = [path for path in paths if path.get("stroke-width") == "2.2"]
    assert len(wide) == sum(u in lit for p in lit for u in lattice.concepts[p].above) == 13
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) == sum(not c.own_subsets for c in lattice.concepts)
