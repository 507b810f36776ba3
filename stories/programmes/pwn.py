"""PWN: a professional women's network pairs 20 executives with 20 young mentors, one to one, in two languages."""

from stories.programmes.cast import MENTEE, MENTOR, Seat

HOST = "PWN Lumières"
NAME = "Mentorat inversé, promotion d'automne"
PURPOSE = "Vingt dirigeantes apprennent d'un jeune mentor à prendre la parole en ligne et à lire la donnée."
SENIORS = (
    *("Ségolène Aubrac-Delmazot", "Héloïse Vauquercourt", "Marguerite Lanfraye", "Bérengère Oudinovska"),
    *("Clothilde Peyrevidal", "Apolline Tournebize", "Françoise Mauléonard", "Gwénaëlle Kerzabrec"),
    *("Mathilde Cassagnère", "Édith Brossolaine", "Solène Rochambault", "Honorine Valdeyron"),
    *("Philippa Wetherstone", "Rosalind Harkaway", "Beatrice Thornquist", "Winifred Osgathorpe"),
    *("Imogen Fairwhistle", "Cordelia Blackmantle", "Harriet Swinburnby", "Ottoline Marchgrave"),
)
JUNIORS = (
    *("Léontine Barjavelle", "Ambre Sautereaux", "Théophile Grandmougin", "Lilou Desrozières"),
    *("Yanis Belkhérouni", "Noé Trévidicourt", "Capucine Falgayrac", "Aïssatou Dramékany"),
    *("Maxence Quillévéré", "Romane Pastourelle", "Ilyès Chergaouine", "Zoé Kervadoué"),
    *("Callum Ravensdyke", "Priya Chandravarkar", "Jasper Holloweigh", "Amelie Strandvoss"),
    *("Tobias Penhalligate", "Freya Lundgrenski", "Rowan Ashmeredith", "Saoirse Killbracken"),
)
SKILLS = (
    *("online-speaking", "linkedin", "data-literacy", "generative-ai", "community-platforms"),
    *("online-discussion", "thought-leadership", "crm", "social-networks", "information-watch"),
)
FIRST_ENGLISH = 12
"""Before this place people speak French first, from it on English."""


def seats(run: str) -> list[Seat]:
    """The executives, then the mentors. Two in each dozen speak both languages."""
    return [*_side(SENIORS, MENTEE, "d", run), *_side(JUNIORS, MENTOR, "m", run)]


def _side(names: tuple[str, ...], side: str, prefix: str, run: str) -> list[Seat]:
    found = []
    for place, name in enumerate(names):
        skills = (SKILLS[place % len(SKILLS)], SKILLS[(place * 3 + 1) % len(SKILLS)])
        own = "fr" if place < FIRST_ENGLISH else "en"
        languages = ("fr", "en") if place in (0, 6) else ("en", "fr") if place in (12, 18) else (own,)
        offers, wants = (skills, ()) if side == MENTOR else ((), skills)
        ref = f"{prefix}{place + 1:02}"
        found.append(Seat(ref, name, side, HOST, f"pwn-{run}.example.org", offers, wants, languages))
    return found
