"""Where the browser finds an item's picture, and what stands there when there is none."""

from medmat_explorer.store.catalog import Catalog

PROBLEMS: dict[str, str] = {
    "missing": "image file is missing",
    "unreadable": "image file cannot be read",
}


def picture_address(catalog: Catalog, key: str, size: int) -> str:
    """The address of the item's picture at most `size` pixels wide; the version makes caches forget old pictures."""
    return f"/thumbs/{catalog.name}/{key}?size={size}&v={catalog.version}"


def picture_problem(image_state: str) -> str:
    """Why there is no picture, or an empty text when there should be one."""
    return PROBLEMS.get(image_state, "")
