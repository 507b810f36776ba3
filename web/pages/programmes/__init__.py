"""Programmes: for their owners, and for the organisers of their companies."""

from web.pages.programmes import challenges, enrolling, organising, overview, proposing, running

ROUTES = (
    overview.routes, organising.routes, enrolling.routes, challenges.routes, proposing.routes, running.routes,
)  # fmt: skip
