"""An item's picture on its detail view; how it is looked at stands in the address."""

import math

from medmat_explorer.store.catalog import Catalog, ItemDetail
from medmat_explorer.ui import url_state
from medmat_explorer.ui.components.viewer import PictureLook, viewer
from medmat_explorer.ui.pictures import PROBLEMS, full_picture_address

FRAME, LOW, HIGH, INVERT = LOOK_NAMES = ("frame", "low", "high", "invert")
"""Names in the address; another item is another picture, so what opens one removes them."""

LARGEST = 1e30


def draw_picture(catalog: Catalog, detail: ItemDetail) -> None:
    """The picture with its tools, or a tile that says why there is none."""
    item = detail.item
    viewer(
        full_picture_address(catalog, item.key),
        look_in_address(),
        key="picture",
        alt=f"{item.answer}: {detail.subset.title}",
        version=catalog.version,
        problems=PROBLEMS,
        on_look=lambda sent: url_state.write({name: sent.get(name) for name in LOOK_NAMES}),
    )


def look_in_address() -> PictureLook:
    """How the address says the picture is looked at; what cannot be is left out."""
    frame = url_state.number(FRAME, 0, least=0, most=10**6) or None
    low, high = (_number(url_state.value(name)) for name in (LOW, HIGH))
    if low is None or high is None or not low < high:
        low = high = None
    return PictureLook(frame, low, high, url_state.value(INVERT) == "1")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < LARGEST else None
