"""Why a mentor is invited, and the sentences that say so to them, in French or English. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from contracts import vocabulary

LANGUAGES: Final = {
    "fr": {"fr": "français", "en": "anglais", "de": "allemand", "es": "espagnol", "it": "italien",
           "pt": "portugais", "nl": "néerlandais", "pl": "polonais", "ar": "arabe", "zh": "chinois"},
    "en": {"fr": "French", "en": "English", "de": "German", "es": "Spanish", "it": "Italian",
           "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "ar": "Arabic", "zh": "Chinese"},
}  # fmt: skip
SENTENCES: Final = {
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


@dataclass(frozen=True)
class Reason:
    """One ground for an invitation: `skills`, `near-skills`, `text`, `languages` or `availability`, and the
    mentor's own skills, words or languages behind it."""

    code: str
    data: tuple[str, ...] = ()


def explain(reasons: Iterable[Reason], locale: str) -> list[str]:
    """The reasons as short sentences to the mentor, in English for an English locale, else in French.

    A code or a skill that is not known (any more) is left out.
    """
    language = "en" if locale.lower().startswith("en") else "fr"
    sentences = []
    for reason in reasons:
        sentence = SENTENCES[language].get(reason.code)
        data = [spoken for item in reason.data if (spoken := _spoken(reason.code, item, language))]
        if sentence and (data or "{}" not in sentence):
            sentences.append(sentence.format(", ".join(data)))
    return sentences


def _spoken(code: str, item: str, language: str) -> str:
    if code in ("skills", "near-skills"):
        skill = vocabulary.SKILLS.get(item)
        return getattr(skill, language) if skill else ""
    return LANGUAGES[language].get(item, item) if code == "languages" else item
