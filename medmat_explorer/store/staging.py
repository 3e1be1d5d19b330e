"""Brings one file's records into the staging table: most inside DuckDB, the rest through the reference reader."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from medmat_explorer.domain.facts import Facts
from medmat_explorer.domain.identity import image_id, item_identity
from medmat_explorer.domain.release_record import ReadRecord, RecordOrigin, read_record
from medmat_explorer.domain.subset import Subset
from medmat_explorer.errors import RefusedRecordError
from medmat_explorer.store.fast_path import FastPathRefusedError, stage_well_formed, written_records
from medmat_explorer.store.layout import FileKind, ReleaseFile
from medmat_explorer.store.refusals import RefusalLog
from medmat_explorer.store.schema import FILE_SPAN, READ_COLUMNS, STAGED_COLUMNS, create_table, json_columns
from medmat_explorer.store.tolerant_json import Piece, TolerantReader

BATCH = 20_000
CAREFUL_COLUMNS = {"ordinal": "BIGINT", **READ_COLUMNS}
BROKEN = {
    "not-utf8": "The record holds bytes that are not UTF-8.",
    "not-json": "This stretch is not JSON.",
    "truncated-json": "The file ends in the middle of this record.",
    "not-an-object": "This element of the list is no record.",
    "key-twice": "A key stands twice in this record.",
    "too-long": "The record is longer than any can be.",
}
REMARKS = {
    "empty-list": "The file holds an empty list.",
    "empty-file": "The file is empty.",
    "truncated-json": "The list is not closed: the file was cut off behind a whole record.",
}


@dataclass(frozen=True)
class PlannedFile:
    """A file, its running number, and the subset that its records go to (None when no facts name one)."""

    file: ReleaseFile
    file_no: int
    subset: Subset | None
    pseudo: bool = False


@dataclass
class Stage:
    """The staging table of one subset, on a connection of its own, and the log of what did not get into it."""

    connection: duckdb.DuckDBPyConnection
    facts: Facts
    log: RefusalLog
    scratch: Path
    records: int = 0

    def __post_init__(self) -> None:
        self.connection.execute(create_table("staged", STAGED_COLUMNS, temporary=True))

    def add(self, planned: PlannedFile) -> None:
        """Stages a file's records; what cannot become an item goes to the log."""
        if why := _why_unreadable(planned.file.path):
            self.log.remark(planned.file.path, "unreadable-file", f"The file cannot be read: {why}.")
            return
        if planned.subset is None:
            self._refuse_all(planned.file)
            return
        file = planned.file
        dataset = file.number if file.kind is FileKind.DATASET else ""
        origin = RecordOrigin(planned.subset.number, planned.subset.multi_label, dataset, self.facts.datasets.keys())
        try:
            number, rest = stage_well_formed(self.connection, file, planned.file_no, origin)
        except FastPathRefusedError:
            self._add_carefully(planned, origin)
            return
        self.records += number
        if rest:
            self._mend(planned, origin, rest)
        if not number:
            self._remark(file, TolerantReader(file.path).read_all())
        self.connection.execute("DROP TABLE written")

    def _refuse_all(self, file: ReleaseFile) -> None:
        """Records of a subset or data set that nothing is known about."""
        kind = "unknown-subset" if file.kind is FileKind.SUBSET else "unknown-dataset"
        message = f"No facts name {file.kind} {file.number}; declare it in {file.kind}s.csv beside the folders."
        reader = TolerantReader(file.path)
        for piece in reader:
            self.records += 1
            reason, said = (piece.broken, BROKEN[piece.broken]) if piece.broken else (kind, message)
            self.log.refuse(file.path, piece.ordinal, piece.line, reason, said, piece.text)
        self._remark(file, reader)

    def _mend(self, planned: PlannedFile, origin: RecordOrigin, ordinals: list[int]) -> None:
        """Gives records of a well-formed file to the reference reader; looks refused ones up in the file."""
        refused: dict[int, RefusedRecordError] = {}
        for start in range(0, len(ordinals), BATCH):
            batch = []
            for ordinal, record in written_records(self.connection, ordinals[start : start + BATCH]):
                try:
                    if record is None:
                        raise RefusedRecordError("not-json", BROKEN["not-json"])
                    batch.append({"ordinal": ordinal, **staging_row(read_record(record, origin), origin)})
                except RefusedRecordError as error:
                    refused[ordinal] = error.with_traceback(None)
            self._insert(planned, batch)
        for piece in TolerantReader(planned.file.path, only=refused.keys()) if refused else ():
            self._refuse(planned.file, piece, refused[piece.ordinal])

    def _add_carefully(self, planned: PlannedFile, origin: RecordOrigin) -> None:
        """Reads a whole file that DuckDB could not read."""
        reader = TolerantReader(planned.file.path)
        rows = self._careful_rows(reader, planned.file, origin)
        while batch := list(islice(rows, BATCH)):
            self._insert(planned, batch)
        self._remark(planned.file, reader)

    def _careful_rows(
        self, reader: TolerantReader, file: ReleaseFile, origin: RecordOrigin
    ) -> Iterator[dict[str, Any]]:
        for piece in reader:
            self.records += 1
            try:
                if piece.broken:
                    raise RefusedRecordError(piece.broken, BROKEN[piece.broken])
                row = staging_row(read_record(piece.value, origin), origin, piece.repair)
                yield {"ordinal": piece.ordinal, **row}
            except RefusedRecordError as error:
                self._refuse(file, piece, error)

    def _refuse(self, file: ReleaseFile, piece: Piece, error: RefusedRecordError) -> None:
        self.log.refuse(file.path, piece.ordinal, piece.line, error.reason, str(error), piece.text)

    def _insert(self, planned: PlannedFile, batch: list[dict[str, Any]]) -> None:
        if not batch:
            return
        path = self.scratch / "careful.jsonl"
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in batch), "utf-8")
        columns = ", ".join(READ_COLUMNS)
        rows = f"read_json($rows, format = 'newline_delimited', columns = {json_columns(CAREFUL_COLUMNS)})"
        self.connection.execute(
            "INSERT INTO staged "
            f"SELECT $file_no * {FILE_SPAN} + ordinal, $file_no, $split, true, {columns} FROM {rows}",
            {"file_no": planned.file_no, "split": planned.file.split.value, "rows": str(path)},
        )

    def _remark(self, file: ReleaseFile, reader: TolerantReader) -> None:
        for reason in reader.remarks:
            self.log.remark(file.path, reason, REMARKS[reason])


def plan(files: tuple[ReleaseFile, ...], facts: Facts) -> dict[str, list[PlannedFile]]:
    """The files by the subset that they go to, in the order in which twins give way to each other.

    Of two records of the same item the first read stays: a test file's before a training file's, a whole subset's
    before a single data set's. Files that no facts name stand under the empty number.
    """
    planned: dict[str, list[PlannedFile]] = {}
    ordered = sorted(files, key=lambda f: (f.split.value != "test", f.kind is FileKind.DATASET, f.path.name))
    for file_no, file in enumerate(ordered):
        subset, pseudo = _subset_of(file, facts)
        planned.setdefault(subset.number if subset else "", []).append(PlannedFile(file, file_no, subset, pseudo))
    return planned


def _subset_of(file: ReleaseFile, facts: Facts) -> tuple[Subset | None, bool]:
    if file.kind is FileKind.SUBSET:
        return facts.subsets.get(file.number), False
    known = facts.subset_of_dataset(file.number)
    return (known, False) if known else (facts.pseudo_subset(file.number), True)


def _why_unreadable(path: Path) -> str:
    """Why a file cannot be read; nothing when it can."""
    try:
        if path.exists() and not path.is_file():
            return "it is no file"
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def staging_row(read: ReadRecord, origin: RecordOrigin, repair: str = "") -> dict[str, Any]:
    """A record as the staging table takes it."""
    identity = item_identity(origin.subset, read.image, read.question, read.options, read.letter)
    return {
        "id": identity.id,
        "hash": str(identity.hash),
        "source_id": read.source_id,
        "image_id": image_id(read.image),
        "image": read.image,
        "question": read.question,
        "options": read.options,
        "separator": read.separator,
        "instruction": read.instruction,
        "question_choice": read.question_choice,
        "letter": read.letter,
        "labels": read.labels,
        "caption": read.caption,
        "dataset": read.dataset,
        "repairs": (*read.repairs, repair) if repair else read.repairs,
    }
