"""People for a pairing benchmark: companies, teams, reporting lines, and texts in French and English."""

import random
from collections.abc import Sequence

from contracts import vocabulary
from services.programmes.model.pairing import Person

COMPANIES = ("Axa", "Colas", "Engie", "Saint-Gobain", "Orange", "Nestlé Waters")
PLACES = (
    ("Paris", "Europe/Paris"),
    ("Lyon", "Europe/Paris"),
    ("Nantes", "Europe/Paris"),
    ("London", "Europe/London"),
    ("Montréal", "America/Toronto"),
)
HALF_DAYS = tuple(f"{day}-{half}" for day in ("mon", "tue", "wed", "thu", "fri") for half in ("am", "pm"))
LANGUAGES = (("fr",), ("fr",), ("fr", "en"), ("en",), ("fr", "en", "es"))
TEAM = 12
"""People in a team, who have the same manager."""
TEXTS = {
    ("mentor", "fr"): "Je suis arrivé il y a trois ans au service {team}. J'anime une communauté sur {0}, et "
    "j'explique volontiers {1} et {2} à mes collègues. Le week-end, je fais de la voile et de la photographie.",
    ("mentor", "en"): "I joined {team} three years ago. I run a community about {0} and like to explain {1} and {2} "
    "to colleagues. At weekends I climb and take photographs.",
    ("mentee", "fr"): "Je dirige le service {team} et j'aimerais comprendre {0}, puis me servir de {1} avec mon "
    "équipe. Je voudrais aussi prendre la parole en ligne sur {2}.",
    ("mentee", "en"): "I lead {team} and would like to understand {0}, then use {1} with my people. I also want to "
    "speak online about {2}.",
}


def crowd(mentors: int, mentees: int, seed: int = 1) -> tuple[Person, ...]:
    """So many people of each side; the same seed gives the same people.

    In each company the mentees are a tree of managers, and each team of juniors reports to one of them.
    """
    chance = random.Random(seed)
    skills = list(vocabulary.SKILLS)
    chance.shuffle(skills)
    popular = [1 / (place + 3) for place in range(len(skills))]  # a few skills are wanted by many
    people = []
    for side, many in (("mentee", mentees), ("mentor", mentors)):
        for number in range(many):
            company = COMPANIES[number % len(COMPANIES)]
            above = _manager(number, side, mentees)
            wants = _some(chance, skills, popular, 4)
            about_language = chance.choice(("fr", "fr", "en"))
            languages = {about_language: None, **dict.fromkeys(chance.choice(LANGUAGES))}
            labels = [getattr(vocabulary.SKILLS[one], about_language).lower() for one in wants]
            team = f"{company} {number // len(COMPANIES) // TEAM}"
            place, zone = chance.choice(PLACES)
            people.append(
                Person(
                    id=f"{side}-{seed}-{number}",
                    ref=f"{side[4]}{number}",
                    side=side,
                    organisation=company,
                    team=f"{side} {team}",
                    manager_ref=above,
                    offers=tuple(wants if side == "mentor" else _some(chance, skills, popular, 2)),
                    wants=tuple(wants if side == "mentee" else _some(chance, skills, popular, 2)),
                    languages=tuple(languages),
                    about=TEXTS[side, about_language].format(*labels, team=team),
                    place=place,
                    timezone=zone,
                    availability=tuple(chance.sample(HALF_DAYS, 3)),
                )
            )
    return tuple(people)


def _manager(number: int, side: str, mentees: int) -> str:
    """The ref of a mentee of the same company: above a mentee in a tree of eight each, or above a team of mentors."""
    step = len(COMPANIES)
    place = number // step
    above = (place - 1) // 8 if side == "mentee" else place // TEAM
    manager = above * step + number % step
    return f"e{manager}" if above >= 0 and manager < mentees else ""


def _some(chance: random.Random, skills: Sequence[str], weights: Sequence[float], many: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < many:
        found[chance.choices(skills, weights)[0]] = None
    return list(found)
