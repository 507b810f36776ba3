"""Orange: each of a committee of 12 learns from one young employee, and nobody from their own reporting line."""

from dataclasses import replace

from stories.programmes.cast import MENTEE, MENTOR, Seat

HOST = "Orange"
NAME = "Comité exécutif et jeunes talents"
PURPOSE = "Chaque membre du comité exécutif apprend le numérique avec un jeune salarié d'une autre équipe."
COMMITTEE = (
    *("Gonzague Montferrandais", "Victoire Aubépinière", "Aurélien Castelroussin", "Diane Froidevauxelle"),
    *("Hippolyte Bonnechose", "Isaure Villedelongue", "Théodore Malaparterre", "Perrine Hautecombière"),
    *("Côme Lavallardin", "Blandine Sainteroche", "Octave Peyrelongue", "Garance Montjoyeux"),
)
YOUNG = (
    *("Enzo Villacampano", "Chloé Marquizeau", "Mehdi Aït-Benkassem", "Louna Pralognanne"),
    *("Kylian Dousseveau", "Inaya Sarr-Diabakhaté", "Titouan Le Goasquen", "Jade Monteverdigny"),
    *("Rayan Oulhadji-Kaci", "Célestine Bourgnonville", "Malo Kerhuélec"),
)
DOUBLE = "j01"
"""The young employee who takes two: there is one fewer of them than of the committee."""
LEADS = 4
"""The first of the young lead the teams of the others."""
TOPICS = ("generative-ai", "linkedin", "data-literacy", "online-discussion", "community-platforms", "cybersecurity")


def seats(run: str) -> list[Seat]:
    """The committee c01…c12, then eleven young employees j01…j11.

    Each young team leader reports to a member of the committee, and other young employees to a leader. Each offers what
    the member above wants to learn: the best fit is in the own line, where it is forbidden at any depth.
    """
    domain = f"orange-{run}.example.org"
    committee = [
        Seat(f"c{place:02}", name, MENTEE, HOST, domain, wants=_topics(place), team=f"direction-{place:02}")
        for place, name in enumerate(COMMITTEE, 1)
    ]
    young = []
    for place, name in enumerate(YOUNG, 1):
        above = (place - 1) % LEADS + 1
        manager = f"c{above:02}" if place <= LEADS else f"j{above:02}"
        seat = Seat(f"j{place:02}", name, MENTOR, HOST, domain, offers=_topics(above), team=f"equipe-{above:02}")
        young.append(replace(seat, manager_ref=manager))
    return [*committee, *young]


def line_of(ref: str, seats: list[Seat]) -> set[str]:
    """Everybody above a person, at any depth."""
    managers = {seat.ref: seat.manager_ref for seat in seats}
    above: set[str] = set()
    while ref := managers[ref]:
        above.add(ref)
    return above


def _topics(place: int) -> tuple[str, str]:
    return TOPICS[place % len(TOPICS)], TOPICS[(place + 2) % len(TOPICS)]
