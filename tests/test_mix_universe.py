"""Page and command draw the same mixes: both choose among the same subsets, and the manifest says which."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from medmat_explorer.commands.export_mix import export_mix
from medmat_explorer.commands.relate import _asked
from medmat_explorer.domain.arms import FIGURE_4
from medmat_explorer.domain.facts import Facts
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.paper import facts
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.universe import subset_universes, universe_named, universe_with
from tests.mixed_release import mixed_home, mixed_release, without_a_third

PUBLISHED = Facts(facts.subsets(), facts.datasets())
ARMS = [*(kind.value for kind in FIGURE_4), "own:03+15", "recipe:02+22"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Med-MAT's own subsets, D43 beside them, and a third of the pictures gone."""
    folder = tmp_path_factory.mktemp("medmat")
    without_a_third(mixed_release(folder / "release"))
    return mixed_home(folder, folder / "release", facts=PUBLISHED, search=False)


@pytest.fixture
def mixed(use_home: pytest.MonkeyPatch, home: Path) -> Iterator[Catalog]:
    use_home.setenv("MEDMAT_HOME", str(home))
    catalog = open_catalog("mixed", home)
    yield catalog
    catalog.close()


def keep_drawn() -> None:
    """The mix of the address as the page draws it."""
    from contextlib import closing

    import streamlit as st

    from medmat_explorer.config import settings
    from medmat_explorer.store.collections import open_catalog
    from medmat_explorer.ui.lattice_view import read_view
    from medmat_explorer.ui.mix_panel import _drawn
    from medmat_explorer.ui.mix_view import read_mix

    with closing(open_catalog("mixed", settings().home)) as catalog:
        drawn = _drawn(catalog, read_mix(read_view(catalog), catalog))
    st.session_state["ids"] = sorted(drawn.ids.tolist())


def ids_on_the_page(**address: str) -> list[int]:
    app = AppTest.from_function(keep_drawn, default_timeout=30)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    found: list[int] = app.session_state["ids"]
    return found


def exported(out: Path, **given: Any) -> tuple[list[int], dict[str, Any]]:
    """Ids and manifest of what the command writes."""
    export_mix("mixed", out=out, form="jsonl", json=True, **given)
    lines = (out / "train.jsonl").read_text("utf-8").splitlines()
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))
    return sorted(int(json.loads(line)["id"], 16) for line in lines), manifest


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize("arm", ARMS)
def test_page_and_command_draw_the_same_items(arm: str, tmp_path: Path) -> None:
    target = "22" if arm.startswith("own") else "CT/Brain/Diseases" if arm.startswith("recipe") else "02"
    shown = ids_on_the_page(target=target, arm=arm)
    written, manifest = exported(tmp_path / "out", target=target, arm=arm)
    assert shown == written and written
    assert manifest["mix"]["universe"]["name"] == "published"
    assert manifest["mix"]["universe"]["subsets"] == list(facts.subsets())


@pytest.mark.usefixtures("mixed")
def test_pictures_and_universe_mean_the_same_on_both(tmp_path: Path) -> None:
    shown = ids_on_the_page(target="02", arm="all", pictures="1")
    written, manifest = exported(tmp_path / "pictures", target="02", arm="all", images=True)
    assert shown == written and manifest["removed"]["no-picture"] and not manifest["left_out"]
    shown = ids_on_the_page(target="02", arm="all", universe="collection")
    written, manifest = exported(tmp_path / "collection", target="02", arm="all", universe="collection")
    assert shown == written and "D43" in manifest["subsets"]
    assert manifest["mix"]["universe"] == {"name": "collection", "subsets": ["02", "03", "15", "18", "22", "D43"]}


def test_a_target_that_only_the_collection_has_is_looked_at_there(mixed: Catalog, tmp_path: Path) -> None:
    shown = ids_on_the_page(target="D43", arm="all")
    written, manifest = exported(tmp_path / "out", target="D43", arm="all")
    assert shown == written and manifest["mix"]["universe"]["name"] == "collection"
    asked = _asked("D43", "paper", False, "mixed")
    assert list(asked.subsets) == manifest["mix"]["universe"]["subsets"]
    assert list(_asked("02", "paper", False, "mixed").subsets) == list(facts.subsets())
    universes = subset_universes(mixed, facts.subsets())
    assert [one.name for one in universes] == ["published", "collection"]
    assert universe_with(universes, "d43").name == universe_named(universes, "collection").name
    with pytest.raises(UnknownNameError, match="There is no universe of subsets 'own'"):
        universe_named(universes, "own")
