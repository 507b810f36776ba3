"""The operators' pages. They stand where the gateway says that operators come in, and nowhere else."""

from web.pages.ops import accounts, events, factor, letters, lists, matching, reports, trail

BLUEPRINTS = (
    lists.routes, matching.routes, letters.routes, events.routes, reports.routes, accounts.routes, trail.routes,
    factor.routes,
)  # fmt: skip
