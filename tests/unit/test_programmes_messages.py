"""Requests for messages, and the values that programmes gives to their words."""

from datetime import UTC, datetime

import pytest

from contracts.messages import COMMON, MESSAGES
from services.programmes.model.messages import AT_ONCE, FAREWELLS, Message, Told, request
from services.programmes.model.pairs import ACTIVE, Pair
from services.programmes.model.participants import AGREED, Participant
from services.programmes.model.programme import Programme
from services.programmes.views.messages import message_view, values_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROGRAMME = Programme("p", "owner", "Horizons", "pairing", NOW, organisations=["PWN Paris"])
READ = {*COMMON, "purpose", "side", "format", "partner", "partner_email"}
"""The values that are read when a mail is sent, for a participant with a pair; all others stand in the message."""


def message(id: str, kind: str = "nudge", programme: str = "p", **more: str) -> Message:
    return Message(id, programme, kind, NOW, **more)  # type: ignore[arg-type]


def person(ref: str, **more: str) -> Participant:
    return Participant(ref, "p", ref, f"Name {ref}", f"{ref}@x.example", "mentor", NOW, **more)  # type: ignore[arg-type]


def test_each_request_is_about_one_programme_and_of_bounded_length() -> None:
    messages = [message(f"{programme}-{n}", programme=programme) for n in range(AT_ONCE + 1) for programme in "pq"]
    facts = request(messages)
    assert [(fact.programme, len(fact.messages)) for fact in facts] == [("p", 200), ("p", 1), ("q", 200), ("q", 1)]
    asked = [row["message_id"] for fact in facts for row in fact.messages]
    assert sorted(asked) == sorted(one.id for one in messages)
    assert request([]) == []


def test_kind_without_words_is_never_requested() -> None:
    with pytest.raises(ValueError, match="lists no gossip"):
        request([message("m", "gossip")])
    assert MESSAGES.keys() >= set(FAREWELLS)


def test_words_get_every_value_that_is_read_at_sending() -> None:
    told = Told(message("m", participant="a"), PROGRAMME, person("a"), None, None)
    assert values_of(told).keys() == READ
    stated = {name for kind in MESSAGES for name in MESSAGES[kind]} - READ
    assert stated == {
        "organisation", "team", "challenge", "answer_by", "starts_at", "moment", "pairs", "unpaired", "count",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "published", "agreed", "shown"),
    [
        ("proposed", False, True, ("", "")),
        ("proposed", True, False, ("", "")),
        ("proposed", True, True, ("Name b", "")),
        (ACTIVE, True, True, ("Name b", "b@x.example")),
    ],
)
def test_partners_name_and_address_wait_for_consent(
    state: str, published: bool, agreed: bool, shown: tuple[str, str]
) -> None:
    pair = Pair("p:a:b", "p", "a", "b", NOW, state=state, published=published)
    partner = person("b", state=AGREED if agreed else "enrolled")
    values = values_of(Told(message("m", participant="a"), PROGRAMME, person("a"), pair, partner))
    assert (values["partner"], values["partner_email"]) == shown


def test_link_of_an_account_has_no_token_and_no_end() -> None:
    view = message_view(Told(message("m", "proposal-ready", account="owner"), PROGRAMME), None)
    assert (view["email"], view["token"], view["page"], view["values"]["until"]) == (None, None, "programmes/p", None)
    view = message_view(Told(message("m", participant="a"), PROGRAMME, person("a", timezone="Asia/Tokyo")), "t")
    assert (view["page"], view["token"], view["timezone"]) == ("pair", "t", "Asia/Tokyo")
    assert view["values"]["until"] > NOW
