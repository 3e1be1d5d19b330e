"""Text files that grow as items come, one a split or one for all."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO


class SplitFiles:
    """A text file for each split that has items, opened with its first one."""

    def __init__(self, folder: Path, pattern: str) -> None:
        self._folder, self._pattern = folder, pattern
        self._open = ExitStack()
        self._files: dict[str, TextIO] = {}

    def of(self, split: str) -> tuple[TextIO, bool]:
        """The file of a split, and whether it is new."""
        if split in self._files:
            return self._files[split], False
        path = self._folder / self._pattern.format(split=split)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = self._open.enter_context(path.open("w", encoding="utf-8", newline="\n"))
        self._files[split] = file
        return file, True

    def __iter__(self) -> Iterator[TextIO]:
        return iter(self._files.values())

    def close(self) -> None:
        """Ends all files."""
        self._open.close()
