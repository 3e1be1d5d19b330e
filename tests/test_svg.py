"""Saved pictures are whole SVG files that say what the screen says, whatever the names in them are."""

import xml.etree.ElementTree as ET

import pytest

from medmat_explorer.charts.lattice_content import lattice_nodes
from medmat_explorer.charts.lattice_layout import text_width
from medmat_explorer.charts.lattice_svg import lattice_svg, shortened
from medmat_explorer.charts.svg import DARK, LIGHT, Svg
from medmat_explorer.domain.relation import find_target, rule_named
from medmat_explorer.paper.facts import subsets

NS = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{NS}text")]


def test_hostile_words_stay_words() -> None:
    words = '<script>alert("1")</script> & \x00\ud800 ]]>'
    svg = Svg(100, 50, words).text(1, 2, words, fill='red" onload="alert(1)').write()
    root = ET.fromstring(svg)
    assert [element.tag for element in root] == [f"{NS}title", f"{NS}rect", f"{NS}text"]
    assert root[2].text == '<script>alert("1")</script> &  ]]>'
    assert set(root[2].attrib) == {"x", "y", "font-size", "text-anchor", "font-weight", "fill"}


def test_every_shape_is_written_with_its_numbers() -> None:
    svg = Svg(100, 50, "shapes").circle(1, 2, 3.5, fill="red").line(0, 0, 9, 9).path("M0 0L1 1", stroke="blue").write()
    circle, line, path = list(ET.fromstring(svg))[2:]
    assert (circle.attrib["cx"], circle.attrib["r"], circle.attrib["fill"]) == ("1", "3.5", "red")
    assert (line.attrib["x2"], line.attrib["stroke"]) == ("9", LIGHT.line)
    assert (path.attrib["d"], path.attrib["stroke"]) == ("M0 0L1 1", "blue")


def test_the_saved_lattice_names_every_subset_once_and_its_counts() -> None:
    known = subsets()
    nodes = lattice_nodes(find_target("28", known.values()), known.values(), rule_named("paper"))
    svg = lattice_svg(nodes, "Lattice of 28", {"28": "images", "30": "questions"})
    written = texts(svg)
    assert sorted(text for text in written if text in known and len(text) == 2) == sorted(
        [*known, *(str(node.count) for node in nodes if str(node.count) in known)]
    )
    assert ET.fromstring(svg).findtext(f"{NS}title") == "Lattice of 28"
    halves = [p for p in ET.fromstring(svg).iter(f"{NS}path") if "A3.5" in p.attrib["d"]]
    assert len(halves) == 2, "subset 30 and the legend"


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_drawn_on_the_paper_of_its_theme(dark: bool) -> None:
    root = ET.fromstring(Svg(10, 10, "x", dark).text(0, 0, "a").write())
    ink = DARK if dark else LIGHT
    assert (root[1].attrib["fill"], root[2].attrib["fill"]) == (ink.paper, ink.text)


@pytest.mark.parametrize("words", ["X-ray", "Multi-label Identification of Retinal Diseases", "www" * 40, ""])
def test_words_are_shortened_to_the_room_there_is(words: str) -> None:
    short = shortened(words, 120)
    assert text_width(short) <= 120
    assert short == words or (short.endswith("…") and words.startswith(short[:-1]))
