"""What the fit reads of a person's skills and texts: the portrait of a mentor, or what a mentee asks for.

Reading a text takes some 50 ms of a core, so that of each person is kept until they write another one.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from contracts.fit import portraits, refusals, skills
from contracts.fit.encoder import Encoder, Vectors
from contracts.fit.kept import asked_data, asked_of, edition, portrait_data, portrait_of
from contracts.fit.portraits import LISTED_ALONE, STRONGEST, Portrait
from contracts.fit.topics import PLACES
from services.programmes.model.pairing.problem import Person, Seen
from services.programmes.model.participants import MENTOR

_ERROR: Final = 0.005
"""More than the error of a strength that was stored."""


class _NoTexts:
    """Stands for the encoder where no text is read."""

    name = ""

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError("there is no text to encode")


def seen(person: Person, encoder: Encoder) -> Seen:
    """What a person's skills and texts say, as precisely as it is stored: a `Portrait` of a mentor, an `Asked` of a
    mentee."""
    own = own_words(person)
    if person.side == MENTOR:
        painted = portraits.paint(skills.resolved(person.offers), [person.about, *own], encoder)
        return portrait_of(portrait_data(painted))
    asked = portraits.ask(", ".join(own), person.about, skills.resolved(person.wants), encoder)
    return asked_of(asked_data(asked))


def unread(person: Person) -> Seen:
    """What the listed skills alone say: `seen` of somebody who writes nothing."""
    offers, wants = (tuple(filter(skills.known, said)) for said in (person.offers, person.wants))
    return seen(replace(person, about="", offers=offers, wants=wants), _NoTexts())


def writes(person: Person) -> bool:
    """Whether the person has written anything that has to be read."""
    return bool(portraits.words("\n".join((person.about, *own_words(person)))))


def own_words(person: Person) -> list[str]:
    """The skills that a mentor offers, or a mentee wants, in words that the vocabulary does not have."""
    said = person.offers if person.side == MENTOR else person.wants
    return [word for word in said if not skills.known(word)]


def claims(mentor: Person) -> str:
    """What a mentor writes of what they can do, without what they say they cannot."""
    return "\n".join(refusals.told(text).claims for text in (mentor.about, *own_words(mentor)))


def wishes(mentee: Person) -> str:
    """What a mentee writes of what they want, without what they say they do not."""
    return "\n".join((*mentee.wants, refusals.wanted(mentee.about)))


def disclaimed(mentor: Person, portrait: Portrait) -> set[str]:
    """The listed skills of which the mentor's texts say that they cannot do them: they count less than listed alone."""
    listed = [skill for skill in skills.resolved(mentor.offers) if skill in PLACES]
    least = portraits.share_of_one(len(listed) or 1) * LISTED_ALONE - _ERROR
    return {skill for skill in listed if portrait.strengths[PLACES[skill]] * STRONGEST < least}


def digest_of(person: Person, encoder: str) -> str:
    """A digest of all that `seen` depends on: with this digest, it was made of the same words by the same rules.
    ``encoder`` is the encoder's name."""
    said = person.offers if person.side == MENTOR else person.wants
    text = json.dumps([edition(encoder), person.side, list(said), person.about], separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
