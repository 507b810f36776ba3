"""Composition of the accounts service, and its only look at the environment."""

import os

from flask import Flask

from chassis import tracing
from chassis.service import Service, main
from chassis.settings import Settings, environment
from contracts.events import CONTRACT
from services.accounts import api, handlers, store
from services.accounts.config import Config


def compose() -> Service:
    """The service from its parts."""
    environ = environment(os.environ)
    tracing.export("accounts", environ)
    return Service(
        settings=Settings.read("accounts", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
    )


def create_http() -> Flask:
    """The WSGI application, for the server."""
    return compose().http()


if __name__ == "__main__":
    main("services.accounts.app", compose)
