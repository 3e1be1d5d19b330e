"""Pixels: opening images that are not trusted, looking at them, and shrinking them."""

from medmat_explorer.media.inspection import ImageFacts, inspect_image
from medmat_explorer.media.opening import open_image, resolve_inside

__all__ = ["ImageFacts", "inspect_image", "open_image", "resolve_inside"]
