"""Who is fit for a need, in which order, and why: pure rules, no clock, no I/O.

What a mentor is shown of it (`Ranked.why`, `explain`) holds only what stands in their own profile: never a
word of the brief that they did not write themselves, and nothing about the client's budget.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Final

import bm25s

from contracts import vocabulary

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"skills": 0.5, "text": 0.2, "languages": 0.1, "budget": 0.1, "availability": 0.1}
)
NEUTRAL: Final = 0.5  # for a part that cannot be judged: no topics, no rate, another currency
SOON_DAYS: Final = 30  # a mentor who is free later than this is not eligible
BUDGET_DAYS: Final = 5  # a budget that pays for this many days of a mentor fits in full
SHOWN_SKILLS: Final = 5
SHOWN_WORDS: Final = 5

_LANGUAGES: Final = {
    "fr": {"fr": "français", "en": "anglais", "de": "allemand", "es": "espagnol", "it": "italien",
           "pt": "portugais", "nl": "néerlandais", "pl": "polonais", "ar": "arabe", "zh": "chinois"},
    "en": {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian",
           "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "ar": "Arabic", "zh": "Chinese"},
}  # fmt: skip
_SENTENCES: Final = {
    "fr": {
        "skills": "Vos compétences correspondent : {}.",
        "near-skills": "Vous avez des compétences proches : {}.",
        "text": "Votre profil en parle : {}.",
        "languages": "Vous parlez la langue du projet : {}.",
        "availability": "Vous êtes disponible dès maintenant.",
    },
    "en": {
        "skills": "Your skills match: {}.",
        "near-skills": "You have closely related skills: {}.",
        "text": "Your profile speaks of it: {}.",
        "languages": "You speak the language of the project: {}.",
        "availability": "You are available now.",
    },
}

# Words that say nothing of a subject, folded: of French and of English, then those that every brief uses.
_STOP_WORDS_TEXT: Final = """
ai aie ainsi alors apres as au aucun aujourd aussi autre autres aux avant avec avez avoir avons bien car ce
ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment dans de deja depuis dernier des
donc dont du elle elles en encore entre es est et etaient etait etant ete etes etre eu eux faire fait fois
font hui ici il ils je jusqu la le les leur leurs lors lorsqu lui ma mais me meme mes moi moins mon ne ni
nos notre nous on ont or ou par parce pas pendant peu peut plus plusieurs pour pourquoi pouvoir puis qu
quand que quel quelle quelles quels qui quoi sa sans se sera ses si sommes son sont sous sur ta te tes toi
ton tous tout toute toutes tres trop tu un une vers via vos votre vous

about after all also am an and any are at be because been before being but by can could did do does each for
from had has have he her here him his how i if in into is it its just me more most my no nor not of off on
once only or other our out over own same she should so some such than that the their them then there these
they this those to too under until up us very was we were what when where which while who why will with
would you your

accompagnement accompagner aide aider annees ans besoin besoins bonjour cherche chercher cherchons companies
company days entreprise entreprises equipe equipes hello help helping jours like look looking merci mission
missions mois month months need needs please project projects projet projets recherche recherchons search
semaine semaines societe souhaite souhaiter souhaitons team teams thank thanks travail voudrions voulons
want week weeks wish work working year years
"""
_STOP_WORDS: Final = frozenset(_STOP_WORDS_TEXT.split())


@dataclass(frozen=True)
class Need:
    """What a project asks for; the budget is in minor units of its currency, before tax."""

    topics: tuple[str, ...]
    languages: tuple[str, ...]
    title: str
    brief: str
    budget_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Candidate:
    """What ranking reads of a mentor's profile."""

    mentor: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    day_rate_minor: int | None = None
    currency: str | None = None
    available_from: date | None = None
    paused: bool = False
    headline: str = ""
    bio: str = ""


@dataclass(frozen=True)
class Reason:
    """One ground for an invitation: `skills`, `near-skills`, `text`, `languages` or `availability`, and the
    mentor's own skills, words or languages behind it."""

    code: str
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranked:
    """A mentor's place: the score from 0 to 1, and the reasons that the mentor may read."""

    mentor: str
    score: float
    why: tuple[Reason, ...]


def eligible(need: Need, candidate: Candidate, today: date) -> bool:
    """Whether the mentor may be invited at all: not paused, free within `SOON_DAYS`, a language in common,
    and a skill near one of the topics. A need that names no topic or no language asks for none."""
    return (
        not candidate.paused
        and _wait(candidate, today) <= SOON_DAYS
        and (not need.languages or bool(set(need.languages) & set(candidate.languages)))
        and (not need.topics or any(vocabulary.related(a, b) for a in need.topics for b in candidate.skills))
    )


def rank(need: Need, candidates: Iterable[Candidate], today: date, seed: str) -> list[Ranked]:
    """The eligible mentors, best first.

    The order depends on nothing but the arguments, and not on the order of the candidates (each mentor once).
    Equal scores are ordered by a hash of seed and mentor, so that nobody is always first by their id.
    """
    pool = [one for one in candidates if eligible(need, one, today)]
    texts = _text_parts(need, pool)
    ranked = []
    for candidate, (text, words) in zip(pool, texts, strict=True):
        parts = {
            "skills": _skills_part(need, candidate),
            "text": text,
            "languages": _languages_part(need, candidate),
            "budget": _budget_part(need, candidate),
            "availability": 1 - _wait(candidate, today) / (SOON_DAYS + 1),
        }
        score = sum(weight * parts[part] for part, weight in WEIGHTS.items())
        # Rounded, so that the last bits of a float never decide where chance should.
        score = round(min(score, 1.0), 6)
        ranked.append(Ranked(candidate.mentor, score, _why(need, candidate, words, today)))
    return sorted(ranked, key=lambda one: (-one.score, _lot(seed, one.mentor)))


def explain(reasons: Iterable[Reason], locale: str) -> list[str]:
    """The reasons as short sentences to the mentor, in English for an English locale, else in French.

    A code or a skill that is not known (any more) is left out.
    """
    language = "en" if locale.lower().startswith("en") else "fr"
    sentences = []
    for reason in reasons:
        sentence = _SENTENCES[language].get(reason.code)
        data = [spoken for item in reason.data if (spoken := _spoken(reason.code, item, language))]
        if sentence and (data or "{}" not in sentence):
            sentences.append(sentence.format(", ".join(data)))
    return sentences


def _skills_part(need: Need, candidate: Candidate) -> float:
    """How much of the topics the skills cover, each topic by the nearest skill."""
    if not need.topics:
        return NEUTRAL
    return sum(_nearest(topic, candidate.skills) for topic in need.topics) / len(need.topics)


def _nearest(skill: str, others: Iterable[str]) -> float:
    return max((vocabulary.related(skill, other) for other in others), default=0.0)


def _languages_part(need: Need, candidate: Candidate) -> float:
    wanted = set(need.languages)
    return len(wanted & set(candidate.languages)) / len(wanted) if wanted else NEUTRAL


def _budget_part(need: Need, candidate: Candidate) -> float:
    if need.budget_minor is None or candidate.day_rate_minor is None or need.currency != candidate.currency:
        return NEUTRAL
    if candidate.day_rate_minor <= 0:
        return 1.0
    return min(1.0, max(0, need.budget_minor) / (BUDGET_DAYS * candidate.day_rate_minor))


def _wait(candidate: Candidate, today: date) -> int:
    """Days until the mentor is free."""
    return max(0, (candidate.available_from - today).days) if candidate.available_from else 0


def _text_parts(need: Need, pool: Sequence[Candidate]) -> list[tuple[float, tuple[str, ...]]]:
    """For each candidate, the BM25 score of headline and bio against the need, 1 for the best of the pool,
    and the matched words as the candidate spells them: the topics' first, then the rarest."""
    topical = {token for name in vocabulary.terms(need.topics) for token, _ in _tokens(name)}
    query = topical.union(token for text in (need.title, need.brief) for token, _ in _tokens(text))
    profiles = [_tokens(f"{one.headline}\n{one.bio}") for one in pool]
    matched = [{token: word for token, word in reversed(profile) if token in query} for profile in profiles]
    frequency = Counter(token for tokens in matched for token in tokens)
    if not frequency:
        return [(0.0, ())] * len(pool)

    index = bm25s.BM25()
    # All other words count for a profile's length alone: as one token they give the same scores, sooner.
    documents = [[token if token in query else "" for token, _ in profile] for profile in profiles]
    index.index(documents, show_progress=False)
    scores = index.get_scores(sorted(frequency)).astype(float)
    best = float(scores.max()) or 1.0
    parts = []
    for score, words in zip(scores, matched, strict=True):
        shown = sorted(words, key=lambda token: (token not in topical, frequency[token], token))[:SHOWN_WORDS]
        parts.append((min(1.0, max(0.0, float(score) / best)), tuple(words[token] for token in shown)))
    return parts


def _why(need: Need, candidate: Candidate, words: tuple[str, ...], today: date) -> tuple[Reason, ...]:
    nearness = {skill: _nearest(skill, need.topics) for skill in candidate.skills}
    exact = tuple(skill for skill, near in nearness.items() if near == 1)[:SHOWN_SKILLS]
    kin = (skill for skill, near in nearness.items() if 0 < near < 1)
    near = tuple(sorted(kin, key=lambda skill: -nearness[skill]))[:SHOWN_SKILLS]
    spoken = tuple(language for language in candidate.languages if language in need.languages)
    free = () if _wait(candidate, today) else (Reason("availability"),)
    found = {"skills": exact, "near-skills": near, "text": words, "languages": spoken}
    return (*(Reason(code, data) for code, data in found.items() if data), *free)


def _spoken(code: str, item: str, language: str) -> str:
    if code in ("skills", "near-skills"):
        skill = vocabulary.SKILLS.get(item)
        return getattr(skill, language) if skill else ""
    return _LANGUAGES[language].get(item, item) if code == "languages" else item


def _lot(seed: str, mentor: str) -> bytes:
    return sha256(f"{len(seed)}:{seed}{mentor}".encode()).digest()


def _tokens(text: str) -> list[tuple[str, str]]:
    """The words of a text that say something of a subject, in order: each as a token and as it is spelled."""
    # Composed first, since a loose accent is no letter to the expression.
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", vocabulary.few_marks(text)))
    return [(token, word) for word in words if (token := _token(word))]


@lru_cache(maxsize=65536)
def _token(word: str) -> str:
    """A word without case, accents and the mark of a plural; empty if it says nothing of a subject."""
    token = vocabulary.fold(word)
    if not 2 <= len(token) <= 40 or token.isdigit() or token in _STOP_WORDS:
        return ""
    return token[:-1] if len(token) > 3 and token[-1] in "sx" and token[-2] != "s" else token
