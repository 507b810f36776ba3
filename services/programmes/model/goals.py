"""The four goals that a challenge may have, in both languages, with milestones to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What a challenge is for, in one language."""

    title: str
    text: str
    milestones: tuple[str, ...]


GOALS: Mapping[str, Mapping[str, Goal]] = {
    "culture": {
        "fr": Goal(
            "Faire évoluer la culture de l’entreprise",
            "Changer une habitude de travail, à l’échelle d’une équipe, et montrer que l’on y gagne. Vous choisissez "
            "une habitude que tout le monde connaît et que personne ne défend, vous essayez autre chose pendant "
            "quelques semaines, puis vous racontez ce qui a changé.",
            (
                "Choisir une habitude et dire pourquoi elle pèse",
                "Observer une semaine comment les choses se passent aujourd’hui",
                "Essayer une autre façon de faire avec une équipe volontaire",
                "Raconter ce qui a marché, et ce qui n’a pas marché",
                "Convaincre une deuxième équipe d’essayer",
            ),
        ),
        "en": Goal(
            "Change the company’s culture",
            "Change one working habit, on the scale of one team, and show what is gained. You choose a habit that "
            "everybody knows and nobody defends, try something else for a few weeks, and tell what has changed.",
            (
                "Choose a habit and say why it is a burden",
                "Watch for a week how things are done today",
                "Try another way with a team of volunteers",
                "Tell what worked, and what did not",
                "Persuade a second team to try it",
            ),
        ),
    },
    "awareness": {
        "fr": Goal(
            "Développer la culture numérique",
            "Rendre le numérique clair pour ceux qui s’en sentent loin. Vous choisissez une question que vos "
            "collègues se posent (les données, l’intelligence artificielle, la sécurité), vous apprenez à y répondre "
            "simplement, puis vous transmettez ce que vous avez compris.",
            (
                "Recueillir les questions de dix collègues",
                "Choisir une question et trouver trois sources sûres",
                "Préparer une explication de cinq minutes, sans jargon",
                "La donner devant un premier groupe et noter ce qui coince",
                "Laisser une fiche d’une page que chacun peut réutiliser",
            ),
        ),
        "en": Goal(
            "Raise digital awareness",
            "Make digital matters clear to people who feel far from them. You choose a question that your colleagues "
            "ask (about data, artificial intelligence or security), learn to answer it simply, and pass on what you "
            "have understood.",
            (
                "Collect the questions of ten colleagues",
                "Choose one question and find three reliable sources",
                "Prepare an explanation of five minutes, without jargon",
                "Give it to a first group and note where they stumble",
                "Leave a one-page summary that anybody can reuse",
            ),
        ),
    },
    "advocacy": {
        "fr": Goal(
            "Donner envie de parler de son entreprise",
            "Aider des collègues à parler de leur métier sur les réseaux sociaux, avec leurs mots et en confiance. "
            "Vous posez quelques règles claires, vous accompagnez les premières publications, puis vous regardez "
            "ensemble ce qu’elles ont apporté.",
            (
                "Écrire ensemble ce que l’on peut dire, et ce que l’on ne dit pas",
                "Aider cinq collègues à soigner leur profil",
                "Publier un premier récit de métier chacun",
                "Répondre aux commentaires et nouer trois échanges utiles",
                "Partager ce que l’on a appris avec l’équipe de communication",
            ),
        ),
        "en": Goal(
            "Encourage employees to speak for their company",
            "Help colleagues to speak about their work on social networks, in their own words and with confidence. "
            "You set a few clear rules, accompany the first posts, and look together at what they have brought.",
            (
                "Write down together what may be said, and what is not",
                "Help five colleagues to improve their profile",
                "Publish one first story about one’s work each",
                "Answer comments and start three useful exchanges",
                "Share the lessons with the communications team",
            ),
        ),
    },
    "tools": {
        "fr": Goal(
            "Faire adopter les outils numériques",
            "Faire entrer dans les habitudes un outil que l’entreprise possède déjà et que l’on utilise peu. Vous "
            "partez d’un irritant du quotidien, vous montrez comment l’outil y répond, puis vous accompagnez chacun "
            "jusqu’à ce qu’il s’en serve seul.",
            (
                "Choisir un irritant du quotidien et l’outil qui y répond",
                "L’utiliser soi-même pendant une semaine",
                "Former un premier collègue en une demi-heure",
                "Accompagner toute une équipe dans ses premiers usages",
                "Recueillir les avis et corriger le mode d’emploi",
            ),
        ),
        "en": Goal(
            "Get digital tools adopted",
            "Make a habit of a tool that the company already has and that few people use. You start from a daily "
            "annoyance, show how the tool removes it, and accompany everybody until they use it on their own.",
            (
                "Choose a daily annoyance and the tool that removes it",
                "Use it yourselves for a week",
                "Train a first colleague in half an hour",
                "Accompany a whole team while they begin to use it",
                "Collect opinions and correct the instructions",
            ),
        ),
    },
}
