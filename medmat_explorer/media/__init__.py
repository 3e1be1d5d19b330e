"""Pixels: opening images that are not trusted, looking at them, and shrinking them."""

from medmat_explorer.media.inspection import ImageFacts, inspect_image
from medmat_explorer.media.opening import open_image, open_picture, resolve_inside
from medmat_explorer.media.picture import Picture, Window, render

__all__ = [
    "ImageFacts",
    "Picture",
    "Window",
    "inspect_image",
    "open_image",
    "open_picture",
    "render",
    "resolve_inside",
]
