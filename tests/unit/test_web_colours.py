"""The contrast of every pair of colours that the pages put on each other (WCAG 2.2, 1.4.3 and 1.4.11)."""

import pytest

from tests.kit.colours import contrast, tokens

TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *(("ink", ground, TEXT) for ground in ("paper", "sheet", "sunk", "tint", "mark")),
    *(("soft", ground, TEXT) for ground in ("paper", "sheet", "sunk", "tint")),
    *(("accent", ground, TEXT) for ground in ("paper", "sheet", "sunk", "tint")),
    *(("error", ground, TEXT) for ground in ("paper", "sheet", "sunk")),
    ("on-accent", "accent", TEXT), ("paper", "error", TEXT),
    *(("edge", ground, EDGE) for ground in ("paper", "sheet")),
]  # fmt: skip


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_every_pair_of_colours_has_enough_contrast(text: str, ground: str, least: float, dark: bool) -> None:
    found = tokens(dark)
    assert contrast(found[text], found[ground]) >= least
