"""Composes the accounts service; the only module of it that reads the environment."""

import os
from collections.abc import Mapping

from flask import Flask

from chassis import keyring
from chassis.gauges import counting
from chassis.service import Service, from_environment, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.accounts import api, handlers, store
from services.accounts.api import keys
from services.accounts.config import Config
from services.accounts.metrics import HELPS, count_departures
from services.accounts.migrations import MIGRATIONS


def compose(environ: Mapping[str, str]) -> Service:
    """The service, configured from ``environ``; raises `chassis.settings.BadSetting`."""
    return Service(
        settings=Settings.read("accounts", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        jobs={"gauges": counting(HELPS, count_departures)},
        migrations=MIGRATIONS,
        keys=keyring.read("accounts", environ),
        wrapped=store.WRAPPED,
        pages=keys.pages,
    )


def this_process() -> Service:
    """The service configured from this process's environment, for the operators' command line."""
    return from_environment(compose, os.environ)


def create_http() -> Flask:
    """The WSGI application."""
    return this_process().http()


if __name__ == "__main__":
    main("services.accounts.app", compose, os.environ)
