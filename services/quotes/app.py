"""Composition of the quotes service, and its only look at the environment."""

import os

from flask import Flask

from chassis import tracing
from chassis.gauges import counting
from chassis.service import Service, main
from chassis.settings import Settings, environment
from contracts.events import CONTRACT
from services.quotes import api, handlers, store
from services.quotes.metrics import HELPS, count_rounds
from services.quotes.migrations import MIGRATIONS


def compose() -> Service:
    """The service from its parts."""
    environ = environment(os.environ)
    tracing.export("quotes", environ)
    return Service(
        settings=Settings.read("quotes", environ),
        config=None,
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        jobs={"gauges": counting(HELPS, count_rounds)},
        migrations=MIGRATIONS,
    )


def create_http() -> Flask:
    """The WSGI application, for the server."""
    return compose().http()


if __name__ == "__main__":
    main("services.quotes.app", compose)
