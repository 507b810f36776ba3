"""Pages of participants: by the signed link of a mail, or with an account."""

from web.pages.pair import assessing, going, joining, meeting, opening, pairs, teaming

ROUTES = (
    joining.routes, opening.routes, pairs.routes, teaming.routes, meeting.routes, assessing.routes, going.routes,
)  # fmt: skip
