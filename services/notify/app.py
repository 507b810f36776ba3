"""Composition of the notify service, and its only look at the environment."""

import os

from flask import Flask

from chassis.service import Service, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.notify import api, handlers, store
from services.notify.config import Config
from services.notify.deliveries import deliver_mails

HTTP_THREADS = {"RELEVE_HTTP_THREADS": "256"}
"""More than elsewhere: each open event stream holds one, and three quarters of them may."""


def compose() -> Service:
    """The service from its parts."""
    settings = Settings.read("notify", HTTP_THREADS | os.environ)
    config = Config.read(os.environ, settings.http_threads)
    return Service(
        settings=settings,
        config=config,
        contract=CONTRACT,
        publishes=(),
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.indexes(config.kept),
        blueprints=api.blueprints,
        jobs={f"mail-{number}": deliver_mails for number in range(1, config.mail_threads + 1)},
    )


def create_http() -> Flask:
    """The WSGI application, for the server."""
    return compose().http()


if __name__ == "__main__":
    main("services.notify.app", compose)
