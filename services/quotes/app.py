"""Composition root of the quotes service; the only module that reads the environment."""

import os
from collections.abc import Mapping

from flask import Flask

from chassis import keyring
from chassis.gauges import counting
from chassis.service import Service, from_environment, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.quotes import api, handlers, store
from services.quotes.config import Config
from services.quotes.metrics import HELPS, count_rounds
from services.quotes.migrations import MIGRATIONS


def compose(environ: Mapping[str, str]) -> Service:
    """Builds the service from these settings; raises `chassis.settings.BadSetting`."""
    return Service(
        settings=Settings.read("quotes", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        jobs={"gauges": counting(HELPS, count_rounds)},
        migrations=MIGRATIONS,
        keys=keyring.read("quotes", environ),
        wrapped=store.WRAPPED,
    )


def create_http() -> Flask:
    """The WSGI application, for the HTTP server."""
    return from_environment(compose, os.environ).http()


if __name__ == "__main__":
    main("services.quotes.app", compose, os.environ)
