"""Parquet tables: one for all items, or one a split."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medmat_explorer.store.exports.record import FIELDS, ExportRecord

LISTS = {"options", "labels", "repairs", "tags"}
OTHER_TYPES = {"split_is_ours": "bool", "width": "int32", "height": "int32"}


class ParquetWriter:
    """Writes `items.parquet`, or with `pattern` a file for each split that has items; `fields` are its columns."""

    def __init__(
        self,
        folder: Path,
        *,
        images: bool,
        leave_out: frozenset[str] = frozenset(),
        pattern: str = "items.parquet",
    ) -> None:
        self._folder, self._images, self._pattern = folder, images, pattern
        self.fields = [name for name in FIELDS if name not in leave_out and (images or name != "image_file")]
        self._files: dict[str, Any] = {}

    def write(self, records: Sequence[ExportRecord]) -> None:
        """Adds items, as a row group a split."""
        by_file: dict[str, list[dict[str, Any]]] = {}
        for record in records:
            name = self._pattern.format(split=record.item.split.value)
            by_file.setdefault(name, []).append(self.row(record))
        for name, rows in by_file.items():
            self._add_rows(name, rows)

    def write_table(self, split: str, table: Any) -> None:
        """Adds the items of a split as a row group: a `pyarrow.Table` with a column for each of `fields`."""
        self._add(self._pattern.format(split=split), table.cast(self._schema()).combine_chunks())

    def row(self, record: ExportRecord) -> dict[str, Any]:
        """An item's values by column."""
        return record.flat(images=self._images)

    def close(self) -> None:
        """Ends the files; without any item there is an empty table."""
        if not self._files and "{split}" not in self._pattern:
            self._add_rows(self._pattern, [])
        for file in self._files.values():
            file.close()

    def _add_rows(self, name: str, rows: list[dict[str, Any]]) -> None:
        import pyarrow as pa

        self._add(name, pa.Table.from_pylist(rows, schema=self._schema()))

    def _add(self, name: str, table: Any) -> None:
        import pyarrow.parquet as pq

        if name not in self._files:
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
        self._files[name].write_table(table)

    def _schema(self) -> Any:
        import pyarrow as pa

        def kind(name: str) -> Any:
            return pa.list_(pa.string()) if name in LISTS else pa.type_for_alias(OTHER_TYPES.get(name, "string"))

        return pa.schema([(name, kind(name)) for name in self.fields])
