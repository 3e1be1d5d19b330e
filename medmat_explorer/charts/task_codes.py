"""Short codes for tasks, so that a small mark can name one: `Dis` Diseases, `CeI` Cell Identification."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import count

SIMPLE, LONGEST = 3, 6


def task_codes(tasks: Iterable[str]) -> dict[str, str]:
    """A code for each task, no two alike: of three letters where those tell the tasks apart, else a little longer."""
    names = list(dict.fromkeys(tasks))
    lengths = dict.fromkeys(names, SIMPLE)
    while True:
        codes = {name: _code(name, lengths[name]) for name in names}
        uses = Counter(codes.values())
        unclear = [name for name in names if uses[codes[name]] > 1 and lengths[name] < LONGEST]
        if not unclear:
            return _numbered(codes)
        lengths.update((name, lengths[name] + 1) for name in unclear)


def _code(name: str, length: int) -> str:
    """The beginning of the first word, then the first letters of the others; that beginning grows with the length."""
    words: list[str] = re.findall(r"\w+", name)
    first, *others = words or [name]
    initials = "".join(word[0].upper() for word in others)[: length - 1]
    start = first[: max(1, length - len(initials))]
    return start[0].upper() + start[1:] + initials


def _numbered(codes: dict[str, str]) -> dict[str, str]:
    """Codes that are still alike get a number that makes them a code of their own."""
    uses, taken = Counter(codes.values()), set(codes.values())
    for name, code in codes.items():
        if uses[code] > 1:
            codes[name] = next(new for place in count(1) if (new := f"{code}{place}") not in taken)
            taken.add(codes[name])
    return codes
