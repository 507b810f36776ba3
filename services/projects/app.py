"""Composition of the projects service, and its only look at the environment."""

import os

from flask import Flask

from chassis import tracing
from chassis.service import Service, main
from chassis.settings import Settings, environment
from contracts.events import CONTRACT
from services.projects import api, handlers, store
from services.projects.config import Config
from services.projects.migrations import MIGRATIONS


def compose() -> Service:
    """The service from its parts."""
    environ = environment(os.environ)
    tracing.export("projects", environ)
    return Service(
        settings=Settings.read("projects", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        migrations=MIGRATIONS,
    )


def create_http() -> Flask:
    """The WSGI application, for the server."""
    return compose().http()


if __name__ == "__main__":
    main("services.projects.app", compose)
