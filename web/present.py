"""What a state means to a person: one sentence, and what happens next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """A state in words: a short label, the tone of its mark (`open`, `done`, `ended`), and what happens next."""

    label: str
    tone: str
    then: str


PROJECT: Mapping[tuple[str, str], State] = {
    ("collecting", "client"): State("Les devis arrivent", "open", "Vous les lirez tous ensemble, à la fin du délai."),
    ("choosing", "client"): State("À vous de choisir", "open", "Comparez les devis et choisissez-en un."),
    ("awarded", "client"): State("Choisi", "done", "Votre mentor a votre nom et votre contact, et vous écrit."),
    ("completed", "client"): State("Terminé", "done", "La mission est finie."),
    ("unfilled", "client"): State("Sans devis", "ended", "Personne n'a répondu dans le délai. Vous pouvez relancer."),
    ("cancelled", "client"): State("Annulé", "ended", "Chaque mentor a reçu votre explication."),
    ("refused", "client"): State("Aucun retenu", "ended", "Chaque mentor a reçu votre explication."),
    ("expired", "client"): State(
        "Délai de choix passé", "ended", "Les mentors ont été prévenus. Vous pouvez relancer."
    ),
    ("awarded", "mentor"): State("Votre devis est choisi", "done", "Écrivez à votre client."),
    ("completed", "mentor"): State("Terminé", "done", "La mission est finie."),
}
"""(state, role) → the project in words."""
MODERATED = State(
    "Annulé par la modération", "ended", "Les mentors ont été prévenus, et leurs devis détruits sans être lus."
)
"""A project that an operator cancelled, for its client."""
INVITATION: Mapping[str, State] = {
    "sent": State("Nouvelle invitation", "open", "Lisez-la, puis répondez ou déclinez : décliner ne pénalise jamais."),
    "seen": State("À vous de décider", "open", "Réservez une place, remettez un devis, ou déclinez."),
    "claimed": State("Place réservée", "open", "Remettez votre devis avant la fin de la réservation."),
    "quoted": State("Devis remis", "done", "Personne ne le lit avant la fin du délai."),
    "declined": State("Déclinée", "ended", "Cela ne vous pénalise pas."),
    "closed": State("Terminée", "ended", "Le délai est passé ou les cinq places étaient prises."),
    "cancelled": State("Annulée", "ended", "Le client a annulé le projet et dit pourquoi. Vous n'avez rien à faire."),
}
OUTCOME: Mapping[str, State] = {
    "accepted": State("Retenu", "done", "Vous savez maintenant qui est votre client."),
    "not_chosen": State("Un autre devis a été choisi", "ended", "Merci : votre proposition a été lue."),
    "refused": State("Aucun devis retenu", "ended", "Le client a expliqué pourquoi."),
    "lapsed": State("Le client n'a pas choisi à temps", "ended", "Votre devis n'engage plus."),
    "destroyed": State("Projet annulé", "ended", "Votre devis a été détruit sans être lu."),
}
"""What became of a quote."""
EXPOSURE: Mapping[str, str] = {
    "invited": "Invité",
    "others_first": "D'autres d'abord",
    "cap": "Votre plafond de la semaine était atteint",
    "paused": "Vos invitations étaient en pause",
    "away": "Votre compte était suspendu",
    "left_out": "Un opérateur vous a laissé de côté",
}
"""What became of a mentor for whom a project was possible."""
KIND: Mapping[str, str] = {
    "invited": "Invitation à un projet",
    "deadline-near": "Un délai se termine bientôt",
    "claim-ending": "Votre réservation se termine bientôt",
    "round-over": "Fin d'un projet où vous étiez invité",
    "window-ended": "Vos devis sont à lire",
    "quote-received": "Devis reçu",
    "question-asked": "Question posée",
    "question-answered": "Réponse à une question",
    "chosen": "Votre devis est choisi",
    "not-chosen": "Un autre devis est choisi",
    "choice-reminder": "Rappel : choisir",
    "choice-reopened": "Choix à refaire",
    "project-completed": "Projet terminé",
    "review-shown": "Les avis sont visibles",
    "project-cancelled": "Projet annulé",
    "cancelled-by-moderation": "Projet annulé par la modération",
    "project-refused": "Aucun devis retenu",
    "project-expired": "Le délai de choix est passé",
    "project-unfilled": "Projet sans devis",
    "programme": "Programmes",
}
"""Kinds of notifications."""
PROGRAMME: Mapping[str, State] = {
    "draft": State("Brouillon", "open", "Inscrivez les personnes : un tableau de votre tableur suffit."),
    "enrolling": State(
        "Inscriptions", "open", "Chaque personne a reçu un mail. Demandez une proposition quand la liste est complète."
    ),
    "proposed": State("Proposition prête", "open", "Relisez-la. Personne d'autre ne la voit avant la publication."),
    "published": State("Publié", "done", "Chacun accepte, ou demande un autre binôme. Rien à faire pour vous."),
    "running": State("En cours", "done", "Les binômes se rencontrent. Rien à faire pour vous."),
    "closed": State("Terminé", "ended", "Chacun a été remercié. Vous pouvez reprendre les mêmes règles."),
}
"""A programme, for those who run it."""
PAIR: Mapping[str, State] = {
    "proposed": State("En attente d'une réponse", "open", ""),
    "active": State("Commencé", "done", ""),
    "completed": State("Terminé", "ended", ""),
    "ended_early": State("Fini", "ended", ""),
}
SESSION: Mapping[str, State] = {
    "planned": State("Prévue", "open", ""),
    "moved": State("Déplacée", "open", ""),
    "held": State("A eu lieu", "done", ""),
    "cancelled": State("Annulée", "ended", ""),
}


def of_project(state: str, role: str, ended_by: str = "") -> State:
    """The state of a project in words; ``ended_by`` is who ended it early, if that is known."""
    if (state, ended_by) == ("cancelled", "moderation"):
        return MODERATED
    return PROJECT.get((state, role)) or PROJECT.get((state, "client")) or State(state, "open", "")


def of_invitation(invitation: Mapping[str, object], outcome: str = "", ended: str = "") -> State:
    """The state of an invitation, or what became of its quote; ``ended`` is why its round is over, if that is known."""
    state = str(invitation["state"])
    if ended == "cancelled" and state != "declined":
        state = ended
    return OUTCOME.get(outcome) or INVITATION.get(state) or State(state, "open", "")
