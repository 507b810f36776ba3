"""Proposals that differ from one another, as those of real mentors do: equal ones would all be flagged as copies."""

import random

BEGINNINGS = (
    "Je commence par écouter", "Nous réunissons d'abord", "La première semaine, je rencontre", "Je propose de former",
    "Chaque mardi, j'accompagne", "Un atelier rassemble", "À mi-parcours, nous évaluons", "Je prépare avec vous",
    "Le deuxième mois réunit", "Nous observons ensemble", "Je documente pas à pas", "Une heure par mois, je conseille",
)  # fmt: skip
PEOPLE = (
    "votre équipe marketing", "les chefs de produit", "deux commerciaux volontaires", "la direction régionale",
    "vos responsables de marque", "le service client", "les acheteurs", "trois personnes de l'atelier",
    "les nouveaux arrivés", "vos partenaires en magasin", "l'équipe de communication", "le comité de pilotage",
)  # fmt: skip
SUBJECTS = (
    "autour d'un tableau de bord simple", "sur la relation client en ligne", "pour choisir un outil de suivi",
    "avec des exemples tirés de vos campagnes", "sans jargon et sans diapositives", "puis nous corrigeons le tir",
    "jusqu'à une première publication", "en partant de vos propres chiffres", "et chacun repart avec une fiche",
    "par de courts exercices filmés", "à partir de questions de vos clients", "sur un calendrier tenu à trois",
)  # fmt: skip


def proposal(lots: random.Random, sentences: int = 8) -> str:
    """A text of ``sentences`` sentences; two texts share few of them."""
    return " ".join(
        f"{lots.choice(BEGINNINGS)} {lots.choice(PEOPLE)} {lots.choice(SUBJECTS)}, séance {lots.randint(1, 90)}."
        for _ in range(sentences)
    )
