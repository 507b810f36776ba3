"""The words in a programme's CSV files. The columns of participants are those that enrolling recognises."""

from collections.abc import Mapping, Sequence

PARTICIPANTS, PAIRS, SESSIONS, TEAMS, PROGRESS = "participants", "pairs", "sessions", "teams", "progress"
TITLES: Mapping[str, Mapping[str, str]] = {
    "fr": {PARTICIPANTS: "participants", PAIRS: "binômes", SESSIONS: "séances", TEAMS: "équipes", PROGRESS: "progrès"},
    "en": {PARTICIPANTS: "participants", PAIRS: "pairs", SESSIONS: "sessions", TEAMS: "teams", PROGRESS: "progress"},
}
"""The end of each file's name."""
_TWO = {
    "fr": ("Réf. mentor", "Mentor", "Entreprise du mentor", "Réf. mentoré", "Mentoré", "Entreprise du mentoré"),
    "en": ("Mentor ref", "Mentor", "Mentor's company", "Mentee ref", "Mentee", "Mentee's company"),
}
HEADERS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "fr": {
        PARTICIPANTS: (
            "Référence", "Prénom et nom", "Adresse e-mail", "Rôle", "Entreprise", "Équipe", "Responsable", "Apporte",
            "Souhaite", "Langues", "À propos", "Lieu", "Fuseau horaire", "Disponibilités", "Capacité",
            "Langue des mails", "État", "Accord le",
        ),
        PAIRS: (*_TWO["fr"], "État", "Début", "Fin", "Séances tenues", "Dernière séance"),
        SESSIONS: (*_TWO["fr"], "Date", "Minutes", "État"),
        TEAMS: ("Défi", "Équipe", "Référence", "Nom", "Rôle", "Entreprise"),
        PROGRESS: (
            "Groupe", "Personnes", "Ont donné leur accord", "En binôme", "Binôme terminé plus tôt",
            "Séances par personne", "Personnes évaluées", "Évolution moyenne", "Remarque", "Mis à jour le",
        ),
    },
    "en": {
        PARTICIPANTS: (
            "Ref", "Name", "E-mail", "Side", "Company", "Team", "Manager", "Offers", "Wants", "Languages", "About",
            "Place", "Time zone", "Availability", "Capacity", "Mail language", "State", "Agreed on",
        ),
        PAIRS: (*_TWO["en"], "State", "Began", "Ended", "Sessions held", "Last session"),
        SESSIONS: (*_TWO["en"], "Date", "Minutes", "State"),
        TEAMS: ("Challenge", "Team", "Ref", "Name", "Side", "Company"),
        PROGRESS: (
            "Group", "People", "Have agreed", "In a pair", "Pair ended early", "Sessions per person",
            "People assessed", "Mean change", "Remark", "Updated on",
        ),
    },
}  # fmt: skip
SIDES: Mapping[str, Mapping[str, str]] = {
    "fr": {"mentor": "mentor", "mentee": "mentoré"},
    "en": {"mentor": "mentor", "mentee": "mentee"},
}
STATES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "enrolled": "inscrit", "agreed": "a donné son accord", "objected": "a refusé", "left": "a quitté le programme",
        "proposed": "proposé", "active": "en cours", "completed": "terminé", "ended_early": "terminé plus tôt",
        "planned": "prévue", "moved": "déplacée", "held": "tenue", "cancelled": "annulée",
    },
    "en": {
        "enrolled": "enrolled", "agreed": "has agreed", "objected": "has objected", "left": "has left",
        "proposed": "proposed", "active": "under way", "completed": "completed", "ended_early": "ended early",
        "planned": "planned", "moved": "moved", "held": "held", "cancelled": "cancelled",
    },
}  # fmt: skip
