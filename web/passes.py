"""A participant's pass: the session of one programme, which the link of a mail opens, sealed in a cookie of its own.

An account that is signed in stays so beside it: the pass alone calls the API on the pages of its programme.
"""

from dataclasses import asdict, dataclass

from flask import Response, g, request

from chassis.http.origin import caller_address
from web.api import Caller
from web.cookies import Cookie
from web.visit import Visit, parts, visit
from web.words import LOCALES, Words

PURPOSE = "pass"
COOKIE = Cookie("releve-pass")


@dataclass(frozen=True)
class Pass:
    """One person's pass to one programme, with the language and the time zone that they have there."""

    token: str
    programme: str
    locale: str
    zone: str


def held() -> Pass | None:
    """The pass that this browser holds; None once it cannot be opened."""
    sealed = COOKIE.read(parts().config)
    value = parts().seal.open(PURPOSE, sealed) if sealed else None
    return Pass(**value) if value else None


def hold(response: Response, taken: Pass, seconds: int) -> Response:
    """Keeps the pass in the browser for as long as the API accepts it."""
    COOKIE.put(response, parts().config, parts().seal.close(PURPOSE, asdict(taken)), seconds)
    return response


def drop(response: Response) -> Response:
    """Takes the pass out of the browser."""
    COOKIE.delete(response, parts().config)
    return response


def use(taken: Pass) -> None:
    """Makes the holder of the pass the caller of this request, in the language that they chose here or have there."""
    chosen, here = request.cookies.get("lang", ""), visit()
    words = Words(chosen if chosen in LOCALES else taken.locale, taken.zone or "Europe/Paris")
    caller = Caller(parts().api, taken.token, words.locale, caller_address())
    g.visit = Visit(here.session, words, caller, here.now)
