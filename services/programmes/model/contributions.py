"""What a team contributes to its challenge: a link, a text or a picture. Nobody's contributions are ever counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from chassis.facts import Refusal, wrong
from services.programmes.model.access import Standing
from services.programmes.model.challenges import Challenge
from services.programmes.model.participants import Participant
from services.programmes.model.programme import UNDER_WAY
from services.programmes.model.teamwork import Team

LINK, TEXT, PICTURE = "link", "text", "picture"
KINDS = (LINK, TEXT, PICTURE)
MOST_TEXT = 5_000
MOST_LINK = 2_000
MOST_OF_A_TEAM = 100


@dataclass(frozen=True)
class Contribution:
    """A contribution. ``text`` is the text itself, or the caption of a link or picture.

    ``by`` is a participant's id, which only that person's own requests are compared with.
    """

    id: str
    programme: str
    challenge: str
    team: str
    by: str
    kind: str
    created_at: datetime
    text: str = ""
    url: str | None = None
    media_type: str | None = None
    milestone: str | None = None


def contribute(
    id: str,
    standing: Standing,
    challenge: Challenge,
    team: Team | None,
    body: Mapping[str, Any],
    held: int,
    now: datetime,
) -> Contribution:
    """A contribution of the caller for their team, which has ``held`` already.

    Raises ``wrong-state`` unless the programme is under way, ``not-in-team``, ``too-many-contributions``, ``invalid``
    and ``not-found`` for an unknown milestone.
    """
    author: Participant = standing.taking_part()
    standing.programme.check_state(*UNDER_WAY)
    if team is None or team.challenge != challenge.id or author.id not in team.members or not author.takes_part:
        raise Refusal("not-in-team", "Only members of this challenge's teams may contribute.")
    if held >= MOST_OF_A_TEAM:
        raise Refusal("too-many-contributions", f"A team has at most {MOST_OF_A_TEAM} contributions; withdraw one.")
    errors = check_content(body)
    if errors:
        raise Refusal("invalid", errors=errors)
    milestone = body.get("milestone")
    if milestone is not None:
        challenge.milestone(milestone)
    return Contribution(
        id,
        challenge.programme,
        challenge.id,
        team.id,
        author.id,
        body["kind"],
        now,
        text=body.get("text") or "",
        url=body.get("url"),
        media_type=body.get("media_type"),
        milestone=milestone,
    )


def check_content(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The errors of a contribution's content: each kind has what it needs and nothing of another kind."""
    kind = body["kind"]
    needed = {LINK: "url", TEXT: "text", PICTURE: "picture"}[kind]
    errors = [wrong(name, "not-for-this-kind", f"Not for a {kind}.", kind=kind) for name in _others(body, needed)]
    if not body.get(needed):
        errors.append(wrong(needed, "missing", "Missing data for required field."))
    elif needed == "url" and not is_public_link(body["url"]):
        message = "Give an http or https address without a user name or password."
        errors.append(wrong("url", "not-a-url", message))
    return list(errors)


def _others(body: Mapping[str, Any], needed: str) -> Sequence[str]:
    return [name for name in ("url", "picture") if name != needed and body.get(name)]


def is_public_link(url: str) -> bool:
    """Whether this is an http or https address with a host, without credentials, spaces or control characters."""
    if any(character <= " " or character == "\x7f" for character in url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc


def may_withdraw(contribution: Contribution, standing: Standing) -> bool:
    """Whether the caller may remove it: its author, and those who run the programme."""
    author = standing.participant is not None and standing.participant.id == contribution.by
    return author or standing.runs
