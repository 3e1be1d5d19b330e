"""What the SQL console can see of a collection: its tables, their columns, and what each of them means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from medmat_explorer.store.image_states import STATE_COLUMNS, batches, latest_rows
from medmat_explorer.store.versions import Version


@dataclass(frozen=True)
class ConsoleColumn:
    """A column; `made` is the expression that it is read from, its own name when that is empty."""

    name: str
    type: str
    meaning: str
    made: str = ""

    @property
    def selected(self) -> str:
        """As it stands behind SELECT."""
        return f"{self.made} AS {self.name}" if self.made else self.name


@dataclass(frozen=True)
class ConsoleTable:
    """A table that can be asked; `source` is what it is read from, a table of the catalog or files."""

    name: str
    meaning: str
    columns: tuple[ConsoleColumn, ...]
    source: str = ""

    @property
    def selected(self) -> str:
        """All columns, as they stand behind SELECT."""
        return ", ".join(column.selected for column in self.columns)


ITEMS = ConsoleTable(
    "items",
    "The questions: one row an image with its multiple-choice question.",
    (
        ConsoleColumn(
            "key", "VARCHAR", "The item's name in links: sixteen hexadecimal digits.", "format('{:016x}', id)"
        ),
        ConsoleColumn("id", "BIGINT", "The same as a number."),
        ConsoleColumn("place", "BIGINT", "Where it stands in the release, from 0.", "rowid"),
        ConsoleColumn("subset", "VARCHAR", "The number of its subset, such as 02."),
        ConsoleColumn("split", "VARCHAR", "train or test."),
        ConsoleColumn("split_is_ours", "BOOLEAN", "Whether the split was drawn here, since the release has none."),
        ConsoleColumn("dataset", "VARCHAR", "The number of the source data set; empty when none is named."),
        ConsoleColumn("image_id", "BIGINT", "A number for the image path; joins with images."),
        ConsoleColumn("image", "VARCHAR", "The image path below the collection's folder."),
        ConsoleColumn("question", "VARCHAR", "The question without its options."),
        ConsoleColumn("options", "VARCHAR[]", "The texts of the options, in order A, B, C ..."),
        ConsoleColumn("letter", "VARCHAR", "The letter of the right option."),
        ConsoleColumn("answer", "VARCHAR", "The text of the right option.", "options[ascii(letter) - 64]"),
        ConsoleColumn("labels", "VARCHAR[]", "The right labels; several for multi-label subsets."),
        ConsoleColumn("caption", "VARCHAR", "The caption in the release."),
        ConsoleColumn("repairs", "VARCHAR[]", "What the import mended in the record."),
    ),
    "release.items",
)
SUBSETS = ConsoleTable(
    "subsets",
    "The subsets with their triple of modality, area and task.",
    (
        ConsoleColumn("number", "VARCHAR", "The subset's number; items.subset refers to it."),
        ConsoleColumn("modality", "VARCHAR", "How the image was made, such as CT."),
        ConsoleColumn("area", "VARCHAR", "The part of the body."),
        ConsoleColumn("task", "VARCHAR", "The reviewed short task."),
        ConsoleColumn("published_task", "VARCHAR", "The task as the paper prints it."),
        ConsoleColumn("task_group", "VARCHAR", "The task with COVID and Cancer under State."),
        ConsoleColumn("kind", "VARCHAR", "The kind of question, such as classification."),
        ConsoleColumn("multi_label", "BOOLEAN", "Whether one answer may name several labels."),
        ConsoleColumn("dataset_numbers", "VARCHAR[]", "The source data sets that it draws from."),
    ),
    "release.subsets",
)
DATASETS = ConsoleTable(
    "datasets",
    "The source data sets that pictures come from.",
    (
        ConsoleColumn("number", "VARCHAR", "The data set's number; items.dataset refers to it."),
        ConsoleColumn("name", "VARCHAR", "Its name."),
        ConsoleColumn("modality", "VARCHAR", "How its images were made."),
        ConsoleColumn("area", "VARCHAR", "The part of the body."),
        ConsoleColumn("description", "VARCHAR", "What its labels are about."),
        ConsoleColumn("published_qa", "BOOLEAN", "Whether the release has questions on it."),
        ConsoleColumn("url", "VARCHAR", "Where it can be had."),
        ConsoleColumn("citation", "VARCHAR", "Whom the paper cites for it."),
    ),
    "release.datasets",
)
IMAGES = ConsoleTable(
    "images",
    "The image files that the check has looked at; one that is not here was not looked at yet.",
    (
        ConsoleColumn("image_id", "BIGINT", "A number for the image path; joins with items."),
        ConsoleColumn("state", "VARCHAR", "ok, missing or unreadable."),
        ConsoleColumn("reason", "VARCHAR", "Why it is not ok."),
        ConsoleColumn("width", "INTEGER", "Pixels from left to right; 0 when unknown."),
        ConsoleColumn("height", "INTEGER", "Pixels from top to bottom; 0 when unknown."),
        ConsoleColumn("mode", "VARCHAR", "What a pixel holds, such as RGB or L."),
        ConsoleColumn("bytes", "BIGINT", "Size of the file; NULL when unknown.", "nullif(size, -1)"),
        ConsoleColumn("sha256", "VARCHAR", "A hash of the file: the same for files with the same content."),
    ),
)
TAGS = ConsoleTable(
    "tags",
    "The tags that readers have put on items; the basket is the tag named basket.",
    (ConsoleColumn("tag", "VARCHAR", "The tag."), ConsoleColumn("id", "BIGINT", "The item's id.")),
)
TABLES = (ITEMS, SUBSETS, DATASETS, IMAGES, TAGS)


@dataclass(frozen=True)
class ConsoleSources:
    """The files that a console is opened over. `extra` are further tables by name, each from parquet files."""

    catalog: Path
    images: Sequence[Path] = ()
    tags: Sequence[Path] = ()
    extra: Mapping[str, Sequence[Path]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, version: Version, tags: Sequence[Path] = (), extra: Mapping[str, Sequence[Path]] | None = None
    ) -> "ConsoleSources":
        """What there is of a collection's version now."""
        return cls(version.catalog, batches(version.images), tuple(tags), dict(extra or {}))

    def as_json(self) -> dict[str, object]:
        """For the way to another process."""
        return {
            "catalog": str(self.catalog),
            "images": [str(path) for path in self.images],
            "tags": [str(path) for path in self.tags],
            "extra": {name: [str(path) for path in paths] for name, paths in self.extra.items()},
        }


def make_tables(connection: duckdb.DuckDBPyConnection, sources: Mapping[str, object], sql: str) -> None:
    """Makes the tables on a connection that may still read files; those that no word of the query names stay empty.

    Raises duckdb.Error when a file is damaged.
    """
    catalog = str(sources["catalog"]).replace("'", "''")
    connection.execute(f"ATTACH '{catalog}' AS release (READ_ONLY)")
    for table in (ITEMS, SUBSETS, DATASETS):
        connection.execute(f"CREATE VIEW {table.name} AS SELECT {table.selected} FROM {table.source}")
    asked = sql.lower()
    images, tags = list(_paths(sources["images"])), list(_paths(sources["tags"]))
    _load(connection, IMAGES, f"({latest_rows()})", images if "images" in asked else [], STATE_COLUMNS)
    _load(
        connection, TAGS, "read_parquet($batches)", tags if "tags" in asked else [], {"tag": "VARCHAR", "id": "BIGINT"}
    )
    extra = sources["extra"]
    for name, paths in extra.items() if isinstance(extra, Mapping) else ():
        quoted = '"' + str(name).replace('"', '""') + '"'
        connection.execute(f"CREATE TABLE {quoted} AS FROM read_parquet($paths)", {"paths": list(_paths(paths))})


def _load(
    connection: duckdb.DuckDBPyConnection,
    table: ConsoleTable,
    source: str,
    files: list[str],
    columns: Mapping[str, str],
) -> None:
    """A table in memory, from files or, when there are none, without rows."""
    if not files:
        nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())
        source = f"(SELECT {nothing} WHERE false)"
    query = f"CREATE TABLE {table.name} AS SELECT {table.selected} FROM {source}"
    connection.execute(query, {"batches": files} if files else {})


def _paths(given: object) -> list[str]:
    return [str(path) for path in given] if isinstance(given, Sequence) else []
