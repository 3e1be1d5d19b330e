"""What makes an item the same item: its subset, image, question, options and right letter.

The id is stable, so that links and stored answers survive a new import. 63 of the 128 bits of a hash make the id;
all of them are kept while importing, so that two different items with one id are noticed.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

LOW_BITS = (1 << 63) - 1
FIELD_END, OPTION_END = "\x1f", "\x1e"
"""Control characters, which texts of items never hold: no two contents are joined to the same string."""


class Identity(NamedTuple):
    """The id of an item, and the whole hash that it is a part of."""

    id: int
    hash: int


def item_identity(subset: str, image: str, question: str, options: Sequence[str], letter: str) -> Identity:
    """The identity of an item's content; the import's SQL computes the same."""
    content = FIELD_END.join((subset, image, question, OPTION_END.join(options), letter))
    digest = hashlib.md5(content.encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest, "little")
    return Identity(number & LOW_BITS, number)


def image_id(path: str) -> int:
    """A 63-bit number that stands for an image path in joins and counts."""
    digest = hashlib.md5(path.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest, "little") & LOW_BITS
