"""Why a mentor is on the list: the parts of the score that moved it most, in words of the mentor's own profile. Pure.

A reason contains only content of that profile: skills that it lists, words that it writes, languages that it names. It
says nothing about the client's budget, and no word of the brief that the profile does not have.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from contracts.fit.portraits import Asked
from contracts.fit.reasons import Reason
from contracts.fit.refusals import told
from contracts.fit.thesaurus import evidence, thesaurus
from contracts.fit.words import tokens
from contracts.vocabulary import SKILLS, related
from services.matching.model.profiles import Profile, available_on
from services.matching.model.ranking import WEIGHTS, Need, Ranked

SHOWN_SKILLS: Final = 5
SHOWN_WORDS: Final = 5
LEAST: Final = 0.005
"""The least that a topic must add to the score to be a reason."""
TELLING: Final = 0.1
"""The least evidence, in nats, with which a word speaks for what is asked."""
NEAR: Final = 0.25
"""How closely an own skill must be related to a topic to be called near (`vocabulary.related`)."""


def why(need: Need, profile: Profile, ranked: Ranked, today: date) -> tuple[Reason, ...]:
    """The reasons, the one that moved the score most first; the last two say what many mentors have in common."""
    exact, near, told_by_text = dict[str, float](), dict[str, float](), ranked.parts["words"] * WEIGHTS["words"]
    for place, share in ranked.by_topic:
        topic, amount = _SKILLS[place], share * WEIGHTS["topics"]
        if amount < LEAST:
            break
        own = _nearest(topic, profile.skills)
        if own is None:
            told_by_text += amount
        else:
            among = exact if own == topic else near
            among[own] = among.get(own, 0) + amount
    near = {skill: amount for skill, amount in near.items() if skill not in exact}
    found = [
        (sum(exact.values()), Reason("skills", _largest(exact))),
        (sum(near.values()), Reason("near-skills", _largest(near))),
        (told_by_text, Reason("text", spoken_of(need.asked, f"{profile.headline}\n{profile.bio}"))),
    ]
    ordered = sorted(found, key=lambda one: -one[0])
    return (*(reason for _, reason in ordered if reason.data), *in_common(need.languages, profile, today))


def in_common(languages: Collection[str], profile: Profile, today: date) -> tuple[Reason, ...]:
    """What many mentors have in common: the languages of the project that they speak, and being available."""
    spoken = tuple(one for one in profile.languages if one in languages)
    free = (Reason("availability"),) if available_on(profile, today) else ()
    return (*((Reason("languages", spoken),) if spoken else ()), *free)


def _nearest(topic: str, skills: Sequence[str]) -> str | None:
    """The topic itself if it is among the skills, else the one nearest to it, None if none is near."""
    near = max(skills, key=lambda skill: related(skill, topic), default=None)
    return near if near is not None and related(near, topic) >= NEAR else None


def spoken_of(asked: Asked, text: str) -> tuple[str, ...]:
    """At most `SHOWN_WORDS` words of a profile's text that speak most for what is asked, as the profile spells them."""
    amounts, spelled = dict[str, float](), dict[str, str]()
    for token, word in tokens(told(text).claims):
        spelled.setdefault(token, word)
    for token in spelled:
        amounts[token] = float(evidence(token) @ asked.weights)
        if token in asked.words:
            amounts[token] += thesaurus().rarity_of(token) * WEIGHTS["words"]
    enough = max(TELLING, max(amounts.values(), default=0.0) / 10)
    largest = sorted((-amount, token) for token, amount in amounts.items() if amount >= enough)
    return tuple(spelled[token] for _, token in largest[:SHOWN_WORDS])


def _largest(amounts: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(amounts, key=lambda skill: (-amounts[skill], skill))[:SHOWN_SKILLS])


_SKILLS: Final = tuple(SKILLS)
