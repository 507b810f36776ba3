"""Two degrees: what names the client is refused or redacted; a common word that is also its name is asked about."""

from typing import Any

import pytest

from chassis.facts import Refusal
from services.projects.model.leaks import Identity
from services.projects.model.scanning import CERTAIN, DOUBTFUL, Place, Scanned, check_certain, places, scan

ORANGE = Identity(name="Orange", aliases=("Orange Business Services",), people=("Thomas Dupont",))
ASKING = {"title": "Du neuf", "brief": "Un logo orange, sur fond blanc."}
ORANGE_AT = Place("brief", 8, 14)


def refusal_of(texts: dict[str, str], confirmed: Any = (), *, redacting: bool = False) -> Refusal:
    with pytest.raises(Refusal) as raised:
        scan(texts, ORANGE, confirmed, redacting=redacting)
    return raised.value


def degrees(refusal: Refusal) -> list[tuple[str, bool]]:
    return [(leak["text"], leak["certain"]) for leak in refusal.extra["leaks"]]


def test_doubtful_place_is_refused_once_with_a_question() -> None:
    refusal = refusal_of(ASKING)
    assert (refusal.name, refusal.detail) == ("identity-leak", DOUBTFUL)
    assert refusal.extra["leaks"] == [
        {"field": "brief", "start": 8, "end": 14, "kind": "name", "text": "orange", "certain": False}
    ]


def test_confirmed_place_is_accepted_and_kept() -> None:
    clean = scan(ASKING, ORANGE, [ORANGE_AT])
    assert (clean.texts, clean.confirmed) == (ASKING, [ORANGE_AT])


@pytest.mark.parametrize(
    "place", [Place("title", 8, 14), Place("brief", 7, 14), Place("brief", 8, 15), Place("brief", 0, 31)]
)
def test_place_is_confirmed_only_exactly(place: Place) -> None:
    assert degrees(refusal_of(ASKING, [place])) == [("orange", False)]


def test_certain_place_stays_refused_when_confirmed() -> None:
    texts = {"brief": "Thomas Dupont veut un logo orange."}
    confirmed = [Place("brief", 0, 13), Place("brief", 27, 33)]
    refusal = refusal_of(texts, confirmed)
    assert (degrees(refusal), refusal.detail) == ([("Thomas Dupont", True)], CERTAIN)


def test_both_degrees_are_shown_together_in_order() -> None:
    refusal = refusal_of({"brief": "Un logo orange pour Thomas Dupont."})
    assert degrees(refusal) == [("orange", False), ("Thomas Dupont", True)]
    assert refusal.detail == CERTAIN


def test_redaction_replaces_certain_places_and_asks_about_others() -> None:
    texts = {"brief": "Thomas Dupont veut un logo orange."}
    refusal = refusal_of(texts, redacting=True)
    assert (degrees(refusal), refusal.detail) == ([("orange", False)], DOUBTFUL)
    clean = scan(texts, ORANGE, [Place("brief", 27, 33)], redacting=True)
    assert clean.texts == {"brief": "[…] veut un logo orange."}


def test_kept_places_count_in_the_redacted_text() -> None:
    texts = {"brief": "Thomas Dupont et x@y.fr : orange, Thomas Dupont."}
    clean = scan(texts, ORANGE, [Place("brief", 26, 32)], redacting=True)
    [place] = clean.confirmed
    assert clean.texts["brief"][place.start : place.end] == "orange"
    assert scan(clean.texts, ORANGE, clean.confirmed).texts == clean.texts


def test_a_place_that_is_no_leak_is_ignored() -> None:
    texts = {"brief": "Rien à dire."}
    assert scan(texts, ORANGE, [Place("brief", 0, 4)]).confirmed == []


def test_some_texts_are_checked_for_certain_places_alone() -> None:
    check_certain({"sector": "La vie en orange"}, ORANGE)
    with pytest.raises(Refusal):
        check_certain({"sector": "Orange Business Services"}, ORANGE)


def test_scan_is_kept_for_each_identity_with_its_confirmed_places() -> None:
    scanned = Scanned(ASKING, [ORANGE_AT])
    scanned.prepare(ORANGE)
    assert scanned.clean_for(ORANGE).confirmed == [ORANGE_AT]
    with pytest.raises(Refusal):
        scanned.clean_for(Identity(name="Logo"))


def test_places_are_read_from_a_request_and_from_documents() -> None:
    assert places([{"field": "brief", "start": 8, "end": 14}]) == [ORANGE_AT]
