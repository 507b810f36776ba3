"""Composition root of the programmes service; the only module that reads the environment."""

import os
from collections.abc import Mapping

from flask import Flask

from chassis import keyring
from chassis.service import Service, from_environment, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.programmes import api, handlers, store
from services.programmes.config import Config
from services.programmes.jobs.solving import solve_requests
from services.programmes.migrations import MIGRATIONS


def compose(environ: Mapping[str, str]) -> Service:
    """Builds the service from these settings; raises `chassis.settings.BadSetting`."""
    return Service(
        settings=Settings.read("programmes", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        jobs={"solving": solve_requests},
        migrations=MIGRATIONS,
        keys=keyring.read("programmes", environ),
        wrapped=store.WRAPPED,
    )


def create_http() -> Flask:
    """The WSGI application, for the HTTP server."""
    return from_environment(compose, os.environ).http()


if __name__ == "__main__":
    main("services.programmes.app", compose, os.environ)
