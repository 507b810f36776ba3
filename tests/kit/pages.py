"""The pages in process, over a stand-in of the API: a test writes its answers, and reads what was asked of it."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from web.api import Answer, Api
from web.config import Config
from web.factory import create_app
from web.session import Session, Sessions
from web.vocabulary import Vocabulary

OURS = {"Sec-Fetch-Site": "same-origin"}
"""The header by which a browser says that a form is from one of our own pages."""


Answers = Mapping[tuple[str, str], Answer | list[Answer] | Exception]


class StandIn(Api):
    """Answers by method and path, without the query; what it does not know is 404. `asked` has every request.

    A list has one answer for each request; an exception is raised.
    """

    def __init__(self, answers: Answers) -> None:
        super().__init__("http://stand-in.invalid")
        self.answers = dict(answers)
        self.asked: list[tuple[str, str, Any, Mapping[str, str]]] = []

    def call(self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        self.asked.append((method, target, body, headers or {}))
        found = self.answers.get((method, target.partition("?")[0]), refused(404, "not-found"))
        if isinstance(found, Exception):
            raise found
        return found.pop(0) if isinstance(found, list) else found

    def bodies(self, method: str, path: str) -> list[Any]:
        """The bodies that were sent there."""
        return [body for one, target, body, _ in self.asked if (one, target.partition("?")[0]) == (method, path)]


def refused(status: int, name: str, **more: Any) -> Answer:
    """A problem."""
    return Answer(status, {"type": f"urn:releve:problem:{name}", **more})


@cache
def _app() -> Flask:
    return create_app(Config.read({"RELEVE_API_URL": "http://stand-in.invalid", "RELEVE_WEB_KEY": "k" * 32}))


def opened(answers: Answers, role: str = "", locale: str = "fr") -> tuple[FlaskClient, StandIn]:
    """A browser without scripts on the pages, signed in if a role is given, and the API behind them.

    The pages are made once: the next call gives them another API.
    """
    app, api = _app(), StandIn(answers)
    shared = app.extensions["web"]
    shared = replace(shared, api=api, sessions=Sessions(api, shared.seal), vocabulary=Vocabulary())
    app.extensions["web"] = shared
    browser = app.test_client()
    if role:
        session = Session("access", "refresh", time.time() + 600, "me", role, "Zoé", locale, "Europe/Paris")
        browser.set_cookie("releve", shared.sessions.sealed(session))
    else:
        browser.set_cookie("lang", locale)
    return browser, api
