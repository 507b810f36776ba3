"""Composition root of the projects service; the only module that reads the environment."""

import os
from collections.abc import Mapping

from flask import Flask

from chassis import keyring
from chassis.service import Service, from_environment, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.projects import api, handlers, store
from services.projects.config import Config
from services.projects.migrations import MIGRATIONS
from services.projects.model import scanning


def compose(environ: Mapping[str, str]) -> Service:
    """Builds the service from these settings; raises `chassis.settings.BadSetting`."""
    return Service(
        settings=Settings.read("projects", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        migrations=MIGRATIONS,
        keys=keyring.read("projects", environ),
        wrapped=store.WRAPPED,
    )


def create_http() -> Flask:
    """The WSGI application, for the HTTP server."""
    scanning.read_tables()
    return from_environment(compose, os.environ).http()


if __name__ == "__main__":
    main("services.projects.app", compose, os.environ)
