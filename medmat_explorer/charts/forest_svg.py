"""The forest plot as an SVG file: name, interval, gain in numbers and the verdict in words on every line."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from medmat_explorer.charts.forest import ForestLine
from medmat_explorer.charts.svg import Svg
from medmat_explorer.evaluation.evidence import Verdict

WIDTH, NAMES, NUMBERS = 960, 300, 270
"""Of the picture, of the names at its left, and of the numbers and verdicts at its right, in pixels."""

TOP, LINE, BOTTOM = 46, 22, 44
TICK = 10
"""Points between two grid lines, doubled until there are few enough."""

MOST_TICKS = 9


@dataclass(frozen=True)
class GainScale:
    """Points along the middle of the picture: `ticks` are those of the grid, the first and last at its ends."""

    ticks: tuple[int, ...]

    def x(self, points: float) -> float:
        """Where so many points lie, in pixels."""
        share = (points - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return NAMES + share * (WIDTH - NAMES - NUMBERS)


def gain_scale(lines: Sequence[ForestLine]) -> GainScale:
    """From the smallest to the largest end of any interval, zero among them."""
    ends = [end for line in lines for end in (line.gain, line.low, line.high) if end is not None]
    step = TICK
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    while (max(high, 0) - min(low, 0)) / step > MOST_TICKS:
        step *= 2
    first, last = floor(min(low, 0) / step), ceil(max(high, 0) / step)
    return GainScale(tuple(step * place for place in range(first, max(last, first + 1) + 1)))


def forest_svg(lines: Sequence[ForestLine], title: str, *, dark: bool = False) -> str:
    """The picture with its title above and the scale below."""
    scale, foot = gain_scale(lines), TOP + LINE * len(lines)
    svg = Svg(WIDTH, foot + BOTTOM, title, dark)
    svg.text(4, 20, title, size=14, weight=600)
    for tick in scale.ticks:
        svg.line(scale.x(tick), TOP - 8, scale.x(tick), foot, dash="" if tick else "4 3", width=1 if tick else 1.5)
        svg.text(scale.x(tick), foot + 16, f"{tick:+d}" if tick else "0", size=11, anchor="middle", fill=svg.ink.quiet)
    for place, line in enumerate(lines):
        _draw_line(svg, line, scale, TOP + LINE * place + LINE / 2)
    middle = (scale.x(scale.ticks[0]) + scale.x(scale.ticks[-1])) / 2
    svg.text(middle, foot + 34, "gain in points, 95 % interval", anchor="middle", fill=svg.ink.quiet)
    return svg.write()


def _draw_line(svg: Svg, line: ForestLine, scale: GainScale, y: float) -> None:
    colour = svg.ink.accent if line.verdict == Verdict.BEYOND_NOISE.value else svg.ink.quiet
    svg.text(NAMES - 14, y + 4, line.name, anchor="end")
    numbers = f"{line.gain:+.0f}"
    if line.low is not None and line.high is not None:
        svg.line(scale.x(line.low), y, scale.x(line.high), y, stroke=colour, width=2.5)
        numbers += f" ({line.low:+.0f} to {line.high:+.0f}), n = {line.n}"
    _draw_point(svg, line.verdict, scale.x(line.gain), y, colour)
    svg.text(WIDTH - NUMBERS + 14, y + 4, f"{numbers}, {line.verdict}", fill=svg.ink.quiet)


def _draw_point(svg: Svg, verdict: str, x: float, y: float, colour: str) -> None:
    """The shape of the verdict: a triangle, a ring, a cross."""
    if verdict == Verdict.BEYOND_NOISE.value:
        svg.path(f"M{x - 5:.1f} {y + 4:.1f}L{x + 5:.1f} {y + 4:.1f}L{x:.1f} {y - 5:.1f}Z", fill=colour)
    elif verdict == Verdict.NOT_SHOWN.value:
        svg.circle(x, y, 4.5, fill=svg.ink.paper, stroke=colour, width=2)
    else:
        svg.path(f"M{x - 5:.1f} {y:.1f}H{x + 5:.1f}M{x:.1f} {y - 5:.1f}V{y + 5:.1f}", stroke=colour, width=2)
