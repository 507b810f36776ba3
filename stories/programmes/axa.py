"""AXA with Colas, Engie and Saint-Gobain: four organisers, four times 25 people, four challenges, mixed teams."""

from dataclasses import dataclass

from stories.programmes.cast import MENTEE, MENTOR, Seat

HOST = "AXA"
NAME = "Les défis numériques des quatre"
PURPOSE = "Quatre entreprises relèvent ensemble quatre défis numériques, en équipes mélangées."
COMPANIES = {"AXA": "axa", "Colas": "colas", "Engie": "engie", "Saint-Gobain": "saint-gobain"}
ORGANISERS = {"AXA": "Éloïse", "Colas": "Baptiste", "Engie": "Naïma", "Saint-Gobain": "Russell"}
A_COMPANY = 25
SENIORS = 10
"""The first of each company; the others are young."""
_GIVEN = (
    *("Agathe", "Bilal", "Camélia", "Dorian", "Elsa", "Fabio", "Gaëlle", "Hugo", "Iris", "Joachim", "Karine", "Lucien"),
    *("Manon", "Nolwenn", "Oscar", "Paola", "Quentin", "Rokhaya", "Samuel", "Tara", "Ulysse", "Valentin", "Wendy"),
    *("Xavier", "Yasmine"),
)
_BEGINNINGS = {
    "AXA": ("Brandou", "Castelna", "Delvauque", "Escoffra", "Fontarra"),
    "Colas": ("Grimouni", "Hautevare", "Jolimarque", "Kergadou", "Lamberque"),
    "Engie": ("Malvoisi", "Nantouille", "Orgevalle", "Pontarcha", "Quincandre"),
    "Saint-Gobain": ("Rochetaille", "Sauveplane", "Tournemire", "Valmondoi", "Wittelsha"),
}
_ENDS = ("dreux", "mercourt", "vignac", "zenbach", "thomieu")
SKILLS = (
    *("employee-advocacy", "digital-culture", "collaborative-tools", "generative-ai", "social-networks"),
    *("data-literacy", "enterprise-social-network"),
)


@dataclass(frozen=True)
class Goal:
    """A challenge, with the milestones that its teams pass."""

    goal: str
    name: str
    milestones: tuple[str, ...]


GOALS = (
    Goal("culture", "Une réunion sans e-mail", ("Choisir une réunion", "La tenir sans e-mail", "En parler ailleurs")),
    Goal("awareness", "Une heure de veille par semaine", ("Nommer trois sources", "Partager une trouvaille")),
    Goal("advocacy", "Cent collaborateurs ambassadeurs", ("Écrire un premier billet", "Répondre à un client")),
    Goal("tools", "Un outil adopté par équipe", ("Choisir l'outil", "Former un collègue", "Compter les usages")),
)
"""From the four goals of the seed: culture, digital awareness, employee advocacy, adoption of tools."""


def domain_of(company: str, run: str) -> str:
    """The mail domain of a company in this run."""
    return f"{COMPANIES[company]}-{run}.example.org"


def seats(company: str, run: str) -> list[Seat]:
    """The 25 people of a company; every fifth speaks English first."""
    found = []
    for place in range(A_COMPANY):
        name = f"{_GIVEN[place]} {_BEGINNINGS[company][place % 5]}{_ENDS[place // 5]}"
        skill = (SKILLS[place % len(SKILLS)],)
        side = MENTEE if place < SENIORS else MENTOR
        languages = ("en", "fr") if place % 5 == 4 else ("fr",)
        ref = f"{COMPANIES[company]}-{place + 1:02}"
        offers, wants = ((), skill) if side == MENTEE else (skill, ())
        found.append(Seat(ref, name, side, company, domain_of(company, run), offers, wants, languages))
    return found
