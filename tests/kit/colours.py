"""The colours of the pages, and how far two of them are apart."""

import re
from pathlib import Path

CSS = (Path(__file__).resolve().parents[2] / "web/static/releve.css").read_text()


def tokens(dark: bool) -> dict[str, str]:
    """The colours by name, in light or dark mode."""
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    found = dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6})", blocks[0]))
    return found | (dict(re.findall(r"--([a-z-]+): (#[0-9A-F]{6})", blocks[1])) if dark else {})


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
