"""Writes a picture as a standalone SVG file: what a reader saves has the positions of what is on the screen.

Text is escaped here and nowhere else. The palette is that of the app (`.streamlit/config.toml`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from xml.sax.saxutils import escape, quoteattr

FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Ink:
    """The colours of a saved picture: paper, text, quieter text, lines, panels, the accent."""

    paper: str
    text: str
    quiet: str
    line: str
    panel: str
    accent: str


LIGHT = Ink("#ffffff", "#16222b", "#4c5961", "#d5dde1", "#f3f6f7", "#0b6e6e")
DARK = Ink("#11171b", "#e6edf0", "#a9b5bb", "#35434c", "#1a2329", "#3fb8b0")


class Svg:
    """A picture that is written from back to front. Lengths are pixels, `title` is its alternative text."""

    def __init__(self, width: float, height: float, title: str, dark: bool = False) -> None:
        self.width, self.height = width, height
        self.ink = DARK if dark else LIGHT
        self._title = title
        self._parts: list[str] = []
        self.rect(0, 0, width, height, fill=self.ink.paper)

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        radius: float = 0,
        width: float = 1,
        dash: str = "",
    ) -> Self:
        """A rectangle, its corners rounded by `radius`."""
        return self._add(
            "rect", {"x": x, "y": y, "width": w, "height": h, "rx": radius, **_pen(fill, stroke, width, dash)}
        )

    def circle(
        self, x: float, y: float, r: float, *, fill: str = "none", stroke: str = "none", width: float = 1
    ) -> Self:
        """A circle around (x, y)."""
        return self._add("circle", {"cx": x, "cy": y, "r": r, **_pen(fill, stroke, width)})

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, stroke: str = "", width: float = 1, dash: str = ""
    ) -> Self:
        """A straight line; without `stroke` in the colour of lines."""
        pen = _pen("none", stroke or self.ink.line, width, dash)
        return self._add("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, **pen})

    def path(self, d: str, *, stroke: str = "none", fill: str = "none", width: float = 1, dash: str = "") -> Self:
        """A path in SVG's own notation."""
        return self._add("path", {"d": d, **_pen(fill, stroke, width, dash)})

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        anchor: str = "start",
        weight: int = 400,
        fill: str = "",
        turn: float = 0,
    ) -> Self:
        """Words on a baseline at y, turned by `turn` degrees around (x, y); without `fill` in the colour of text."""
        attributes: dict[str, str | float] = {"x": x, "y": y, "font-size": size, "text-anchor": anchor}
        attributes |= {"font-weight": weight, "fill": fill or self.ink.text}
        if turn:
            attributes["transform"] = f"rotate({_number(turn)} {_number(x)} {_number(y)})"
        return self._add("text", attributes, words)

    def write(self) -> str:
        """The whole file."""
        w, h = _number(self.width), _number(self.height)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
            f'role="img" font-family="{FONT}">'
        )
        return "\n".join([head, f"<title>{escape(_drawable(self._title))}</title>", *self._parts, "</svg>\n"])

    def _add(self, tag: str, attributes: Mapping[str, str | float], words: str | None = None) -> Self:
        written = " ".join(f"{name}={quoteattr(_drawable(_written(value)))}" for name, value in attributes.items())
        body = "/>" if words is None else f">{escape(_drawable(words))}</{tag}>"
        self._parts.append(f"<{tag} {written}{body}")
        return self


def _pen(fill: str, stroke: str, width: float, dash: str = "") -> dict[str, str | float]:
    pen: dict[str, str | float] = {"fill": fill}
    if stroke != "none":
        pen |= {"stroke": stroke, "stroke-width": width}
    return pen | ({"stroke-dasharray": dash} if dash else {})


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _drawable(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n\r" or 0x20 <= ord(c) <= 0xD7FF or 0xE000 <= ord(c) <= 0xFFFD else "" for c in text)
