"""Line plots over time or load as inline SVG. Pure."""

import html
import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 240, 64, 12, 28, 44
COLOURS = ("#1f5fa8", "#c2452d", "#2d7d46", "#8a4fa3", "#b8860b", "#3a8f96", "#7a7a7a", "#d1679b", "#5b6b2f", "#000000")
"""Further lines reuse these colours, dashed."""
LEGENDS, LEGEND_WIDTH = 4, 160
Line = Sequence[tuple[float, float]]


def plot(title: str, lines: Mapping[str, Line], x: str, y: str, *, log: bool = False) -> str:
    """One plot. With ``log`` both axes are logarithmic (positive values only)."""
    drawn = {name: [(a, b) for a, b in line if not log or (a > 0 and b > 0)] for name, line in lines.items()}
    drawn = {name: line for name, line in drawn.items() if line}
    if not drawn:
        return f"<p>{html.escape(title)}: nothing was measured.</p>"
    points = [point for line in drawn.values() for point in line]
    heights = [b for _, b in points]
    across = _Scale([a for a, _ in points], LEFT, WIDTH - RIGHT, log=log)
    up = _Scale(heights if log else [0.0, *heights], HEIGHT - BOTTOM, TOP, log=log)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + 16 * math.ceil(len(drawn) / LEGENDS)}" role="img" '
        f'aria-label="{html.escape(title)}">',
        f'<text x="{LEFT}" y="16" class="title">{html.escape(title)}'
        f'<tspan class="unit">, {html.escape(y)}</tspan></text>',
    ]
    for tick in up.ticks():
        place = up(tick)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place:.1f}" y2="{place:.1f}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end">{_short(tick)}</text>')
    for tick in across.ticks():
        where = f'x="{across(tick):.1f}" y="{HEIGHT - BOTTOM + 16}"'
        parts.append(f'<text {where} text-anchor="middle">{_short(tick)}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 12}" text-anchor="end">{html.escape(x)}</text>')
    for number, (name, line) in enumerate(drawn.items()):
        colour, again = COLOURS[number % len(COLOURS)], number // len(COLOURS)
        stroke = f"stroke:{colour}" + (f";stroke-dasharray:{6 // again} 3" if again else "")
        path = " ".join(f"{across(a):.1f},{up(b):.1f}" for a, b in sorted(line))
        parts.append(f'<polyline points="{path}" fill="none" stroke-width="1.5" style="{stroke}"/>')
        if len(line) <= 12:
            parts += [f'<circle cx="{across(a):.1f}" cy="{up(b):.1f}" r="2.5" style="fill:{colour}"/>' for a, b in line]
        x1, y1 = LEFT + (number % LEGENDS) * LEGEND_WIDTH, HEIGHT + 16 * (number // LEGENDS) + 6
        key = f'<line x1="{x1}" x2="{x1 + 16}" y1="{y1 - 4}" y2="{y1 - 4}" stroke-width="3" style="{stroke}"/>'
        # as a style, because the page's style sheet would override an attribute
        label = f'<text x="{x1 + 20}" y="{y1}" style="fill:{colour}">{html.escape(name)}</text>'
        parts.append(f'<g class="legend">{key}{label}</g>')
    return "".join([*parts, "</svg>"])


class _Scale:
    """Maps values to positions; a single value is centred."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, log: bool) -> None:
        self._log = log
        self._low, self._high = min(values), max(values)
        if self._low == self._high:
            self._low, self._high = (self._low / 2, self._high * 2) if log else (self._low - 1, self._high + 1)
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        low, high, value = (math.log(n) if self._log else n for n in (self._low, self._high, value))
        return self._start + (value - low) / (high - low) * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Round values within the scale."""
        if self._log:
            powers = range(math.floor(math.log10(self._low)), math.ceil(math.log10(self._high)) + 1)
            rounds = [step * 10.0**power for power in powers for step in (1, 2, 5)]
        else:
            rough = (self._high - self._low) / 5
            unit = 10 ** math.floor(math.log10(rough))
            step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough)
            rounds = [step * number for number in range(math.floor(self._low / step), math.ceil(self._high / step) + 1)]
        return [value for value in rounds if self._low <= value <= self._high]


def _short(value: float) -> str:
    for factor, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= factor:
            return f"{value / factor:g}{letter}"
    return f"{value:g}"
