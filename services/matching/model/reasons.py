"""Why a mentor is invited, and the sentences that explain it, in French or English. Pure."""

from collections.abc import Iterable
from typing import Final

from contracts.fit.languages import LANGUAGES
from contracts.fit.reasons import Reason, worded

__all__ = ["LANGUAGES", "SENTENCES", "Reason", "explain"]

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


def explain(reasons: Iterable[Reason], locale: str) -> list[str]:
    """The reasons as short sentences for the mentor, in English for an English locale, else in French.

    Omits unknown codes and skills that are no longer in the vocabulary.
    """
    language = "en" if locale.lower().startswith("en") else "fr"
    sentences = []
    for reason in reasons:
        sentence = SENTENCES[language].get(reason.code)
        data = [words for item in reason.data if (words := worded(reason.code, item, language))]
        if sentence and (data or "{}" not in sentence):
            sentences.append(sentence.format(", ".join(data)))
    return sentences
