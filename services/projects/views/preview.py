"""Response body of a preview."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.mongo import Document
from contracts.descriptors import descriptor
from contracts.wordings import SHOWN
from services.projects.model.leaks import FieldLeak
from services.projects.model.organisation import Organisation
from services.projects.model.posting import descriptor_of
from services.projects.model.preview import LEAST, RANGES, general_wordings, places_shown, redacted, topics_of
from services.projects.model.scanning import places


def preview_view(
    body: Mapping[str, Any],
    leaks: Sequence[FieldLeak],
    organisation: Organisation,
    ranges: Mapping[str, str] | None,
    locale: str,
) -> Document:
    """A preview of this posting by this organisation, as mentors would read it in the language ``locale``."""
    texts = {"title": body["title"], "brief": body["brief"]}
    shown = body["client_shown"]
    fitting = ranges[shown] if ranges else None
    few = fitting == RANGES[0]
    return {
        "leaks": places_shown(leaks, places(body["confirmed"])),
        "mentors_see": {
            **(redacted(texts, leaks) if body["redact"] else texts),
            "topics": body["topics"],
            "languages": body["languages"],
            "client": _client(organisation, shown, locale),
        },
        "topics": topics_of(f"{body['title']}\n{body['brief']}", body["topics"]),
        "fitting_organisations": LEAST[RANGES.index(fitting)] if fitting else None,
        "fitting_range": fitting,
        "few": few,
        "wordings": [
            {"shown": one, "client": _client(organisation, one, locale), "fitting_range": ranges[one]}
            for one in general_wordings(ranges)
        ]
        if ranges and few and shown == SHOWN[0]
        else [],
    }


def _client(organisation: Organisation, shown: str, locale: str) -> str:
    client = descriptor_of(organisation, shown)
    return descriptor({"size": client["size"], "sector": client["sector"], "shown": shown}, locale)
