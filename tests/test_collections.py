"""Collections on a machine: one that is damaged, or a home that cannot be written, costs a sentence and no more."""

import json
from pathlib import Path

import duckdb
import pytest

from medmat_explorer.default_collection import make_phantoms
from medmat_explorer.errors import CollectionError, SettingsError, UnknownNameError
from medmat_explorer.serving import refuse_taken_port
from medmat_explorer.store.collections import (
    current_version,
    delete_collection,
    list_collections,
    open_catalog,
)
from medmat_explorer.store.health import check_health
from medmat_explorer.store.image_check import check_images
from medmat_explorer.store.versions import find_version, valid_versions
from tests.release_folder import SUBSET_02, record, run_import, write


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return write(tmp_path / "release", **{SUBSET_02: [record(1)]})


@pytest.mark.parametrize("pointer", ["", "{", "[]", '{"version": "x"}', None], ids=str)
def test_a_damaged_pointer_costs_no_other_collection_and_another_import_mends_it(
    release: Path, home: Path, pointer: str | None
) -> None:
    for name in ("bad", "good"):
        run_import(release, home, name)
    damaged = home / "collections" / "bad" / "current.json"
    if pointer is None:
        damaged.write_bytes(b"\xff\xfe\x00")
    else:
        damaged.write_text(pointer)
    assert list(valid_versions(home)) == ["good"]
    assert [summary.name for summary in list_collections(home)] == ["good"]
    with pytest.raises(UnknownNameError, match="Valid: good"):
        open_catalog("nothing", home)
    with pytest.raises(CollectionError, match="'bad' is damaged .*: delete it or import it again"):
        open_catalog("bad", home)
    assert run_import(release, home, "bad").kept == 1
    assert [summary.name for summary in list_collections(home)] == ["bad", "good"]


def test_a_damaged_collection_can_be_deleted(release: Path, home: Path) -> None:
    run_import(release, home)
    (home / "collections" / "test" / "current.json").write_text("{")
    delete_collection("test", home)
    assert list((home / "collections").iterdir()) == []
    with pytest.raises(UnknownNameError):
        delete_collection("test", home)


@pytest.mark.parametrize(
    "change",
    ["DROP TABLE cube", "DROP TABLE datasets", "ALTER TABLE items DROP repairs", "ALTER TABLE subsets DROP kind"],
)
def test_a_catalog_of_another_format_is_refused_in_a_sentence(release: Path, home: Path, change: str) -> None:
    run_import(release, home, "old")
    run_import(release, home, "new")
    with duckdb.connect(str(find_version("old", home).catalog)) as connection:
        connection.execute(change)
    for use in (open_catalog, check_images, check_health):
        with pytest.raises(CollectionError, match="'old' cannot be opened: .* import it again"):
            use("old", home)
    assert [summary.name for summary in list_collections(home)] == ["new"]


def test_a_report_of_another_format_is_refused_in_a_sentence(release: Path, home: Path) -> None:
    run_import(release, home)
    report = find_version("test", home).report
    stored = json.loads(report.read_text())
    for change in ({"more": 1}, {"images": {"fine": 1}}):
        report.write_text(json.dumps(stored | change))
        with pytest.raises(CollectionError, match="import it again"):
            _ = open_catalog("test", home).report


def test_a_home_that_cannot_be_written_is_named(release: Path) -> None:
    home = Path("/dev/null/x")
    with pytest.raises(CollectionError, match="'/dev/null/x/collections/test' cannot be written"):
        run_import(release, home)
    with pytest.raises(CollectionError, match="'/dev/null/x/phantoms/test' cannot be written"):
        make_phantoms(home, "test", 3, 0, lambda stage, done, total: None)
    assert list_collections(home) == ()


def test_a_pointer_that_cannot_be_replaced_leaves_a_sentence(release: Path, home: Path) -> None:
    (home / "collections" / "test" / "current.json" / "in the way").mkdir(parents=True)
    with pytest.raises(CollectionError, match="'.*/collections/test' cannot be written"):
        run_import(release, home)


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "", "/tmp/x"])
def test_phantoms_are_drawn_nowhere_but_in_the_home(tmp_path: Path, name: str) -> None:
    home = tmp_path / "a" / "home"
    with pytest.raises(CollectionError, match="cannot name a collection"):
        make_phantoms(home, name, 3, 0, lambda stage, done, total: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", [-1, 0, 65_536, 1_000_000])
def test_a_port_that_is_none_gets_a_sentence(port: int) -> None:
    with pytest.raises(SettingsError, match=f"There is no port {port}: .* 1 to 65535"):
        refuse_taken_port("127.0.0.1", port)


def test_a_version_is_known_without_opening_the_collection(release: Path, home: Path) -> None:
    report = run_import(release, home)
    assert current_version("test", home) == report.version
