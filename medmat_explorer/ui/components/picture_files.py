"""Two buttons that save a picture: as SVG, and as PNG at twice its size, which the browser draws from the SVG."""

from functools import cache
from typing import Any

from medmat_explorer.ui.components.assets import component


@cache
def _renderer() -> Any:
    return component("picture_files")


def picture_files(svg: str, name: str, *, key: str) -> None:
    """Offers `svg`, a whole SVG file, as `<name>.svg` and `<name>.png`."""
    _renderer()(key=key, data={"svg": svg, "name": _file_name(name)})


def _file_name(name: str) -> str:
    """Without what a file system or another program may not like."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip("-.") or "picture"
