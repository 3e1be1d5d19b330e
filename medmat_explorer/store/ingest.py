"""Importing a release into a collection: the one door through which data comes in.

The new version is built beside the old one and pointed to at the very end, so that an import that is stopped or
killed leaves the collection as it was.
"""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import duckdb

from medmat_explorer.domain.facts import Facts, in_subset_order
from medmat_explorer.domain.subset import SourceDataset, Subset
from medmat_explorer.errors import CollectionError
from medmat_explorer.store.held_out import follow_released_tests
from medmat_explorer.store.image_states import count_images, drop_other_formats
from medmat_explorer.store.layout import Release, declared_facts, find_release
from medmat_explorer.store.own_folder import OwnFolder, joined_release
from medmat_explorer.store.pipeline import Pipeline, Tally, Wishes
from medmat_explorer.store.refusals import RefusalLog
from medmat_explorer.store.report import IngestReport, Progress
from medmat_explorer.store.schema import (
    CUBE,
    DATASET_COLUMNS,
    ITEM_COLUMNS,
    SUBSET_COLUMNS,
    create_table,
)
from medmat_explorer.store.staging import plan
from medmat_explorer.store.versions import (
    Version,
    collection_folder,
    folder_lock,
    new_version,
    point_to,
    sweep,
    write_atomically,
    writing,
)

MEMORY_LIMIT = "512MB"


def import_collection(
    source: Path,
    name: str,
    home: Path,
    facts: Facts,
    *,
    test_share: float = 0.1,
    seed: int = 0,
    without: str = "",
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> IngestReport:
    """Imports a folder in Med-MAT's layout under a name; importing again replaces the collection.

    The subsets that a reader has made for this collection are part of every import of it, but for the one numbered
    `without`.
    `progress` is called with bytes read out of bytes to read. Raises LayoutError when the folder holds no Med-MAT
    files, and CollectionError when the name is unusable, the home cannot be written, another import of it runs, or
    `should_stop` said yes.
    """
    if not 0 <= test_share < 1:
        raise CollectionError(f"A test share of {test_share} makes no sense: give a number from 0 up to below 1.")
    folder, own = collection_folder(name, home), OwnFolder.of(name, home)
    release = find_release(source)
    facts = declared_facts(release.root, facts)
    wishes = Wishes(test_share, seed, progress or (lambda _: None), should_stop or (lambda: False))
    with folder_lock(folder):
        sweep(home, folder)
        own.settle()
        release, facts, numbers = joined_release(release, facts, own, without)
        version = new_version(
            name, home, release.root, release.declares_subsets, own=numbers, test_share=test_share, seed=seed
        )
        try:
            report = _build(version, release, facts, wishes)
            point_to(version)
        finally:
            sweep(home, folder)
    return report


def _build(version: Version, release: Release, facts: Facts, wishes: Wishes) -> IngestReport:
    """Writes all files of a new version and says what went into them."""
    started = time.monotonic()
    with writing(version.folder):
        version.scratch.mkdir(parents=True)
    with RefusalLog(version.refused) as log, _catalog_writer(version) as connection:
        for path in release.unrecognised:
            log.remark(path, "unrecognised-file", "The file's name is not one of Med-MAT's; it was not read.")
        planned = plan(release.files, facts)
        _create_tables(connection)
        tally = Pipeline(connection, facts, log, version.scratch, wishes).run(planned)
        used = {entry.subset.number: entry.subset for group in planned.values() for entry in group if entry.subset}
        _write_facts(connection, used, facts)
        follow_released_tests(connection)
        connection.execute(CUBE)
        drop_other_formats(connection, version.images)
        report = _report(connection, version, log, tally, time.monotonic() - started)
    with writing(version.folder):
        write_atomically(version.report, json.dumps(report.as_json(), indent=1).encode())
    shutil.rmtree(version.scratch, ignore_errors=True)
    return report


@contextmanager
def _catalog_writer(version: Version) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the new database, closed (and so written out) at the end."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "threads": min(4, os.cpu_count() or 1),
        "temp_directory": str(version.scratch),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(str(version.catalog), config=config)
    try:
        yield connection
    finally:
        connection.close()


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for name, columns in (("items", ITEM_COLUMNS), ("subsets", SUBSET_COLUMNS), ("datasets", DATASET_COLUMNS)):
        connection.execute(create_table(name, columns))


def _write_facts(connection: duckdb.DuckDBPyConnection, subsets: dict[str, Subset], facts: Facts) -> None:
    """Keeps the facts that the items refer to beside them."""
    for position, subset in enumerate(in_subset_order(subsets.values())):
        number, triplet, *rest = (getattr(subset, name) for name in subset.__dataclass_fields__)
        row = [number, position, *astuple(triplet), *rest[:-1], list(rest[-1])]
        connection.execute(f"INSERT INTO subsets VALUES ({', '.join('?' * len(row))})", row)
    wanted = {number for subset in subsets.values() for number in subset.dataset_numbers}
    wanted |= {row[0] for row in connection.execute("SELECT DISTINCT dataset FROM items").fetchall()}
    for number in sorted(wanted & facts.datasets.keys()):
        connection.execute("INSERT INTO datasets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _dataset_row(facts.datasets[number]))


def _dataset_row(dataset: SourceDataset) -> list[object]:
    return list(astuple(dataset))


def _report(
    connection: duckdb.DuckDBPyConnection, version: Version, log: RefusalLog, tally: Tally, seconds: float
) -> IngestReport:
    repairs = connection.execute("SELECT unnest(repairs) AS reason, count(*) FROM items GROUP BY reason").fetchall()
    found = connection.execute(
        "SELECT count(*) FILTER (len(repairs) > 0), count(*) FILTER (split = 'train'), "
        "count(*) FILTER (split = 'test'), count(DISTINCT subset) FROM items"
    ).fetchone()
    repaired, train, test, subsets = found or (0, 0, 0, 0)
    if tally.kept + log.refused + tally.merged != tally.records or tally.kept != train + test:
        raise RuntimeError(f"Records are unaccounted for: {tally}, {log.refused} refused.")
    reasons = Counter(log.reasons) + Counter(dict(repairs))
    return IngestReport(
        collection=version.name,
        kept=tally.kept,
        repaired=repaired,
        refused=log.refused,
        duplicates_merged=tally.merged,
        records=tally.records,
        reasons=dict(sorted(reasons.items())),
        images=count_images(connection, version.images),
        splits={"train": train, "test": test},
        subsets=subsets,
        refused_file=str(version.refused),
        seconds=round(seconds, 3),
        version=version.stamp,
        held_out_subsets=tuple(tally.held_out),
    )
