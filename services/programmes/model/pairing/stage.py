"""One stage of the optimum: most people covered, fewest changes, the best worst pair, the largest sum. Exact."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from services.programmes.model.pairing.board import Cell, Progress
from services.programmes.model.pairing.fitting import SCALE, Fits
from services.programmes.model.pairing.slots import FORBIDDEN, Growing, Slots


class Stage:
    """Covers the people with a primary slot by allowed pairs. ``kept`` are pairs to keep as far as possible."""

    def __init__(
        self, rows: Slots, columns: Slots, allowed: NDArray[np.bool_], fits: Fits, kept: Collection[Cell]
    ) -> None:
        self._rows, self._columns, self._allowed, self._fits = rows, columns, allowed, fits
        self._slots = Growing(rows, columns)
        self._kept = np.zeros(allowed.shape, bool)
        for cell in kept:
            self._kept[cell] = True
        # One step of a level outweighs all pairs of the level below. Sums are integers below 2**53, hence exact.
        most = min(rows.count, columns.count, int(rows.primary.sum() + columns.primary.sum()))
        self._keep_step = most * SCALE + 1
        self._cover_step = (most + 1) * self._keep_step

    def solve(self, progress: Progress) -> list[Cell]:
        """The pairs that cover most people; among those solutions the ones with the fewest pairs, then most of
        ``kept``, then the best worst fit, then the largest sum of fits. Sorted."""
        if not self._allowed.any() or not (self._rows.primary.any() or self._columns.primary.any()):
            return []
        cells = self._best(self._best_floor(progress), with_fits=True)[1]
        progress(1.0)
        return sorted(cells)

    def _best_floor(self, progress: Progress) -> int:
        """The largest fit that every pair can have without covering, or keeping, less."""
        most, cells = self._best(0, with_fits=False)
        if not cells:
            return 0
        low, high = self._worst(cells), int(self._fits[self._allowed].max())
        width = max(1, high - low)
        while low < high:
            middle = (low + high + 1) // 2
            value, cells = self._best(middle, with_fits=False)
            low, high = (self._worst(cells), high) if value == most else (low, middle - 1)
            progress(1 - (high - low + 1) / (width + 1))
        return low

    def _best(self, floor: int, *, with_fits: bool) -> tuple[int, list[Cell]]:
        """The best pairs with at least this fit, and their value without the fits."""
        weights = np.where(self._kept, float(self._keep_step), 0.0)
        if with_fits:
            weights += self._fits
        weights[~self._allowed | (self._fits < floor)] = FORBIDDEN
        found = self._slots.assign(weights, float(self._cover_step))
        cells = [cell for _, cell in found]
        value = sum(worth * self._cover_step + int(self._kept[cell]) * self._keep_step for worth, cell in found)
        return value, cells

    def _worst(self, cells: Collection[Cell]) -> int:
        return int(min(self._fits[cell] for cell in cells))
