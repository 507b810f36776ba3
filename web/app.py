"""Composes the web client; the only module of it that reads the environment."""

import os
import sys

from flask import Flask

from chassis import telemetry, tracing
from chassis.http.serve import serve
from chassis.settings import BadSetting, environment
from web.config import Config
from web.factory import create_app


def create_http() -> Flask:
    """The WSGI application."""
    settings = environment(os.environ)
    config = Config.read(settings)
    tracing.export("web", settings)
    telemetry.start("web", "http", config.log_level)
    return create_app(config)


def main() -> None:
    """Runs ``python -m web.app http``."""
    if sys.argv[1:] != ["http"]:
        sys.exit("usage: python -m web.app http")
    try:
        serve("web.app:create_http", Config.read(environment(os.environ)))
    except BadSetting as error:
        sys.exit(f"web: {error}")


if __name__ == "__main__":
    main()
