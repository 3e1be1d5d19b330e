"""What an import refused or found odd: counted by reason, and written down with the original text."""

import json
import shutil
from collections import Counter
from pathlib import Path

LONGEST_TEXT = 1 << 16


class RefusalLog:
    """Counts reasons and writes `refused.jsonl`; use as a context."""

    def __init__(self, path: Path) -> None:
        self.reasons: Counter[str] = Counter()
        self.refused = 0
        self._path = path
        self._stream = path.open("w", encoding="utf-8")

    def __enter__(self) -> "RefusalLog":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def refuse(self, file: Path, ordinal: int, line: int, reason: str, message: str, text: str) -> None:
        """One record that did not become an item."""
        self.refused += 1
        self.reasons[reason] += 1
        self._write(file=file.name, record=ordinal + 1, line=line, reason=reason, message=message, text=text)

    def remark(self, file: Path, reason: str, message: str, text: str = "") -> None:
        """Something about a whole file; no record is refused by it."""
        self.reasons[reason] += 1
        self._write(file=file.name, record=None, line=None, reason=reason, message=message, text=text)

    def absorb(self, other: "RefusalLog") -> None:
        """Takes over what another log, which is closed, has counted and written."""
        self.refused += other.refused
        self.reasons += other.reasons
        with other._path.open(encoding="utf-8") as lines:
            shutil.copyfileobj(lines, self._stream)

    def _write(self, *, text: str, message: str, **where: str | int | None) -> None:
        shown = {"message": _printable(message), "text": _printable(text[:LONGEST_TEXT])}
        if len(text) > LONGEST_TEXT:
            shown["text_is_cut"] = "yes"
        self._stream.write(json.dumps({**where, **shown}, ensure_ascii=False) + "\n")


def _printable(text: str) -> str:
    """The text as UTF-8 can hold it; bytes that were none are shown as `\\xe9`."""
    return text.encode("utf-8", "surrogateescape" if _only_bytes(text) else "backslashreplace").decode(
        "utf-8", "backslashreplace"
    )


def _only_bytes(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" and not "\udc80" <= sign <= "\udcff" for sign in text)
