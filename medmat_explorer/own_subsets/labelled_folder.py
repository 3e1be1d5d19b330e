"""A folder of labelled images, read: labels are folders' names, or stand in a table beside the images.

folder/<label>/*.png                        class folders, or
folder/{train,test}/<label>/*.png           class folders with a split, or
folder/labels.csv                           a table with a column of images and one of labels

Nothing is opened here but the table: what cannot be a picture is found out when the subset is made.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from medmat_explorer.domain.own_subset import LabelledPicture, RefusedPicture
from medmat_explorer.errors import LayoutError
from medmat_explorer.own_subsets.label_table import SPLIT_NAMES, TABLE_SUFFIXES, LabelTable, read_table

NO_PICTURES = {
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".md", ".xml", ".html", ".pdf", ".xlsx", ".xls", ".py", ".ini"),
}
"""Files of these kinds lie in many data sets beside the pictures; they are passed over."""

IGNORED = {"thumbs.db", "__macosx"}


@dataclass(frozen=True)
class LabelledFolder:
    """What a folder holds: pictures in the order of their paths, what cannot be used, and what is worth knowing."""

    root: Path
    pictures: tuple[LabelledPicture, ...]
    refused: tuple[RefusedPicture, ...]
    notes: tuple[str, ...] = ()


def read_labelled_folder(folder: Path, table: Path | None = None) -> LabelledFolder:
    """Reads labels from a table where one is given or lies in the folder, else from the names of folders.

    Raises LayoutError when there is no such folder, when the table cannot be understood, and when there are no labels.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise LayoutError(f"'{folder}' is not a folder: give the folder that holds the labelled images.")
    root = folder.resolve()
    files = _Files(root)
    named = _table_path(table, root) if table is not None else None
    found = read_table(named) if named is not None else _table_within(root)
    read = _by_table(root, files, found) if found is not None else _by_folders(root, files)
    if not read.pictures:
        reasons = (
            f" {len(read.refused)} files were left out, the first: {read.refused[0].message}" if read.refused else ""
        )
        raise LayoutError(
            f"No labelled images in '{folder}': put them into one folder a label, or give a table with a column of "
            f"images and one of labels.{reasons}"
        )
    pictures = sorted(read.pictures, key=lambda picture: (picture.image, picture.question))
    return replace(read, pictures=tuple(pictures), notes=(*files.notes, *read.notes))


class _Files:
    """The files below a folder by their path in it; links to folders are not followed."""

    def __init__(self, root: Path) -> None:
        self.notes: list[str] = []
        self.paths: list[str] = []
        self._by_name: dict[str, list[str]] = {}
        for path in self._walk(root):
            self.paths.append(path)
        self.paths.sort()
        self.known = set(self.paths)

    def _walk(self, root: Path) -> Iterator[str]:
        def unreadable(error: OSError) -> None:
            self.notes.append(f"'{error.filename}' cannot be read ({error.strerror}) and was left out.")

        for place, folders, names in os.walk(root, onerror=unreadable):
            for name in sorted(folders):
                if Path(place, name).is_symlink():
                    self.notes.append(f"'{Path(place, name).relative_to(root)}' is a link to a folder; not followed.")
            folders[:] = [name for name in folders if not _is_ignored(name)]
            for name in names:
                if not _is_ignored(name):
                    yield Path(place, name).relative_to(root).as_posix()

    def find(self, written: str) -> tuple[str, ...]:
        """The files that a table may mean: of that path, else of that name, with or without its ending."""
        if written in self.known:
            return (written,)
        if not self._by_name:
            for path in self.paths:
                name = path.rsplit("/", 1)[-1]
                for key in {name, name.rsplit(".", 1)[0], name.removesuffix(".gz").rsplit(".", 1)[0]}:
                    self._by_name.setdefault(key, []).append(path)
        candidates = [path for path in self._by_name.get(written.rsplit("/", 1)[-1], ()) if is_picture(path)]
        endings = [
            path for path in candidates if f"/{path}".rsplit(".", 1)[0].endswith(f"/{written}".rsplit(".", 1)[0])
        ]
        return tuple(endings or candidates)


def is_picture(path: str) -> bool:
    """Whether a file may be a picture, by its name: everything that is not known to be something else."""
    return Path(path).suffix.lower() not in NO_PICTURES


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name.lower() in IGNORED


def _by_folders(root: Path, files: _Files) -> LabelledFolder:
    """Class folders: the label is the first folder's name, or the second's where the first are splits."""
    pictures, refused, notes = [], [], []
    inside = [path.split("/") for path in files.paths if is_picture(path)]
    tops = {parts[0] for parts in inside if len(parts) > 1}
    splits = {top for top in tops if top.lower() in SPLIT_NAMES}
    if splits and splits != tops:
        raise LayoutError(
            f"'{sorted(splits)[0]}' and '{sorted(tops - splits)[0]}' lie side by side in '{root}', so that one is a "
            "split and one a label: put every label folder into train/ or test/, or give a table of labels."
        )
    if {top for top in splits if top.lower().startswith("val")}:
        notes.append("Pictures for validation are taken for training: Med-MAT has no third side.")
    depth = 1 if splits else 0
    for parts in inside:
        path = "/".join(parts)
        if len(parts) < depth + 2:
            refused.append(RefusedPicture(path, "no-label", f"'{path}' lies in no label's folder."))
        else:
            label = " ".join(parts[depth].split())
            split = SPLIT_NAMES[parts[0].lower()] if splits else None
            pictures.append(LabelledPicture(path, (label,), split))
    return LabelledFolder(root, tuple(pictures), tuple(refused), tuple(notes))


def _by_table(root: Path, files: _Files, table: LabelTable) -> LabelledFolder:
    """Pictures in the order of the table's rows, each found below the folder."""
    pictures: dict[tuple[str, str], LabelledPicture] = {}
    refused = list(table.refused)
    contradicting: set[tuple[str, str]] = set()
    for row in table.rows:
        image = _inside(row.image, root, table.path)
        if image is None:
            refused.append(RefusedPicture(row.image, "outside", f"'{row.image}' leads out of the folder '{root}'."))
            continue
        found = files.find(image)
        if len(found) != 1:
            refused.append(_not_found(row.image, found))
            continue
        picture = replace(row, image=found[0])
        key = (found[0], picture.question)
        before = pictures.setdefault(key, picture)
        if set(before.labels) != set(picture.labels):
            contradicting.add(key)
    for key in sorted(contradicting):
        message = (
            f"The table has several rows with different labels for '{key[0]}'. If all are right, write them into "
            "one row, parted by | or ;."
        )
        refused.append(RefusedPicture(pictures.pop(key).image, "two-labels", message))
    used = {image for image, _ in pictures}
    unused = sum(path not in used for path in files.paths if is_picture(path))
    notes = [f"Labels are read from '{table.path.name}'.", *table.notes]
    notes += [f"{unused:,} files of the folder stand in no usable row of the table."] if unused else []
    return LabelledFolder(root, tuple(pictures.values()), tuple(refused), tuple(notes))


def _inside(written: str, root: Path, table: Path) -> str | None:
    """A written path as one below the folder; None where it leads out. It may start at the folder or at the table."""
    path = Path(os.path.normpath(written.replace("\\", "/")))
    if path.is_absolute():
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else None
    if path.parts and path.parts[0] == "..":
        beside = Path(os.path.normpath(table.parent / path))
        return beside.relative_to(root).as_posix() if beside.is_relative_to(root) else None
    beside = table.parent / path
    if beside.is_relative_to(root) and beside.exists():
        return beside.relative_to(root).as_posix()
    return path.as_posix()


def _not_found(written: str, found: tuple[str, ...]) -> RefusedPicture:
    if found:
        message = f"'{written}' may be '{found[0]}' or '{found[1]}': write the path below the folder."
        return RefusedPicture(written, "ambiguous", message)
    return RefusedPicture(written, "missing", f"There is no file '{written}' in the folder.")


def _table_path(table: Path, root: Path) -> Path:
    """The table as given: a path of its own, or one below the folder."""
    for path in (Path(table).expanduser(), root / table):
        if path.is_file():
            return path.resolve()
    raise LayoutError(f"There is no table '{table}', neither there nor in '{root}'.")


def _table_within(root: Path) -> LabelTable | None:
    """The one table at the top of the folder that has images and labels; None when there is none."""
    found = []
    for path in sorted(root.iterdir()):
        if path.suffix.lower() in TABLE_SUFFIXES and path.is_file() and not _is_ignored(path.name):
            try:
                found.append(read_table(path))
            except LayoutError:  # some other table
                continue
    if len(found) > 1:
        names = ", ".join(table.path.name for table in found)
        raise LayoutError(f"Several tables in '{root}' have images and labels ({names}): say which with --table.")
    return found[0] if found else None
