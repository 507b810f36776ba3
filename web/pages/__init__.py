"""The pages, by whom and what they are for."""

from web.live import routes as live
from web.pages import (
    account,
    invitations,
    notifications,
    ops,
    organisation,
    pair,
    profile,
    programmes,
    projects,
    public,
    quotes,
    quoting,
)  # fmt: skip

BLUEPRINTS = (
    public.routes, account.routes, projects.routes, quotes.routes, invitations.routes, quoting.routes,
    organisation.routes, profile.routes, notifications.routes, *ops.BLUEPRINTS, *programmes.ROUTES,
    *pair.ROUTES, live,
)  # fmt: skip
