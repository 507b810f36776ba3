"""A programme as its readers see it."""

from chassis.mongo import Document
from services.programmes.model.access import Standing
from services.programmes.model.programme import Programme

SHOWN = (
    "id", "name", "kind", "state", "organisations", "language", "purpose", "created_at", "published_at", "closed_at",
    "contact",
)  # fmt: skip


def programme_view(programme: Programme) -> Document:
    """A programme for those who run it."""
    view: Document = {name: getattr(programme, name) for name in SHOWN}
    return view | {
        "host": programme.shown_host,
        "rules": {**vars(programme.rules), "answer_within": programme.rules.answer_within.total_seconds()},
        "copied_from": programme.copied_from,
        "my_part": ["owner"],
    }


def standing_view(standing: Standing) -> Document:
    """A programme for this caller: organisers and participants do not read its rules."""
    programme = standing.programme
    parts = {"owner": standing.runs, "organiser": standing.organisation, "participant": standing.participant}
    mine = {"my_part": [name for name, held in parts.items() if held]}
    if standing.runs:
        return programme_view(programme) | mine
    view: Document = {name: getattr(programme, name) for name in SHOWN}
    return view | {"host": programme.shown_host} | mine
