"""The sentences that explain a proposal, in French and English. They have no rules; `words` fills them."""

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "skills": "Le mentor propose ce qui est demandé : {}.",
        "near-skills": "Le mentor propose des compétences proches : {}.",
        "return": "Le mentor peut apprendre en retour : {}.",
        "text": "La présentation du mentor en parle : {}.",
        "languages": "Langue commune : {}.",
        "place": "Même lieu : {}.",
        "availability": "Disponibles au même moment : {}.",
        "no-skill": "Le mentor ne propose rien de ce qui est demandé : {}.",
        "no-availability": "Aucune demi-journée en commun.",
        "far": "Fuseaux horaires éloignés de {} heures.",
    },
    "en": {
        "skills": "The mentor offers what is wanted: {}.",
        "near-skills": "The mentor offers closely related skills: {}.",
        "return": "The mentor can learn in return: {}.",
        "text": "The mentor’s presentation speaks of it: {}.",
        "languages": "Common language: {}.",
        "place": "Same place: {}.",
        "availability": "Available at the same time: {}.",
        "no-skill": "The mentor offers nothing of what is wanted: {}.",
        "no-availability": "No half-day in common.",
        "far": "Time zones {} hours apart.",
    },
}

DAYS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {"mon": "lundi", "tue": "mardi", "wed": "mercredi", "thu": "jeudi", "fri": "vendredi", "sat": "samedi",
           "sun": "dimanche", "am": "matin", "pm": "après-midi", "eve": "soir"},
    "en": {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
           "sat": "Saturday", "sun": "Sunday", "am": "morning", "pm": "afternoon", "eve": "evening"},
}  # fmt: skip

SECOND: Final[Mapping[str, Mapping[bool, str]]] = {
    "fr": {
        True: "Deuxième choix : {mentor} ({fit} %), qui a une place libre.",
        False: "Deuxième choix : {mentor} ({fit} %), qui n’a pas de place libre.",
    },
    "en": {
        True: "Second choice: {mentor} ({fit} %), who has a free place.",
        False: "Second choice: {mentor} ({fit} %), who has no free place.",
    },
}

PEOPLE: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "fr": {"mentor": ("mentor", "mentors"), "mentee": ("mentoré", "mentorés")},
    "en": {"mentor": ("mentor", "mentors"), "mentee": ("mentee", "mentees")},
}
"""One, and several."""

ALONE: Final[Mapping[str, str]] = {
    "fr": "{name} n’a pas de {other}.",
    "en": "{name} has no {other}.",
}
MOVED: Final[Mapping[str, tuple[str, str]]] = {
    "fr": ("{name} n’a plus de {other} : {partner} est dans une autre équipe.",
           "Remettez-les dans la même équipe, ou publiez sans ce binôme."),
    "en": ("{name} has no {other} any more: {partner} is in another team.",
           "Put them into one team again, or publish without this pair."),
}  # fmt: skip
"""Somebody whose partner was moved into another team, and what would help."""
NOBODY: Final[Mapping[str, str]] = {
    "fr": "Aucun {other} n’est inscrit.",
    "en": "No {other} is enrolled.",
}

MAIN: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "full": "Tous les {others} qui conviendraient sont déjà pris",
        "company": "Aucun {other} d’une autre entreprise ne reste",
        "team": "Aucun {other} d’une autre équipe ne reste",
        "line": "Aucun {other} hors de sa ligne hiérarchique ne reste",
        "language": "Aucun {other} qui parle une de ses langues ne reste",
        "before": "Aucun {other} avec qui former un nouveau binôme ne reste",
        "forbidden": "Aucun {other} ne reste, car des binômes ont été interdits",
    },
    "en": {
        "full": "Every {other} who would suit is taken",
        "company": "No {other} from another company is left",
        "team": "No {other} from another team is left",
        "line": "No {other} outside this reporting line is left",
        "language": "No {other} who speaks one of this person’s languages is left",
        "before": "No {other} for a new pair is left",
        "forbidden": "No {other} is left, because pairs were forbidden",
    },
}
"""The rule that keeps most people away."""

COUNTED: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "fr": {
        "full": ("{n} n’a plus de place", "{n} n’ont plus de place"),
        "company": ("{n} est de la même entreprise", "{n} sont de la même entreprise"),
        "team": ("{n} est de la même équipe", "{n} sont de la même équipe"),
        "line": ("{n} est de la même ligne hiérarchique", "{n} sont de la même ligne hiérarchique"),
        "language": ("{n} ne parle aucune langue commune", "{n} ne parlent aucune langue commune"),
        "before": ("{n} ne peut pas former de nouveau ce binôme", "{n} ne peuvent pas former de nouveau ce binôme"),
        "forbidden": ("{n} est exclu par un binôme interdit", "{n} sont exclus par des binômes interdits"),
    },
    "en": {
        "full": ("{n} has no place left", "{n} have no place left"),
        "company": ("{n} is from the same company", "{n} are from the same company"),
        "team": ("{n} is in the same team", "{n} are in the same team"),
        "line": ("{n} is in the same reporting line", "{n} are in the same reporting line"),
        "language": ("{n} speaks no common language", "{n} speak no common language"),
        "before": ("{n} cannot be paired with this person again", "{n} cannot be paired with this person again"),
        "forbidden": ("{n} is excluded by a forbidden pair", "{n} are excluded by forbidden pairs"),
    },
}
"""How many people a rule keeps away: one, and several."""

OWN_CAPACITY: Final[Mapping[str, str]] = {
    "fr": "Cette personne n’accepte aucun binôme : sa capacité est de 0",
    "en": "This person accepts no pair: the capacity is 0",
}

CHANGES: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "capacity": "Si {person} acceptait {number}, une personne de plus aurait un binôme.",
        "language": "Si {person} acceptait aussi de parler {value}, une personne de plus aurait un binôme.",
        "allow": "Si le binôme interdit {person} – {partner} était permis, une personne de plus aurait un binôme.",
        "unlock": "Si le binôme {person} – {partner} était déverrouillé, une personne de plus aurait un binôme.",
        "rule": "Si le programme renonçait à la règle « {value} », une personne de plus aurait un binôme.",
        "none": "Aucun changement ne suffit à lui seul : inscrivez un {other} de plus, ou changez deux règles.",
    },
    "en": {
        "capacity": "If {person} accepted {number}, one more person would have a pair.",
        "language": "If {person} also accepted to speak {value}, one more person would have a pair.",
        "allow": "If the forbidden pair {person} – {partner} were allowed, one more person would have a pair.",
        "unlock": "If the pair {person} – {partner} were unlocked, one more person would have a pair.",
        "rule": "If the programme gave up the rule “{value}”, one more person would have a pair.",
        "none": "No single change is enough: enrol one more {other}, or change two rules.",
    },
}

NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "fr": ("une personne", "{n} personnes"),
    "en": ("one person", "{n} people"),
}

RULES: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "company": "les deux viennent d’entreprises différentes",
        "team": "personne avec sa propre équipe",
        "line": "personne avec sa propre ligne hiérarchique",
        "language": "une langue en commun",
        "before": "pas deux fois le même binôme",
        "forbidden": "les binômes interdits restent séparés",
    },
    "en": {
        "company": "the two come from different companies",
        "team": "nobody with their own team",
        "line": "nobody with their own reporting line",
        "language": "a language in common",
        "before": "no pair twice",
        "forbidden": "forbidden pairs stay apart",
    },
}
"""The names of the rules."""

DEMANDS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "intro": "Ces règles ne peuvent pas toutes tenir :",
        "outro": "Renoncez à l’une d’elles.",
        "cover": "chaque {side} a un binôme ({number} ne le peuvent pas tous : {people})",
        "cover-one": "chaque {side} a un binôme ({people} n’en trouve pas)",
        "nobody": "il n’y a aucun {other}",
        "lock": "{people} forment un binôme verrouillé",
        "locks": "tous les binômes verrouillés restent",
        "capacity": "{people} accepte au plus {number}",
        "capacity-none": "{people} n’accepte aucun binôme",
        "capacity-common": "chaque {other} accepte au plus {number}, sauf indication contraire",
        "capacity-own": "chaque {other} accepte au plus les personnes de sa propre capacité",
        "for": "{rule} ({people})",
    },
    "en": {
        "intro": "These rules cannot all hold:",
        "outro": "Give up one of them.",
        "cover": "every {side} has a pair ({number} of them cannot all have one: {people})",
        "cover-one": "every {side} has a pair ({people} finds none)",
        "nobody": "there is no {other}",
        "lock": "{people} are a locked pair",
        "locks": "all locked pairs stay",
        "capacity": "{people} accepts at most {number}",
        "capacity-none": "{people} accepts no pair",
        "capacity-common": "every {other} accepts at most {number}, unless they say otherwise",
        "capacity-own": "every {other} accepts at most as many people as they said",
        "for": "{rule} ({people})",
    },
}
AND: Final[Mapping[str, str]] = {"fr": " et ", "en": " and "}
MORE: Final[Mapping[str, str]] = {"fr": "{n} autres", "en": "{n} others"}
