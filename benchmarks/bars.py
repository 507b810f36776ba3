"""Groups of bars with intervals as an SVG file that stands alone. Pure."""

import html
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.retrieval import Estimate

WIDTH: Final = 760
HEIGHT: Final = 280
LEFT: Final = 40
RIGHT: Final = 12
TOP: Final = 34
BOTTOM: Final = 28
LEGEND: Final = 24
COLOURS: Final = ("#9a9a9a", "#b8860b", "#3a8f96", "#8a4fa3", "#1f5fa8", "#c2452d")
FILLED: Final = 0.8
"""The share of a group's width that its bars take."""


def bars(title: str, groups: Sequence[str], lines: Mapping[str, Sequence[Estimate]]) -> str:
    """One bar for each line in each group, from 0 to 1; each line has an estimate for every group."""
    high, across = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / len(groups)
    base, wide = HEIGHT - BOTTOM, FILLED * across / len(lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + LEGEND}" role="img" '
        f'aria-label="{html.escape(title)}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT + LEGEND}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="18" font-size="14" fill="#222222">{html.escape(title)}</text>',
    ]
    for tenth in range(0, 11, 2):
        y = base - high * tenth / 10
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#444444">{tenth / 10:g}</text>')
    for place, group in enumerate(groups):
        middle = LEFT + across * (place + 0.5)
        name = html.escape(group)
        parts.append(f'<text x="{middle:.1f}" y="{base + 18}" text-anchor="middle" fill="#222222">{name}</text>')
        for number, (line, estimates) in enumerate(lines.items()):
            one, x = estimates[place], middle - FILLED * across / 2 + wide * number
            said = html.escape(f"{line}, {group}: {one}")
            parts.append(
                f'<rect x="{x:.1f}" y="{base - high * one.mean:.1f}" width="{wide - 1:.1f}" '
                f'height="{high * one.mean:.1f}" fill="{_colour(number)}"><title>{said}</title></rect>'
            )
            low, top = base - high * max(0.0, one.low), base - high * one.high
            parts.append(f'<path d="M{x + wide / 2:.1f} {low:.1f}V{top:.1f}" stroke="#222222" stroke-width="1.2"/>')
    for number, line in enumerate(lines):
        x, y = LEFT + number * (WIDTH - LEFT) / len(lines), HEIGHT + 4
        parts.append(f'<rect x="{x:.1f}" y="{y}" width="12" height="12" fill="{_colour(number)}"/>')
        parts.append(f'<text x="{x + 17:.1f}" y="{y + 10}" fill="#222222">{html.escape(line)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]
