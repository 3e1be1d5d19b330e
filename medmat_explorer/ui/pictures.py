"""Where the browser finds an item's picture, and what stands there when there is none."""

from medmat_explorer.store.catalog import Catalog

PROBLEMS: dict[str, str] = {
    "missing": "image file is missing",
    "unreadable": "image file cannot be read",
    "outside": "image file lies outside the collection's folder",
    "too-large": "image file is too large to open",
    "no-picture": "DICOM file without a picture",
    "needs-decoder": "compressed in a way that is not decoded here",
    "needs-nibabel": "NIfTI volume: nibabel is not installed",
    "no-such-frame": "there is no such frame",
}
"""By an image's state or the reason of an ImageRefusedError."""


def picture_address(catalog: Catalog, key: str, size: int) -> str:
    """The address of the item's picture at most `size` pixels wide; the version makes caches forget old pictures."""
    return f"/thumbs/{catalog.name}/{key}?size={size}&v={catalog.version}"


def full_picture_address(catalog: Catalog, key: str) -> str:
    """The address of the item's picture in full; `/info` and `/values` behind it say what it holds."""
    return f"/pictures/{catalog.name}/{key}"


def picture_problem(image_state: str, reason: str = "") -> str:
    """Why there is no picture, or an empty text when there should be one; the reason says more where it is known."""
    return PROBLEMS.get(reason.split(":")[0], PROBLEMS.get(image_state, ""))
