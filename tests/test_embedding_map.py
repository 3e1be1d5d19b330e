"""The map of pictures: a seeded draw, axes that never flip, honest agreement, places by UMAP, what a lasso returns."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from medmat_explorer.charts.embedding_map import COLOURS, MOST_SVG, MOST_VALUES, REST, MapPoint, map_figure
from medmat_explorer.domain.selection import Selection
from medmat_explorer.evaluation.neighbour_agreement import MOST_ASKED, neighbour_agreement
from medmat_explorer.evaluation.principal_axes import principal_axes
from medmat_explorer.map_layout import METHOD, BackgroundLayout
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.store.embedding_map import StoredLayout, draw_pictures, items_of_contents
from medmat_explorer.store.embedding_writer import SeenImage, adding_vectors
from medmat_explorer.store.embeddings import EncoderRecord, VectorSnapshot, open_vectors
from medmat_explorer.store.versions import find_version
from tests.conftest import ROOT

RECORD = EncoderRecord("by-subset-0", "by-subset", "By subset", "r0", 8, "a direction a subset, and noise")


def unit(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, VectorSnapshot]]:
    """Phantoms with literal vectors: a direction for each modality, some noise; test pictures of MRI have none."""
    from medmat_explorer.default_collection import make_phantoms

    home = tmp_path_factory.mktemp("map_home")
    make_phantoms(home, "phantoms", items=6, seed=0, progress=lambda stage, done, total: None)
    version, catalog = find_version("phantoms", home), open_catalog("phantoms", home)
    of_image = {
        row[0]: row[1:]
        for row in catalog.connection.rows(
            "SELECT image_id, any_value(modality), any_value(split) FROM items JOIN subsets ON number = subset "
            "GROUP BY image_id"
        )
    }
    modalities = sorted({modality for modality, _ in of_image.values()})
    noise = np.random.default_rng(0)
    with adding_vectors(version, RECORD) as writer:
        for _, chunk in writer.queue():
            for one in chunk:
                modality, split = of_image[one.image_id]
                vector = noise.normal(0, 0.05, 8)
                vector[modalities.index(modality) % 8] += 1
                known = (modality, split) != ("MRI", "test")
                sha256 = f"{one.image_id:064x}"[::-1]
                reason, found = ("", unit(vector[None])[0]) if known else ("unreadable", None)
                writer.add([SeenImage(one, sha256, reason, found)])
        writer.flush()
    yield catalog, open_vectors(version, RECORD.slug)
    catalog.close()


Collection = tuple[Catalog, VectorSnapshot]


def test_a_draw_holds_the_selection_and_a_seed_repeats_it(collection: Collection) -> None:
    catalog, vectors = collection
    everything = draw_pictures(catalog, vectors, Selection(), 10_000, 0)
    hidden = catalog.count(Selection.of(modality=["MRI"], split=["test"]))
    assert (everything.images, len(everything.pictures)) == (144, 144 - hidden)
    assert hidden > 0
    ct = draw_pictures(catalog, vectors, Selection.of(modality=["CT"]), 10_000, 0)
    assert {picture.modality for picture in ct.pictures} == {"CT"}
    assert len(ct.pictures) == ct.images == catalog.count(Selection.of(modality=["CT"]))
    few = [draw_pictures(catalog, vectors, Selection(), 20, seed) for seed in (1, 1, 2)]
    assert few[0].contents == few[1].contents != few[2].contents
    assert np.array_equal(few[0].vectors, few[1].vectors)
    assert len(few[0].pictures) <= 20
    for picture, vector in zip(ct.pictures, ct.vectors, strict=True):
        stored, matrix = vectors.of_contents([picture.content])
        assert (stored, matrix[0].tolist()) == ([picture.content], vector.tolist())


def test_what_is_picked_becomes_the_items_of_these_pictures(collection: Collection) -> None:
    catalog, vectors = collection
    draw = draw_pictures(catalog, vectors, Selection.of(subset=["P03"]), 10_000, 0)
    ids = items_of_contents(catalog, vectors, draw.contents)
    assert sorted(ids.tolist()) == sorted(catalog.ids(Selection.of(subset=["P03"])).tolist())
    name = catalog.workspace.keep_set(ids)
    assert catalog.count(Selection.of(set=[name])) == len(ids) == 6


def test_the_two_axes_are_those_of_a_singular_value_decomposition_with_signs_that_never_flip() -> None:
    rows = (np.random.default_rng(0).normal(size=(200, 6)) * [5, 3, 1, 1, 1, 1]).astype(np.float32)
    found = principal_axes(rows)
    centred = rows - rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    assert np.allclose(np.abs(found.axes), np.abs(directions[:2]), atol=1e-4)
    assert np.allclose(found.shares, sizes[:2] ** 2 / (sizes**2).sum(), atol=1e-5)
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in found.axes)
    shuffled = principal_axes(rows[::-1].copy())
    assert np.allclose(found.places(rows), shuffled.places(rows), atol=1e-3)
    alone = principal_axes(rows[:1])
    assert np.allclose(alone.places(rows[:1]), 0, atol=1e-6)


def test_agreement_is_high_where_neighbours_share_a_value_and_chance_where_they_do_not() -> None:
    noise = np.random.default_rng(0)
    values = ["a"] * 300 + ["b"] * 100
    together = np.zeros((400, 8))
    together[:300, 0] = together[300:, 1] = 1
    whole, a, b = neighbour_agreement(unit(together + noise.normal(0, 0.05, (400, 8))), values, 0)
    assert (whole.value, whole.n, whole.share) == ("", 400, 1.0)
    assert whole.chance == pytest.approx((300 * 299 + 100 * 99) / (400 * 399))
    assert [(one.value, one.n, one.share) for one in (a, b)] == [("a", 300, 1.0), ("b", 100, 1.0)]
    whole, _, b = neighbour_agreement(unit(noise.normal(size=(400, 8))), values, 0)
    assert whole.low < whole.chance < whole.high
    assert b.low < b.share < b.high
    assert b.share == pytest.approx(99 / 399, abs=0.06)
    assert neighbour_agreement(together[:2].astype(np.float32), ["a", "a"], 0) == []


def test_no_picture_is_its_own_neighbour_and_many_are_asked_by_a_seeded_draw() -> None:
    rows = unit(np.random.default_rng(3).normal(size=(MOST_ASKED + 200, 5)))
    values = [str(place) for place in range(len(rows))]
    first, again, other = (neighbour_agreement(rows, values, seed) for seed in (1, 1, 2))
    assert (first[0].n, first[0].share, first[0].chance) == (MOST_ASKED, 0.0, 0.0)
    assert first == again
    assert {one.value for one in first} != {one.value for one in other}


def points(count: int, values: int) -> list[MapPoint]:
    return [MapPoint(f"n{i}", i, -i, f"v{i % values}", "label", "<b>detail</b>") for i in range(count)]


def test_values_are_told_apart_by_colour_and_sign_and_the_rest_is_one_group() -> None:
    figure = map_figure(points(100, 20), [(0.0, 0.0)], ("x", "y"))
    others, *traces = figure.data
    assert (others.name, others.hoverinfo, others.customdata) == ("not selected", "skip", None)
    assert len(traces) == MOST_VALUES
    assert traces[-1].name.startswith(f"{REST} (")
    looks = {(trace.marker.color, trace.marker.symbol) for trace in traces}
    assert len(looks) == MOST_VALUES
    assert sum(len(trace.x) for trace in traces) == 100
    names = [row[0] for trace in traces for row in trace.customdata]
    assert sorted(names) == sorted(point.name for point in points(100, 20))


def test_only_large_maps_need_webgl() -> None:
    assert {trace.type for trace in map_figure(points(MOST_SVG, 3), [], ("x", "y")).data} == {"scatter"}
    assert {trace.type for trace in map_figure(points(MOST_SVG, 3), [(0, 0)], ("x", "y")).data} == {"scattergl"}


@pytest.mark.parametrize("background", ["#ffffff", "#11171b"])
def test_colours_stand_out_from_both_backgrounds(background: str) -> None:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colour in COLOURS:
        bright, dim = sorted((light(colour), light(background)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, colour


# -- UMAP --------------------------------------------------------------------------------------------------------------


def wait(layout: BackgroundLayout, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while layout.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not layout.running


def test_umap_finds_the_groups_keeps_the_places_and_a_seed_repeats_them(tmp_path: Path) -> None:
    pytest.importorskip("umap", reason="the extra `map` is not installed")
    noise = np.random.default_rng(0)
    rows = np.zeros((80, 8))
    rows[:40, 0] = rows[40:, 1] = 1
    vectors = unit(rows + noise.normal(0, 0.02, rows.shape))
    contents = [f"c{place}" for place in range(80)]
    stored = StoredLayout.of(tmp_path, METHOD, contents, 5)
    assert stored.read(80) is None
    layout = BackgroundLayout(vectors, stored, 5)
    wait(layout)
    assert layout.error == ""
    places = stored.read(80)
    assert places is not None
    apart = np.linalg.norm(places[:40].mean(axis=0) - places[40:].mean(axis=0))
    assert apart > 2 * np.linalg.norm(places[:40] - places[:40].mean(axis=0), axis=1).mean()
    assert [path.name for path in stored.file.parent.iterdir()] == [stored.file.name], "no scratch is left"
    again = StoredLayout.of(tmp_path / "other", METHOD, contents, 5)
    (tmp_path / "other").mkdir()
    wait(BackgroundLayout(vectors, again, 5))
    assert np.array_equal(np.asarray(again.read(80)), places)
    assert StoredLayout.of(tmp_path, METHOD, contents, 6).file != stored.file
    assert StoredLayout.of(tmp_path, METHOD, contents[::-1], 5).file != stored.file


def test_a_stopped_search_keeps_nothing_and_a_killed_one_says_so(tmp_path: Path) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(60, 8)))
    stored = StoredLayout.of(tmp_path, METHOD, ["c"] * 60, 0)
    layout = BackgroundLayout(vectors, stored, 0)
    layout.stop()
    wait(layout)
    assert (layout.error, stored.read(60)) == ("", None)
    layout = BackgroundLayout(vectors, stored, 0)
    layout._process.kill()
    wait(layout)
    assert layout.error.startswith("The search for places on the map stopped (signal 9, SIGKILL")
    assert list(stored.file.parent.iterdir()) == []


def test_damaged_places_count_as_not_found(tmp_path: Path) -> None:
    stored = StoredLayout.of(tmp_path, METHOD, ["c"], 0)
    stored.folder()
    stored.file.write_bytes(b"\x93NUMPY no more")
    assert stored.read(1) is None
    np.save(stored.file, np.zeros((4, 2), dtype=np.float32), allow_pickle=False)
    assert stored.read(4) is not None
    assert stored.read(5) is None


def test_neither_umap_nor_torch_is_loaded_with_the_panels() -> None:
    code = (
        "import sys; import medmat_explorer.ui.map_panel, medmat_explorer.ui.similar_panel; "
        "print({'torch', 'transformers', 'umap', 'numba'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
