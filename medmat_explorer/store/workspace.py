"""What readers keep about a collection's items: tags, sets of items, saved views.

<home>/workspace/<collection>/tags/<hash of the tag>.parquet     the ids of the items that have it
                              sets/<hash of the ids>.parquet     any items, so that a link can name them
                              views.json                         named selections

It lies beside the collection and goes by item ids, which are hashes of content: it survives every import.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from medmat_explorer.errors import CollectionError
from medmat_explorer.store.versions import collection_folder, folder_lock, write_atomically, writing

BASKET = "basket"
"""The tag of items put aside for another page."""

LONGEST_NAME = 64
MOST_SETS = 1_000
Ids = Iterable[int] | npt.NDArray[np.int64]
Params = Mapping[str, str | list[str]]
"""A view's parameters in the address."""


@dataclass(frozen=True)
class SavedView:
    """A selection with a name, as it stands in the address."""

    name: str
    params: Params


class Workspace:
    """One collection's tags, sets and views. Raises CollectionError where nothing can be written."""

    def __init__(self, home: Path, collection: str, *, most_sets: int = MOST_SETS) -> None:
        collection_folder(collection, home)
        self.folder = Path(home) / "workspace" / collection
        self._most_sets = most_sets

    # -- tags --------------------------------------------------------------------------------------------------------

    def tags(self) -> dict[str, int]:
        """Tags with the number of items that have them, whether or not the collection still has all of these."""
        files = self.tag_files()
        if not files:
            return {}
        with _connected() as connection:
            rows = connection.execute(
                "SELECT tag, count(*) FROM read_parquet($files) GROUP BY tag ORDER BY tag",
                {"files": [str(file) for file in files]},
            ).fetchall()
        return {tag: int(items) for tag, items in rows}

    def add_tag(self, tag: str, ids: Ids) -> int:
        """Tags items; returns how many have the tag now. Raises CollectionError for a name that cannot be one."""
        return self._change_tag(tag, ids, "SELECT id FROM old UNION SELECT id FROM given")

    def remove_tag(self, tag: str, ids: Ids) -> int:
        """Takes a tag from items; returns how many still have it."""
        return self._change_tag(tag, ids, "SELECT id FROM old EXCEPT SELECT id FROM given")

    def drop_tag(self, tag: str) -> None:
        """Takes a tag from all items."""
        with folder_lock(self.folder, "tags.lock"):
            self._tag_file(tag).unlink(missing_ok=True)

    def tag_files(self) -> list[Path]:
        """Where the tags stand, a file a tag: columns `tag` and `id`."""
        return sorted((self.folder / "tags").glob("*.parquet"))

    def _tag_file(self, tag: str) -> Path:
        return self.folder / "tags" / f"{hashlib.sha256(tag.encode()).hexdigest()[:16]}.parquet"

    def _change_tag(self, tag: str, ids: Ids, change: str) -> int:
        tag = checked_name(tag, "tag")
        file = self._tag_file(tag)
        with folder_lock(self.folder, "tags.lock"), _connected() as connection:
            old = "SELECT id FROM read_parquet($file)" if file.exists() else "SELECT NULL::BIGINT AS id WHERE false"
            connection.execute(f"CREATE TABLE old AS {old}", {"file": str(file)} if file.exists() else {})
            _take_in(connection, ids)
            connection.execute(f"CREATE TABLE new AS SELECT $tag AS tag, id FROM ({change}) ORDER BY id", {"tag": tag})
            left = _count(connection, "new")
            if left:
                _write(connection, "new", file)
            else:
                file.unlink(missing_ok=True)
        return left

    # -- sets --------------------------------------------------------------------------------------------------------

    def keep_set(self, ids: Ids) -> str:
        """Keeps any items under a name made from them: sixteen hexadecimal digits. The same items, the same name."""
        wanted = np.unique(np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), dtype=np.int64))
        name = hashlib.sha256(wanted.tobytes()).hexdigest()[:16]
        file = self._set_file(name)
        if file.exists():
            file.touch()
            return name
        with writing(self.folder), _connected() as connection:
            _take_in(connection, wanted)
            _write(connection, "given", file)
        self._forget_old_sets()
        return name

    def set_file(self, name: str) -> Path | None:
        """Where a set stands, a column `id`; None for a set that is not kept here."""
        file = self._set_file(name) if re.fullmatch(r"[0-9a-f]{16}", name) else None
        return file if file is not None and file.exists() else None

    def _set_file(self, name: str) -> Path:
        return self.folder / "sets" / f"{name}.parquet"

    def _forget_old_sets(self) -> None:
        files = sorted((self.folder / "sets").glob("*.parquet"), key=lambda file: file.stat().st_mtime_ns)
        for file in files[: -self._most_sets]:
            file.unlink(missing_ok=True)

    # -- views -------------------------------------------------------------------------------------------------------

    def views(self) -> tuple[SavedView, ...]:
        """The saved views by name. Raises CollectionError when their file is damaged."""
        try:
            stored = json.loads(self._views_file.read_text("utf-8"))
            return tuple(SavedView(name, dict(stored[name])) for name in sorted(stored, key=str.casefold))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            raise CollectionError(f"The saved views in '{self._views_file}' cannot be read: {error}.") from error

    def save_view(self, name: str, params: Params) -> None:
        """Keeps a view under a name; one of the same name is replaced."""
        name = checked_name(name, "view")
        with folder_lock(self.folder, "views.lock"):
            self._write_views([*(view for view in self.views() if view.name != name), SavedView(name, params)])

    def delete_view(self, name: str) -> None:
        """Forgets a view; none of that name is as well."""
        with folder_lock(self.folder, "views.lock"):
            self._write_views([view for view in self.views() if view.name != name])

    @property
    def _views_file(self) -> Path:
        return self.folder / "views.json"

    def _write_views(self, views: list[SavedView]) -> None:
        text = json.dumps({view.name: dict(view.params) for view in views}, indent=1, ensure_ascii=False)
        with writing(self.folder):
            write_atomically(self._views_file, text.encode())


def checked_name(name: str, what: str) -> str:
    """A name without blanks around it. Raises CollectionError when it is empty, too long or has control characters."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise CollectionError(f"'{name}' cannot name a {what}: use 1 to {LONGEST_NAME} letters, digits and signs.")
    return name


@contextmanager
def _connected() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "512MB"}) as connection:
        yield connection


def _take_in(connection: duckdb.DuckDBPyConnection, ids: Ids) -> None:
    array = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), dtype=np.int64)
    connection.register("frame", {"id": array})
    connection.execute("CREATE TABLE given AS SELECT DISTINCT id::BIGINT AS id FROM frame ORDER BY id")
    connection.unregister("frame")


def _write(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> None:
    """Writes a table as a file that readers see wholly or not at all."""
    with writing(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.stem}.{secrets.token_hex(6)}.part")
        try:
            target = str(partial).replace("'", "''")
            connection.execute(f"COPY {table} TO '{target}' (FORMAT parquet)")
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
