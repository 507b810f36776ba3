"""Integer programmes, collected piece by piece and solved by HiGHS (Huangfu and Hall 2018)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

INFEASIBLE, OPTIMAL = 2, 0
"""Statuses of a solver's answer."""


@dataclass
class IntegerProgramme:
    """Variables with costs and limits, and linear constraints, as they are collected."""

    costs: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    rows: list[tuple[Mapping[int, float], float, float]] = field(default_factory=list)

    def variable(self, cost: float = 0, upper: float = 1, whole: bool = True, lower: float = 0) -> int:
        """A new variable from ``lower`` to ``upper``, to be minimised with ``cost``; returns its number."""
        self.costs.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.costs) - 1

    def constrain(self, terms: Mapping[int, float], lower: float, upper: float) -> None:
        """The sum of these variables with their factors lies from ``lower`` to ``upper``."""
        self.rows.append((terms, lower, upper))

    def solve(self, nodes: int) -> tuple[int, list[float] | None, float | None]:
        """HiGHS's status, the best solution, and the proven lower bound, after at most ``nodes`` nodes."""
        # not at the top: it takes half a second, and most processes solve nothing
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        places = [(row, column) for row, (terms, _, _) in enumerate(self.rows) for column in terms]
        values = [value for terms, _, _ in self.rows for value in terms.values()]
        shape = (len(self.rows), len(self.costs))
        matrix = csr_array((values, tuple(zip(*places, strict=True))), shape=shape)
        found = milp(
            self.costs,
            integrality=self.whole,
            bounds=Bounds(self.lower, self.upper),
            constraints=LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows]),
            options={"node_limit": nodes, "mip_rel_gap": 0.0},
        )
        return found.status, None if found.x is None else list(found.x), getattr(found, "mip_dual_bound", None)
