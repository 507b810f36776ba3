"""A person's data, for themselves."""

from chassis.mongo import Document
from services.programmes.model.holdings import Holdings, Participation
from services.programmes.views.programmes import programme_view

GIVEN = (
    "ref", "name", "email", "side", "organisation", "team", "manager_ref", "offers", "wants", "languages", "about",
    "place", "timezone", "availability", "capacity", "locale", "state", "via", "created_at", "agreed_at",
)  # fmt: skip
SESSION = ("starts_at", "minutes", "timezone", "place", "agenda", "state", "note")
CONTRIBUTION = ("created_at", "kind", "text", "url")


def participation_view(held: Participation) -> Document:
    """Somebody's data in one programme. Of a partner it holds nothing but what both wrote."""
    person = held.participant
    return {
        "programme_id": held.programme.id,
        "programme": held.programme.name,
        "host": held.programme.shown_host,
        "participant": {name: getattr(person, name) for name in GIVEN},
        "assessments": {moment: dict(answers) for moment, answers in person.assessments.items()},
        "pairs": [
            {
                "side": pair.side_of(person.id),
                "state": pair.state,
                "began_at": pair.active_at,
                "ended_at": (pair.ended or {}).get("at"),
                "answer": pair.answers.get(pair.side_of(person.id) or ""),
            }
            for pair in held.pairs
        ],
        "sessions": [{name: session.get(name) for name in SESSION} for session in held.sessions],
        "endings": [{"reason": one["reason"], "at": one["at"]} for one in held.endings],
        "contributions": [{name: one.get(name) for name in CONTRIBUTION} for one in held.contributions],
    }


def holdings_view(held: Holdings) -> Document:
    """All that is held of an account."""
    return {
        "participations": [participation_view(one) for one in held.participations],
        "owned": [programme_view(programme) for programme in held.owned],
        "organised": [{"id": programme.id, "name": programme.name} for programme in held.organised],
    }
