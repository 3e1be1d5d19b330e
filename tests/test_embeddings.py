"""Vectors of a collection: made once for each content, kept when killed, taken up again, found by likeness."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medmat_explorer.backbones.contract import LoadOptions
from medmat_explorer.backbones.encoder_ref import BUNDLED, resolve_encoder
from medmat_explorer.domain.selection import Selection
from medmat_explorer.embedding_job import BackgroundEmbedding, EmbeddingReport, embed_collection, estimated_seconds
from medmat_explorer.errors import CollectionError, UnknownNameError
from medmat_explorer.store import embedding_writer
from medmat_explorer.store.collections import delete_collection, open_catalog
from medmat_explorer.store.embedding_writer import SeenImage, VectorWriter, adding_vectors
from medmat_explorer.store.embeddings import (
    EMBED_LOCK,
    EncoderRecord,
    VectorSnapshot,
    encoder_records,
    known_rate,
    open_vectors,
    stored_files,
)
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.similar import picture_vector, similar_items
from medmat_explorer.store.versions import find_version, folder_lock
from tests.command_line import json_of
from tests.conftest import ROOT
from tests.release_folder import SUBSET_02, record, run_import, write

CPU = LoadOptions(device="cpu", threads=1)
RECORD = EncoderRecord("tiny-0", "tiny", "Tiny", "r0", 3, "literal numbers")
UP, DOWN, EAST = (np.array(v, dtype=np.float32) for v in ([0, 0, 1], [0, 0, -1], [1, 0, 0]))


def silent(stage: str, done: int, total: int) -> None:
    """Nobody looks."""


@pytest.fixture
def release(tmp_path: Path, home: Path) -> Path:
    """Five items with five images: three of their own, one that is a copy of the first, one that is broken."""
    root = write(
        tmp_path / "release",
        **{SUBSET_02: [record(i, image=f"med-mat/{i}.png") for i in range(5)], "med-mat/4.png": "not a picture"},
    )
    for number in range(3):
        Image.linear_gradient("L").rotate(90 * number).save(root / "med-mat" / f"{number}.png")
    shutil.copy(root / "med-mat" / "0.png", root / "med-mat" / "3.png")
    run_import(root, home, test_share=0.0)
    return root


def stored(home: Path, slug: str = RECORD.slug) -> VectorSnapshot:
    return open_vectors(find_version("test", home), slug)


def queue_of(writer: VectorWriter) -> list[str]:
    return [one.image for _, chunk in writer.queue() for one in chunk]


def fill(home: Path, reasons: dict[str, str] | None = None) -> None:
    """Gives every image that needs one a literal vector: up, down and east in turn of the image's name."""
    with adding_vectors(find_version("test", home), RECORD) as writer:
        for _, chunk in writer.queue():
            for one in chunk:
                reason = (reasons or {}).get(one.image, "")
                vector = None if reason else (UP, DOWN, EAST)[int(Path(one.image).stem) % 3]
                writer.add([SeenImage(one, f"{Path(one.image).stem}" * 64, reason, vector)])
        writer.flush()
        writer.join()


def embed(home: Path, **wishes: object) -> EmbeddingReport:
    return embed_collection("test", home, resolve_encoder(BUNDLED), CPU, progress=silent, **wishes)  # type: ignore[arg-type]


# -- what is stored ----------------------------------------------------------------------------------------------------


def test_what_was_added_is_found_again_by_image_and_by_likeness(release: Path, home: Path) -> None:
    fill(home, {"med-mat/4.png": "unreadable"})
    catalog, vectors = open_catalog("test", home), stored(home)
    assert vectors.counts() == (4, {"unreadable": 1})
    keys = {item.image: item.key for item in catalog.sample(9, 0, split=None)}
    assert picture_vector(catalog, vectors, keys["med-mat/4.png"]).reason == "unreadable"
    mine = picture_vector(catalog, vectors, keys["med-mat/2.png"])
    assert mine.vector is not None
    assert mine.vector.tolist() == EAST.tolist()
    near = vectors.nearest(np.array([0.2, 0, 3], dtype=np.float32), 9)
    assert [round(one.similarity, 2) for one in near] == [1.0, 1.0, 0.07, -1.0]
    assert [len(one.image_ids) for one in near] == [1, 1, 1, 1]
    found = similar_items(catalog, vectors, UP, 3)
    assert [one.item.image for one in found] == ["med-mat/0.png", "med-mat/3.png", "med-mat/2.png"]
    assert [one.item.image for one in similar_items(catalog, vectors, UP, 1, found[0].item.image[8] * 32)] == [
        "med-mat/3.png"
    ]


def test_parts_and_the_joined_file_answer_alike(release: Path, home: Path) -> None:
    version = find_version("test", home)
    with adding_vectors(version, RECORD) as writer:
        for number, one in enumerate(one for _, chunk in writer.queue() for one in chunk):
            writer.add([SeenImage(one, str(number) * 64, "", (UP, DOWN, EAST)[number % 3])])
            writer.flush()
        files = stored_files(RECORD.folder(version.folder))
        assert files.base is None
        assert len(files.parts) == 5
        apart = stored(home)
        before = (apart.counts(), apart.nearest(EAST, 5))
        writer.join()
    files = stored_files(RECORD.folder(version.folder))
    assert (files.base is not None, files.parts) == (True, ())
    joined = stored(home)
    assert (joined.counts(), joined.nearest(EAST, 5)) == before
    assert (apart.counts(), apart.nearest(EAST, 5)) == before, "who reads while files are joined keeps what he has"


def test_joining_happens_by_itself_when_parts_grow(release: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_writer, "JOIN_ABOVE", 0)
    version = find_version("test", home)
    with adding_vectors(version, RECORD) as writer:
        for number, one in enumerate(one for _, chunk in writer.queue() for one in chunk):
            writer.add([SeenImage(one, str(number) * 64, "", UP)])
            writer.flush()
    files = stored_files(RECORD.folder(version.folder))
    assert files.base is not None
    assert files.base.name == "vectors-000005.duckdb"
    assert len(list(files.base.parent.glob("vectors-*"))) == 1
    assert stored(home).counts() == (5, {})


def test_only_new_and_changed_files_wait_and_a_changed_one_gets_its_new_vector(release: Path, home: Path) -> None:
    fill(home)
    with adding_vectors(find_version("test", home), RECORD) as writer:
        assert queue_of(writer) == []
    Image.new("L", (30, 20), 200).save(release / "med-mat" / "1.png")
    (release / "med-mat" / "2.png").unlink()
    with adding_vectors(find_version("test", home), RECORD) as writer:
        assert queue_of(writer) == ["med-mat/1.png", "med-mat/2.png"]
        waiting = [one for _, chunk in writer.queue() for one in chunk]
        writer.add([SeenImage(waiting[0], "f" * 64, "", EAST), SeenImage(waiting[1], "", "missing")])
        writer.flush()
        catalog = open_catalog("test", home)
        key = next(item.key for item in catalog.sample(9, 0, split=None) if item.image == "med-mat/1.png")
        for _ in range(2):
            vectors = stored(home)
            assert vectors.counts() == (4, {"missing": 1})
            assert picture_vector(catalog, vectors, key).content == "f" * 32
            writer.join()
    with adding_vectors(find_version("test", home), RECORD) as writer:
        assert queue_of(writer) == []


def test_vectors_outlive_another_import_and_go_with_the_collection(release: Path, home: Path) -> None:
    fill(home)
    write(release, **{SUBSET_02: [record(i, image=f"med-mat/{i}.png") for i in range(2, 5)]})
    run_import(release, home, test_share=0.0)
    with adding_vectors(find_version("test", home), RECORD) as writer:
        assert queue_of(writer) == []
    found = similar_items(open_catalog("test", home), stored(home), UP, 5)
    assert {one.item.image for one in found} == {f"med-mat/{i}.png" for i in (2, 3, 4)}, "no items that are gone"
    folder = find_version("test", home).folder
    delete_collection("test", home)
    assert not folder.exists()


def test_the_same_path_under_another_root_is_another_picture(release: Path, home: Path, tmp_path: Path) -> None:
    fill(home)
    moved = tmp_path / "moved"
    shutil.copytree(release, moved)
    run_import(moved, home, test_share=0.0)
    assert stored(home).counts() == (0, {})
    with adding_vectors(find_version("test", home), RECORD) as writer:
        assert len(queue_of(writer)) == 5


def test_one_writer_at_a_time(release: Path, home: Path) -> None:
    folder = find_version("test", home).folder
    with (
        folder_lock(folder, EMBED_LOCK),
        pytest.raises(CollectionError, match="Vectors of 'test' are being computed already"),
        adding_vectors(find_version("test", home), RECORD),
    ):
        pass
    with adding_vectors(find_version("test", home), RECORD):
        assert (folder / EMBED_LOCK).exists()
    assert not (folder / EMBED_LOCK).exists()


def test_damaged_files_are_told_to_readers_and_cleared_by_the_next_run(release: Path, home: Path) -> None:
    fill(home)
    folder = RECORD.folder(find_version("test", home).folder)
    (folder / "part-000009.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(CollectionError, match="are damaged: delete that folder and compute them again"):
        stored(home)
    fill(home)
    assert stored(home).counts() == (5, {})
    with pytest.raises(UnknownNameError, match="encoder with vectors in this collection 'other'"):
        stored(home, "other")


# -- a whole run -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("one_encoder")
def test_a_run_encodes_each_content_once_and_counts_what_it_left_out(release: Path, home: Path) -> None:
    check_images("test", home)
    first, second, report = embed(home, limit=1), embed(home, limit=1), embed(home)
    assert (first.encoded, first.copied, first.already, first.left) == (1, 0, 0, 4)
    assert (second.encoded, second.copied, second.already, second.left) == (1, 1, 1, 2)
    assert (report.images, report.encoded, report.copied, report.already, report.left) == (5, 1, 0, 3, 0)
    assert report.refused == {"unreadable": 1}
    again = embed(home)
    assert (again.encoded, again.copied, again.already, again.refused) == (0, 0, 5, {})
    catalog, vectors = open_catalog("test", home), stored(home, report.slug)
    assert vectors.counts() == (4, {"unreadable": 1})
    item = next(item for item in catalog.sample(9, 0, split=None) if item.image == "med-mat/0.png")
    mine = picture_vector(catalog, vectors, item.key)
    assert mine.vector is not None
    nearest = similar_items(catalog, vectors, mine.vector, 2)[0]
    assert (nearest.item.key, nearest.items, round(nearest.similarity, 4)) == (item.key, 2, 1.0)
    others = similar_items(catalog, vectors, mine.vector, 5, mine.content)
    assert {one.item.image for one in others} == {"med-mat/1.png", "med-mat/2.png"}, "not its own copy"


@pytest.mark.usefixtures("one_encoder")
def test_neighbours_are_those_of_plain_arithmetic_and_mostly_of_the_same_subset(
    phantoms_home: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(phantoms_home / "collections", tmp_path / "own" / "collections").parent
    embed_collection("phantoms", home, resolve_encoder(BUNDLED), CPU, progress=silent)
    catalog = open_catalog("phantoms", home)
    slug = resolve_encoder(BUNDLED).slug
    vectors = open_vectors(find_version("phantoms", home), slug)
    rows = catalog.connection.rows("SELECT image_id, any_value(id) FROM items GROUP BY image_id ORDER BY image_id")
    _, contents = vectors.contents_of(np.array([row[0] for row in rows]))
    names, matrix = vectors.of_contents(contents)
    place = {name: i for i, name in enumerate(names)}
    same = 0
    for card in catalog.page(Selection(), 0, 40, "random", 3):
        mine = picture_vector(catalog, vectors, card.key)
        assert mine.vector is not None
        expected = np.sort(np.delete(matrix @ mine.vector, place[mine.content]))[::-1][:10]
        found = similar_items(catalog, vectors, mine.vector, 10, mine.content)
        assert np.allclose([one.similarity for one in found], expected, atol=1e-5)
        assert card.key not in {one.item.key for one in found}
        same += sum(one.item.subset == card.subset for one in found)
    assert same > 0.25 * 400, "by chance 14 of 359 would be"
    assert known_rate(home, slug) > 0
    assert estimated_seconds(home, slug, 100) == pytest.approx(100 / known_rate(home, slug))


@pytest.fixture
def many(tmp_path: Path, home: Path) -> int:
    """Enough images for several parts; returns how many."""
    count = 900
    root = write(tmp_path / "many", **{SUBSET_02: [record(i, image=f"med-mat/{i}.png") for i in range(count)]})
    (root / "med-mat").mkdir()
    for number in range(count):
        noise = np.random.default_rng(number).integers(0, 255, (24, 24), dtype=np.uint8)
        Image.fromarray(noise).save(root / "med-mat" / f"{number}.png")
    run_import(root, home, test_share=0.0)
    return count


def command(home: Path, *words: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "MEDMAT_HOME": str(home), "MEDMAT_THREADS": "1", "MEDMAT_DEVICE": "cpu"}
    return subprocess.Popen(
        [sys.executable, "-m", "medmat_explorer", "embed", "test", "--json", *words],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.usefixtures("one_encoder")
def test_a_killed_run_keeps_what_it_did_and_the_next_goes_on(many: int, home: Path) -> None:
    folder = find_version("test", home).folder / "embeddings" / resolve_encoder(BUNDLED).slug
    running = command(home)
    deadline = time.monotonic() + 120
    while not stored_files(folder).parts and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    kept = stored(home, folder.name).counts()[0]
    assert 0 < kept < many, "it was killed in the middle"
    report = json_of("embed", "test", home=home, MEDMAT_DEVICE="cpu")
    assert (report["already"], report["encoded"]) == (kept, many - kept)
    assert stored(home, folder.name).counts() == (many, {})
    assert not list(folder.glob(".*")), "nothing half written is left"


@pytest.mark.usefixtures("one_encoder")
def test_a_run_in_the_background_can_be_watched_stopped_and_taken_up_again(many: int, home: Path) -> None:
    job = BackgroundEmbedding("test", home, resolve_encoder(BUNDLED), CPU)
    deadline = time.monotonic() + 120
    while job.running and job.done < 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (job.total, job.rate > 0, job.seconds_left is not None) == (many, True, True)
    second = BackgroundEmbedding("test", home, resolve_encoder(BUNDLED), CPU)
    while second.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "are being computed already" in second.error or job.done == many
    job.stop()
    while job.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert job.report is not None
    kept = stored(home, job.ref.slug).counts()[0]
    assert job.report.encoded == kept
    assert embed(home).already == kept


def test_the_command_says_what_is_wrong_in_one_sentence(release: Path, home: Path) -> None:
    running = command(home, "--encoder", "nonesuch")
    done, problem = running.communicate()
    assert (running.returncode, done) == (1, "")
    assert problem.startswith("There is no vision encoder 'nonesuch'. Valid: phantom-llava.")
    assert len(problem.strip().splitlines()) == 1


def test_records_that_cannot_be_read_are_left_out(release: Path, home: Path) -> None:
    fill(home)
    folder = find_version("test", home).folder
    assert [one.slug for one in encoder_records(folder)] == ["tiny-0"]
    (folder / "embeddings" / "tiny-0" / "encoder.json").write_text("{")
    assert encoder_records(folder) == []
