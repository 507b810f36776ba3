"""Pages of participants: by the signed link of a mail, or with an account."""

from web.pages.pair import assessing, going, joining, meeting, opening, pairs

ROUTES = (
    joining.routes, opening.routes, pairs.routes, meeting.routes, assessing.routes, going.routes,
)  # fmt: skip
