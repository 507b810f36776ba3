"""Composition of the matching service, and its only look at the environment."""

import os

from flask import Flask

from chassis import tracing
from chassis.gauges import counting
from chassis.service import Service, main
from chassis.settings import Settings, environment
from contracts.events import CONTRACT
from services.matching import api, handlers, store
from services.matching.config import Config
from services.matching.metrics import HELPS, count_invitations
from services.matching.migrations import MIGRATIONS


def compose() -> Service:
    """The service from its parts."""
    environ = environment(os.environ)
    tracing.export("matching", environ)
    return Service(
        settings=Settings.read("matching", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        jobs={"gauges": counting(HELPS, count_invitations)},
        migrations=MIGRATIONS,
    )


def create_http() -> Flask:
    """The WSGI application, for the server."""
    return compose().http()


if __name__ == "__main__":
    main("services.matching.app", compose)
