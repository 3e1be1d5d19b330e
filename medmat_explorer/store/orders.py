"""Orders of a gallery; items that are equal under one lie as in the release."""

from dataclasses import dataclass, field

from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.held_out import draw_factor

SORTS: dict[str, str] = {
    "subset": "place",
    "label": "array_to_string(labels, ', ')",
    "size": "-coalesce(width::BIGINT * height, 0)",
    "random": "(id::UHUGEINT * $order_factor::UHUGEINT) & ((1::UHUGEINT << 63) - 1)",
}
"""By name: place in the release, labels, pixels (most first, unknown ones last), a draw of the seed."""

SIZED = "(SELECT items.*, width, height FROM items LEFT JOIN states USING (image_id)) AS items"


@dataclass(frozen=True)
class Order:
    """What stands behind FROM and ORDER BY, and its parameters."""

    source: str
    sql: str
    parameters: dict[str, object] = field(default_factory=dict)


def order_named(sort: str, seed: int = 0) -> Order:
    """An order of SORTS; `seed` is that of a random one. Raises UnknownNameError for another name."""
    if sort not in SORTS:
        raise UnknownNameError("order", sort, SORTS)
    parameters: dict[str, object] = {"order_factor": draw_factor(seed)} if sort == "random" else {}
    return Order(SIZED if sort == "size" else "items", SORTS[sort], parameters)
