"""Composes the matching service; the only module of it that reads the environment."""

import os
from collections.abc import Mapping

from flask import Flask

from chassis.gauges import counting
from chassis.service import Service, from_environment, main
from chassis.settings import Settings
from contracts.events import CONTRACT
from services.matching import api, handlers, store
from services.matching.config import Config
from services.matching.jobs import keep_counting, keep_learning, keep_shelf
from services.matching.metrics import HELPS, count_invitations
from services.matching.migrations import MIGRATIONS


def compose(environ: Mapping[str, str]) -> Service:
    """The service, configured from ``environ``; raises `chassis.settings.BadSetting`."""
    return Service(
        settings=Settings.read("matching", environ),
        config=Config.read(environ),
        contract=CONTRACT,
        handlers=handlers.HANDLERS,
        deadlines=handlers.DEADLINES,
        indexes=store.INDEXES,
        blueprints=api.blueprints,
        jobs={
            "gauges": counting(HELPS, count_invitations),
            "learning": keep_learning,
            "exposure": keep_counting,
            "shelf": keep_shelf,
        },
        migrations=MIGRATIONS,
    )


def create_http() -> Flask:
    """The WSGI application."""
    return from_environment(compose, os.environ).http()


if __name__ == "__main__":
    main("services.matching.app", compose, os.environ)
