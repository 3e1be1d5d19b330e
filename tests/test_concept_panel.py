"""All subsets' concepts on the Lattice page: counts, links to the items behind, what is drawn of very many."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.concepts import neighbourhood
from medmat_explorer.domain.relation import Target, rule_named
from medmat_explorer.domain.triplet import Axis
from medmat_explorer.paper.facts import subsets
from medmat_explorer.ui.components.concept_lattice import MOST_LISTED, WIDTHS, ConceptNote, picture_data
from medmat_explorer.ui.components.lattice import ChipNote, ChipState
from medmat_explorer.ui.concept_panel import left_out
from tests.test_concepts import many_subsets, published, subset


def panel() -> None:
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.concept_panel import draw_concepts
    from medmat_explorer.ui.lattice_view import read_view

    draw_concepts(read_view(frame.current_catalog()))


def behind() -> None:
    import streamlit as st

    from medmat_explorer.domain.concepts import concept_lattice, context_of
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.concept_panel import items_behind
    from medmat_explorer.ui.lattice_view import read_view

    view = read_view(frame.current_catalog())
    lattice = concept_lattice(context_of(view.universe.subsets.values(), view.rule))
    notes = items_behind(view, lattice)
    st.session_state["found"] = {c.subsets: notes[place] for place, c in enumerate(lattice.concepts) if place in notes}


def large() -> None:
    from dataclasses import replace

    from medmat_explorer.domain.relation import Target
    from medmat_explorer.ui import frame
    from medmat_explorer.ui.concept_panel import draw_concepts
    from medmat_explorer.ui.lattice_view import Stock, read_view
    from tests.test_concepts import many_subsets

    view = read_view(frame.current_catalog())
    known = {s.number: s for s in many_subsets(400, modalities=20, areas=40, tasks=60)}
    universe = replace(view.universe, subsets=known, stock=dict.fromkeys(known, Stock(items=2)))
    target = next(iter(known.values()))
    draw_concepts(replace(view, universe=universe, target=Target(target.triplet, target), chosen=None))


@pytest.fixture
def in_phantoms(use_home: pytest.MonkeyPatch, phantoms_home: Path) -> None:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))


def opened(script: object = panel, **address: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=60)  # type: ignore[arg-type]
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def line(app: AppTest) -> str:
    return str(app.markdown[0].value).replace("\\", "")


@pytest.mark.usefixtures("in_phantoms")
def test_the_line_counts_concepts_and_names_rule_and_target() -> None:
    app = opened(universe="published", target="28", rule="short", merge="1")
    assert line(app) == (
        "**81 concepts of 53 subsets by the rule short, areas merged** · "
        "lit: what the target 28 X-ray · Lung · COVID can be compared with"
    )
    assert app.expander[0].label == "The same as a table · 81 concepts"
    assert not app.info


@pytest.mark.usefixtures("in_phantoms")
def test_a_triple_of_ones_own_is_named_as_such() -> None:
    app = opened(universe="published", target="MRI/Knee/Level")
    assert line(app).endswith("lit: what is made of the elements of MRI/Knee/Level, which no subset has")


@pytest.mark.usefixtures("in_phantoms")
def test_each_concept_leads_to_the_items_of_its_subsets() -> None:
    found: dict[tuple[str, ...], ConceptNote] = opened(behind, universe="collection").session_state["found"]
    everything = max(found, key=len)
    assert found[everything].items == f"{15 * len(everything)} items"
    assert "subset" not in parse_qs(urlparse(found[everything].href).query)
    pair = next(numbers for numbers in found if len(numbers) == 2)
    address = urlparse(found[pair].href)
    assert (address.path, found[pair].items) == ("browse", "30 items")
    assert tuple(parse_qs(address.query)["subset"]) == pair
    assert opened(behind, universe="published").session_state["found"] == {}  # nothing of Med-MAT is here


@pytest.mark.usefixtures("in_phantoms")
def test_above_300_concepts_the_neighbourhood_is_drawn_and_that_is_said() -> None:
    app = opened(large)
    said = app.info[0].value.replace("\\", "")
    assert said.startswith("All subsets together make ")
    assert "Drawn is the neighbourhood of X0000: the concepts of the " in said
    assert "that share at least 1 element with it" in said
    assert int(line(app)[2:].split(" ")[0]) <= 300


def test_what_is_left_out_is_said_in_one_sentence_or_two() -> None:
    rule = rule_named("short")
    same = [subset(number, "CT", "Lung", f"t{number}") for number in range(1000)]
    only = neighbourhood(Target(same[0].triplet, same[0]), same, rule)
    assert left_out(only, "X0000") == (
        "All subsets together make 1,002 concepts, more than the 300 that are legible. Of all elements only those of "
        "the target X0000 are drawn; every subset is counted."
    )
    mixed = [*many_subsets(400, modalities=20, areas=40, tasks=60)]
    near = neighbourhood(Target(mixed[0].triplet, mixed[0]), mixed, rule)
    assert left_out(near, "X0000").endswith(f"with it. {near.left_out} subsets are left out.")
    fewer = replace(near, axes=(Axis.AREA, Axis.TASK), left_out=1)
    assert left_out(fewer, "X0000").endswith("that share its area or its task. 1 subset is left out.")


def test_the_picture_gets_words_once_and_positions_for_every_width() -> None:
    lattice = published()
    notes = {n: ChipNote(s.title, ChipState.ABSENT) for n, s in subsets().items()}
    data = picture_data(lattice, notes, {3: ConceptNote("browse?x", "7 items")}, {"28": "28 X-ray COVID-19"})
    assert [layout["width"] for layout in data["layouts"]] == list(WIDTHS)
    assert all(len(layout["spots"]) == len(data["nodes"]) == 76 for layout in data["layouts"])
    assert sorted(chip[0] for node in data["nodes"] for chip in node["chips"]) == sorted(subsets())
    assert data["finds"] == [["28", "28 x-ray covid-19", lattice.of_subset["28"]]]
    assert (data["nodes"][3]["href"], data["nodes"][4]["href"]) == ("browse?x", "")
    own = data["nodes"][lattice.of_subset["28"]]
    assert own["elements"] == [["modality", "X-ray"], ["area", "Lung"], ["task", "State"]]
    assert own["label"] == "X-ray · Lung · State: 1 subset, neighbours 3 above, 1 below"
    assert data["notes"]["28"] == {
        "title": subsets()["28"].title,
        "state": "absent",
        "meaning": "not in this collection",
    }


def test_very_many_subsets_of_a_concept_are_not_all_sent() -> None:
    same = [subset(number, "CT", "Lung", "Level") for number in range(MOST_LISTED + 20)]
    lattice = neighbourhood(Target(same[0].triplet, same[0]), same, rule_named("short")).lattice
    notes = {s.number: ChipNote(s.title, ChipState.ABSENT) for s in same}
    node = picture_data(lattice, notes, {}, {})["nodes"][0]
    assert (len(node["subsets"]), node["shared"]) == (MOST_LISTED, "170 subsets")
    assert [chip[1] for chip in node["chips"]][-1] == "+167"
