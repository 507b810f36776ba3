"""What operators read, in words: why something is on a list, and what a row of the audit trail says. Pure."""

from collections.abc import Mapping

STUCK: Mapping[str, str] = {
    "window-not-closed": "Le délai est passé, et le projet n'est pas clos.",
    "not-chosen": "Le client n'a pas choisi depuis deux jours ou plus.",
    "not-completed": "La mission n'est pas déclarée finie depuis trente jours ou plus.",
}
"""Why a project counts as stuck."""
FLAG: Mapping[str, str] = {
    "near-copy": "Deux devis presque identiques",
    "brief-copy": "Un devis qui recopie la demande",
    "too-repetitive": "Un devis qui se répète",
    "filler": "Un devis qui ne dit rien",
}
"""Why a quote looks like abuse."""
ALIKE: Mapping[str, str] = {
    "half": "au moins la moitié du texte en commun",
    "most": "une grande partie du texte en commun",
    "all": "presque tout le texte en commun",
}
"""How much two texts have in common."""
DELIVERY: Mapping[str, str] = {"dead": "Abandonné", "retrying": "Nouvel essai prévu"}
LETTER: Mapping[str, str] = {
    "waits": "En attente",
    "replaying": "Le service le rejoue",
    "dropping": "Le service l'écarte",
    "replayed": "Rejoué",
    "dropped": "Écarté",
}
"""What became of an event that a service could not handle."""
DECISION: Mapping[str, str] = {
    "wave": "Vague",
    "invited-by-hand": "Invitation à la main",
    "left-out-by-hand": "Mentor laissé de côté",
}
"""Decisions about a round's mentors, by kind."""
OUTCOME: Mapping[str, str] = {
    "invited": "Invité",
    "waits": "Suivant sur la liste",
    "less-invited-first": "Après d'autres, presque aussi proches et moins invités",
    "newcomers-places": "Après les places des nouveaux venus",
    "cap": "Plafond de la semaine atteint",
    "paused": "Invitations en pause",
    "away": "Compte suspendu ou sans profil",
    "conflict": "Exclusion d'un côté ou de l'autre",
    "left-out": "Laissé de côté par un opérateur",
    "by-operator": "Déjà invité par un opérateur",
}
"""What was decided about a mentor."""
WANTED: Mapping[str, str] = {
    "chance": "selon la chance d'avoir cinq devis",
    "slots": "un nombre fixe par place libre",
    "operator": "par un opérateur",
}
"""Why so many invitations were wanted."""
MATCHED: Mapping[str, str] = {
    "skills": "compétences",
    "near-skills": "compétences proches",
    "text": "texte",
    "languages": "langues",
    "budget": "budget",
    "availability": "disponibilité",
}
"""The reasons and the parts of a score. One that is not here is shown by its name."""
NOT_INVITABLE: Mapping[str, str] = {
    "not-admitted": "Ce compte est trop récent, n'a pas d'adresse confirmée, ou a changé ses exclusions depuis.",
    "not-eligible": "Ce mentor ne parle aucune langue du projet, n'est pas libre à temps, ou n'y convient pas.",
    "cap": "Ce mentor a atteint son plafond d'invitations de la semaine.",
    "paused": "Ce mentor a mis ses invitations en pause.",
    "away": "Ce compte est suspendu.",
    "conflict": "Ce mentor exclut ce client, ou ce client l'exclut.",
    "left-out": "Un opérateur a laissé ce mentor de côté pour ce projet.",
}
"""Why a mentor cannot be invited by hand."""
ROLE: Mapping[str, str] = {"client": "Client", "mentor": "Mentor", "operator": "Opérateur"}
ERASURE: Mapping[str, str] = {
    "asked": "Effacement demandé, la personne peut encore l'arrêter",
    "decided": "Effacement décidé",
    "running": "Effacement en cours",
    "done": "Compte effacé",
}
"""How far an account's erasure is."""
REPORT: Mapping[str, str] = {"open": "À traiter", "resolved": "Traité"}
SIDE: Mapping[str, str] = {"client": "Signalé par le client", "mentor": "Signalé par un mentor"}
ANSWER: Mapping[str, str] = {"dismissed": "Écarter le signalement", "project-cancelled": "Annuler le projet"}
"""What an operator may do about a report."""
ANSWERED: Mapping[str, str] = {"dismissed": "Signalement écarté", "project-cancelled": "Projet annulé"}
UNCANCELLED: Mapping[str, str] = dict.fromkeys(
    ("window-ended", "already-awarded", "already-ended"),
    "Ce projet ne reçoit plus de devis : il ne peut plus être annulé. Vous pouvez écarter le signalement.",
)
"""Refusals of an answer that cancels."""
ENDED_BY: Mapping[str, str] = {
    "client": "par le client",
    "moderation": "par la modération",
    "departure": "par le départ du client",
}
SERVICE: Mapping[str, str] = {
    "accounts": "Comptes",
    "projects": "Projets",
    "matching": "Invitations",
    "quotes": "Devis",
    "programmes": "Programmes",
    "notify": "Notifications",
}
"""The services that keep an audit trail."""
DEED: Mapping[str, str] = {
    "account.suspended": "Compte suspendu",
    "account.reinstated": "Compte rétabli",
    "account.read": "État du compte vu",
    "account.found": "Compte cherché, état vu",
    "audit.read": "Journal lu",
    "deliveries.read": "Mails non remis lus",
    "erasures.read": "Effacements inachevés lus",
    "flags.read": "Devis suspects lus",
    "project.read": "État d'un projet lu",
    "projects.read": "Projets bloqués lus",
    "report.read": "Signalement lu",
    "reports.read": "Signalements lus",
    "report.dismissed": "Signalement écarté",
    "report.project-cancelled": "Projet signalé annulé",
    "mentor.invited-by-hand": "Mentor invité à la main",
    "mentor.left-out-by-hand": "Mentor laissé de côté",
    "decisions.read": "Décisions sur des mentors lues",
    "rounds.read": "Projets qui risquent de manquer de devis lus",
    "factor.begun": "Enregistrement d'un second facteur commencé",
    "factor.enrolled": "Second facteur enregistré",
    "factor.read": "État de son second facteur lu",
    "factor.removed": "Second facteur retiré",
    "factor.reset": "Second facteur d'un collègue réinitialisé",
    "factor.locked": "Trop de codes faux : second facteur verrouillé",
    "factor.wrong-code": "Code faux donné",
    "factor.recovery-code-used": "Code de secours utilisé",
    "factor.recovery-codes-renewed": "Codes de secours renouvelés",
    "session.raised": "Code donné",
    "operator.added": "Compte d'opérateur créé",
    "events.read": "Événements lus, sans leur contenu",
    "dead-letters.read": "Événements mis de côté listés",
    "dead-letter.read": "État d'un événement mis de côté lu",
    "dead-letter.shown": "Contenu d'un événement mis de côté lu",
    "dead-letter.replayed": "Événement mis de côté rejoué",
    "dead-letter.dropped": "Événement mis de côté écarté",
    "backup.taken": "Sauvegarde faite",
    "backup.restored": "Sauvegarde restaurée",
    "erased.listed": "Comptes effacés listés",
    "keys.rewrapped": "Clé renouvelée",
    "keys.retired": "Ancienne clé retirée",
}
"""What a row of the audit trail says. A deed that is not here is shown by its name."""
TABLES = (
    STUCK, FLAG, ALIKE, DELIVERY, LETTER, ROLE, ERASURE, REPORT, SIDE, ANSWER, ANSWERED, UNCANCELLED, ENDED_BY, SERVICE,
    DEED, DECISION, OUTCOME, WANTED, MATCHED, NOT_INVITABLE,
)  # fmt: skip
