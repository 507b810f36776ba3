"""Why a mentor is invited, and the sentences that explain it, in French or English. Pure."""

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
    """One reason for an invitation. ``code`` is `skills`, `near-skills`, `text`, `languages` or `availability`;
    ``data`` are the mentor's own skills, words or languages that match."""

    code: str
    data: tuple[str, ...] = ()


def explain(reasons: Iterable[Reason], locale: str) -> list[str]:
    """The reasons as short sentences for the mentor, in English for an English locale, else in French.

    Omits unknown codes and skills that are no longer in the vocabulary.
    """
    language = "en" if locale.lower().startswith("en") else "fr"
    sentences = []
    for reason in reasons:
        sentence = SENTENCES[language].get(reason.code)
        data = [worded for item in reason.data if (worded := _worded(reason.code, item, language))]
        if sentence and (data or "{}" not in sentence):
            sentences.append(sentence.format(", ".join(data)))
    return sentences


def _worded(code: str, item: str, language: str) -> str:
    if code in ("skills", "near-skills"):
        skill = vocabulary.SKILLS.get(item)
        return getattr(skill, language) if skill else ""
    return LANGUAGES[language].get(item, item) if code == "languages" else item
