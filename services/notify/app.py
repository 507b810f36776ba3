"""Composes the notify service; the only module of it that reads the environment."""

import os
from collections.abc import Mapping

from flask import Flask

from chassis.gauges import counting
from chassis.service import Service, from_environment, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.notify import api, handlers, store
from services.notify.config import HTTP_THREADS, Config
from services.notify.jobs.deliveries import deliver_mails
from services.notify.metrics import HELPS, count_mails
from services.notify.migrations import MIGRATIONS


def compose(environ: Mapping[str, str]) -> Service:
    """The service, configured from ``environ``; raises `chassis.settings.BadSetting`."""
    config = Config.read(environ)
    return Service(
        settings=Settings.read("notify", {"RELEVE_HTTP_THREADS": str(HTTP_THREADS), **environ}),
        config=config,
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.indexes(config.kept),
        blueprints=api.blueprints,
        migrations=MIGRATIONS,
        jobs={
            "gauges": counting(HELPS, count_mails),
            **{f"mail-{number}": deliver_mails for number in range(1, config.mail_threads + 1)},
        },
    )


def create_http() -> Flask:
    """The WSGI application."""
    return from_environment(compose, os.environ).http()


if __name__ == "__main__":
    main("services.notify.app", compose, os.environ)
