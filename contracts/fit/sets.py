"""Compares many small sets with each other, such as languages or half-days. Pure."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray


def common(rows: Sequence[Collection[str]], columns: Sequence[Collection[str]]) -> NDArray[np.float32]:
    """How many elements each set of ``rows`` has in common with each set of ``columns``."""
    places = {item: place for place, item in enumerate(sorted({item for one in columns for item in one}))}
    return incidence(rows, places) @ incidence(columns, places).T


def stated(rows: Sequence[Collection[str]], columns: Sequence[Collection[str]]) -> NDArray[np.bool_]:
    """Where both sets have an element at all."""
    ours, theirs = (np.array([bool(one) for one in side], bool) for side in (rows, columns))
    return np.logical_and.outer(ours, theirs)


def incidence(sets: Sequence[Collection[str]], places: dict[str, int]) -> NDArray[np.float32]:
    """A row for each set, with 1 at the places of its elements; elements without a place are left out."""
    found = np.zeros((len(sets), len(places)), np.float32)
    for row, items in enumerate(sets):
        found[row, [places[item] for item in items if item in places]] = 1
    return found
