"""Similar images and the map as pages: what they say before, while and after pictures are encoded."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from medmat_explorer.domain.selection import Selection
from medmat_explorer.errors import BackboneError, UnknownNameError
from medmat_explorer.map_layout import METHOD
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.embedding_map import StoredLayout, draw_pictures
from medmat_explorer.store.embedding_writer import SeenImage, adding_vectors
from medmat_explorer.store.embeddings import EMBED_LOCK, EncoderRecord, open_vectors
from medmat_explorer.store.versions import find_version, folder_lock
from medmat_explorer.ui.query_encoder import vector_of_picture
from medmat_explorer.ui.work_bar import duration
from tests.conftest import ROOT
from tests.test_pages import words

RECORD = EncoderRecord("literal-0", "/no/such/model", "Literal", "r0", 4, "literal numbers", 50.0)
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def base(phantoms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The phantoms' collection in a home of its own, without vectors."""
    home = tmp_path_factory.mktemp("panels")
    shutil.copytree(phantoms_home / "collections", home / "collections")
    return home


@pytest.fixture(scope="module")
def encoded(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with literal vectors: one direction for each of four groups of subsets; five images have none yet."""
    home = tmp_path_factory.mktemp("encoded")
    shutil.copytree(base / "collections", home / "collections")
    catalog = open_catalog("phantoms", home)
    subset_of: dict[int, str] = dict(
        catalog.connection.rows("SELECT image_id, any_value(subset) FROM items GROUP BY image_id")
    )
    noise = np.random.default_rng(0)
    with adding_vectors(find_version("phantoms", home), RECORD) as writer:
        waiting = [one for _, chunk in writer.queue() for one in chunk]
        for one in waiting[:-5]:
            vector = noise.normal(0, 0.05, 4)
            vector[int(subset_of[one.image_id][1:]) % 4] += 1
            unit = (vector / np.linalg.norm(vector)).astype(np.float32)
            writer.add([SeenImage(one, f"{one.image_id:064x}"[::-1], "", unit)])
        writer.flush()
    return home


@pytest.fixture
def open_browse(use_home: pytest.MonkeyPatch) -> Iterator[Open]:
    """Runs Browse over a home at an address."""

    def run(home: Path, **params: str) -> AppTest:
        use_home.setenv("MEDMAT_HOME", str(home))
        app = AppTest.from_file(str(ROOT / "medmat_explorer" / "ui" / "router.py"), default_timeout=60)
        app.switch_page(str(ROOT / "pages" / "browse.py"))
        for name, value in params.items():
            app.query_params[name] = value
        return app.run()

    yield run
    st.cache_resource.clear()


def first_key(home: Path, place: int = 0) -> str:
    return open_catalog("phantoms", home).page(Selection(), place, 1)[0].key


def test_without_vectors_both_offer_to_compute_them(base: Path, open_browse: Open) -> None:
    for params in ({"show": "map"}, {"item": first_key(base)}):
        app = open_browse(base, **params)
        assert not app.exception
        assert "Encode 360 images" in {button.label for button in app.button}
        assert "360 images. How long that takes was never measured here: a trial of 128 tells." in words(app)
        assert "Try 128 first" in {button.label for button in app.button}
        assert "trained on the synthetic pictures only" not in words(app), "these are synthetic"


def test_an_item_shows_its_neighbours_with_counts_interval_and_base_share(encoded: Path, open_browse: Open) -> None:
    app = open_browse(encoded, item=first_key(encoded))
    assert not app.exception
    assert [error.value for error in app.error] == []
    text = words(app)
    assert "Of the item's own kind (95 % interval; share of all items): modality **CT** " in text
    assert "of n = 24 (" in text
    assert "cosine of two vectors by Literal (4 numbers: literal numbers)" in text
    assert "Encode the other 5 images" in {button.label for button in app.button}


def test_show_these_writes_a_set_into_the_address_and_drops_other_filters(encoded: Path, open_browse: Open) -> None:
    app = open_browse(encoded, item=first_key(encoded), modality="CT", q="scan")
    next(button for button in app.button if button.label == "Show these in the gallery").click().run()
    assert set(app.query_params) == {"set"}
    assert "**24 items**" in words(app)


def test_a_picture_without_a_vector_says_so(encoded: Path, open_browse: Open) -> None:
    app = open_browse(encoded, item=first_key(encoded, 359))
    assert "This picture has no vector: not encoded yet." in words(app)


def test_the_map_counts_what_it_draws_and_its_table_says_the_same(encoded: Path, open_browse: Open) -> None:
    app = open_browse(encoded, show="map", colour="subset")
    assert not app.exception
    text = words(app)
    assert "355 of 360 pictures, a seeded draw of those that are encoded" in text
    assert "have the same subset (n = 355, 95 % interval" in text
    table = app.dataframe[0].value
    assert list(table.columns) == ["subset", "pictures asked", "share", "interval", "chance"]
    assert table["pictures asked"].iloc[0] == 355 == table["pictures asked"].iloc[1:].sum()


def test_the_map_follows_the_selection_and_bad_parameters_give_the_default(encoded: Path, open_browse: Open) -> None:
    app = open_browse(encoded, show="map", subset="P05", colour="nonsense", points="7", mapseed="x", layout="y")
    assert not app.exception
    assert "15 of 15 pictures, 340 outside the selection in grey" in words(app)
    assert "the same modality" in words(app)
    lone = open_browse(
        encoded, show="map", q=f'path:"{open_catalog("phantoms", encoded).items([first_key(encoded)])[0].image}"'
    )
    assert not lone.exception
    assert "1 of 1 pictures" in words(lone)


def test_umap_is_offered_shown_when_it_is_known_and_refused_for_few_pictures(encoded: Path, open_browse: Open) -> None:
    pytest.importorskip("umap", reason="the extra `map` is not installed")
    app = open_browse(encoded, show="map", layout="umap")
    assert "Find the places by UMAP" in {button.label for button in app.button}
    assert "UMAP needs at least 16 pictures; here are 15." in words(
        open_browse(encoded, show="map", layout="umap", subset="P05")
    )
    catalog, version = open_catalog("phantoms", encoded), find_version("phantoms", encoded)
    stored = open_vectors(version, RECORD.slug)
    draw = draw_pictures(catalog, stored, Selection(), 3_000, 0)
    layout = StoredLayout.of(stored.folder, METHOD, draw.contents, 0)
    layout.folder()
    np.save(layout.file, np.zeros((len(draw.pictures), 2), dtype=np.float32), allow_pickle=False)
    app = open_browse(encoded, show="map", layout="umap")
    assert not app.exception
    assert "355 of 360 pictures" in words(app)


def test_a_run_of_another_process_is_told_when_one_is_started(encoded: Path, base: Path, open_browse: Open) -> None:
    with folder_lock(find_version("phantoms", base).folder, EMBED_LOCK):
        app = open_browse(base, show="map")
        next(button for button in app.button if button.label == "Try 128 first").click().run()
        deadline = time.monotonic() + 60
        while not app.error and time.monotonic() < deadline:
            time.sleep(0.1)
            app.run()
        assert "Vectors of" in app.error[0].value
        assert "are being computed already" in app.error[0].value


def test_a_model_that_is_gone_or_changed_gets_a_sentence() -> None:
    with pytest.raises(UnknownNameError, match="There is no vision encoder '/no/such/model'"):
        vector_of_picture(b"x", RECORD)
    changed = EncoderRecord("phantom-llava-000000000000", "phantom-llava", "phantom-llava", "r0", 4, "")
    with pytest.raises(BackboneError, match="The weights of phantom-llava have changed since"):
        vector_of_picture(b"x", changed)


def test_times_read_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (0.2, 40, 200, 9_000)] == [
        "1 second",
        "40 seconds",
        "3 minutes",
        "2.5 hours",
    ]
