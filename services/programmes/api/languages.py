"""The language in which a caller reads texts of this service."""

from flask import request

from chassis.http.said import header
from services.programmes.model.access import Standing
from services.programmes.model.agendas import LANGUAGES

IN_LANGUAGE = header("Accept-Language", "French or English; any other language gives the caller's own.")
VARIES = {"Vary": "Accept-Language"}


def language_of(standing: Standing) -> str:
    """The preferred language by Accept-Language; if that names neither, the person's or the programme's."""
    liked = [tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0]
    own = standing.participant.locale if standing.participant else standing.programme.language
    return next((one for one in [*liked, own] if one in LANGUAGES), LANGUAGES[0])


def headers(language: str) -> dict[str, str]:
    """The headers of an answer in this language."""
    return {"Content-Language": language, **VARIES}
