"""The story that every example tells: Nestlé Waters looks for a mentor, stays anonymous, and chooses Thomas.

`NAMES` gives the value of a field by its name, for `chassis.http.examples`; a schema whose field means something else
says so in its ``EXAMPLE``. Dates are fixed: an example depends on no clock.
"""

from typing import Any

CLIENT, COLLEAGUE, THOMAS, INES = "acc_client-9", "acc_client-10", "acc_thomas-1", "acc_ines-2"
LOUIS, OPERATOR = "acc_louis-5", "acc_operator-1"
CARD, PROJECT, QUOTE = "card_thomas-1", "project-1", "quote-1"
PROJECT_AGAIN = "project-2"
INVITATION, NOTIFICATION, QUESTION, REPORT = "invitation-1", "notification-1", "question-1", "report-1"
POSTED = "2026-11-23T09:00:00.000Z"
INVITED = "2026-11-23T09:00:02.000Z"
ASKED = "2026-11-23T15:30:00.000Z"
ANSWERED = "2026-11-23T17:05:00.000Z"
RECEIVED = "2026-11-24T16:20:31.042Z"
ENDS = "2026-11-25T09:00:00.000Z"
CHOSEN = "2026-11-25T10:30:00.000Z"
AGAIN_ENDS = "2026-11-27T10:30:00.000Z"
ENDED = {"at": ENDS, "reason": "deadline", "quotes": 5}
TITLE = "Accompagner nos équipes marketing vers le numérique"
BRIEF = (
    "Nous souhaitons que de jeunes professionnels accompagnent nos équipes marketing : création de sites web, "
    "réseaux sociaux, CRM et activations digitales. Deux ateliers par mois pendant un trimestre, en français."
)
SOLUTION = (
    "Je propose un diagnostic d'une demi-journée, puis six ateliers pratiques : un site témoin monté ensemble, une "
    "ligne éditoriale pour les réseaux sociaux, un CRM pris en main sur vos propres cas, et deux activations mesurées. "
    "Chaque atelier laisse une fiche d'une page et un exercice corrigé."
)
TOPICS = ["website-creation", "social-networks", "crm", "digital-activations"]
DESCRIPTOR = "grand groupe, agroalimentaire"
CONTACT = {
    "name": "Hélène Marchand-Duval",
    "email": "helene.marchand@nestle-waters.com",
    "phone": "+33 1 70 00 00 42",
}
QUESTION_TEXT = "Quels outils vos équipes utilisent-elles déjà ?"
ANSWER_TEXT = "Un CRM depuis l'an dernier, et aucun outil pour les sites."
RECEIPT = {
    "nonce": "pQx1Yy0c8mJbM0mTgAxPYw",
    "digest": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "received_at": RECEIVED,
    "jws": "eyJhbGciOiJFUzI1NiIsImtpZCI6InJlY2VpcHRzLTEifQ.eyJwcm9qZWN0X2lkIjoicHJvamVjdC0xIn0.c2lnbmF0dXJl",
}

Example = dict[str, Any]
NAMES: Example = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhY2NfdGhvbWFzLTEifQ.c2lnbmF0dXJl",
    "account": THOMAS,
    "aliases": ["NWMT"],
    "amount": 390_000,
    "answer": ANSWER_TEXT,
    "answered_at": ANSWERED,
    "asker": "Mentor 1",
    "available_from": "2026-12-01",
    "awarded_at": CHOSEN,
    "bio": "Je forme des équipes au CRM depuis trois ans.",
    "brief": BRIEF,
    "budget": {"amount": 500_000, "currency": "EUR"},
    "channel": "email",
    "choose_until": "2026-12-09T09:00:00.000Z",
    "claimed": 1,
    "closed_at": ENDS,
    "closes_at": ENDS,
    "comment": "À l'écoute, précis, et toujours à l'heure.",
    "contact": CONTACT,
    "completed_at": "2027-03-01T16:00:00.000Z",
    "country": "FR",
    "client_shown": "both",
    "city": "Issy-les-Moulineaux",
    "created_at": POSTED,
    "currency": "EUR",
    "day_rate": {"amount": 60_000, "currency": "EUR"},
    "days": 6.5,
    "declined_at": None,
    "detail": "",
    "digest": RECEIPT["digest"],
    "digests": [RECEIPT["digest"]],
    "display_name": "Thomas",
    "domains": ["nestle-waters.com"],
    "email": "thomas.martin@example.org",
    "en": "Customer relationship management (CRM)",
    "ended_by": "client",
    "ended_for": "Le budget de ce trimestre est épuisé.",
    "error": "550",
    "excluded_mentors": [],
    "excluded_organisations": [],
    "excluded_schools": [],
    "expires_at": "2026-11-24T16:35:00.000Z",
    "expires_in": 600,
    "failed_sign_ins": 0,
    "fr": "Gestion de la relation client (CRM)",
    "headline": "MBA en business intelligence",
    "invited": 6,
    "invited_at": [INVITED],
    "invited_to": [PROJECT],
    "issued_at": CHOSEN,
    "joined_at": "2026-11-20T08:00:00.000Z",
    "jws": RECEIPT["jws"],
    "kind": "invited",
    "languages": ["fr"],
    "leaks": [{"field": "brief", "start": 22, "end": 35, "kind": "name", "text": "Nestle-Waters", "certain": True}],
    "legal_name": "Thomas Martin",
    "locale": "fr",
    "mentor_id": CARD,
    "next_cursor": None,
    "nonce": RECEIPT["nonce"],
    "note": "Le texte ne vise personne.",
    "notification_id": NOTIFICATION,
    "number": 1,
    "opened_at": POSTED,
    "password": "une phrase que lui seul connaît",
    "people": ["Hélène Marchand-Duval"],
    "postal_code": "92130",
    "price": {"amount": 390_000, "currency": "EUR"},
    "products": ["Perrier", "Vittel"],
    "profile_timezone": "Europe/Paris",
    "project_id": PROJECT,
    "proposal": SOLUTION,
    "purchase_order": "4500012345",
    "question_id": QUESTION,
    "quote_id": QUOTE,
    "rating": 5,
    "read_at": None,
    "reason": "Le budget de ce trimestre est épuisé.",
    "receipt_keys": "https://releve.example/.well-known/receipts-jwks.json",
    "received": 1,
    "received_at": RECEIVED,
    "refresh_token": "k7vQm3bX0sYt9LwZc5dRhA2nJ8pGf4eU6iTqWxVyBzM",
    "refreshed_at": RECEIVED,
    "relaunched_as": PROJECT_AGAIN,
    "reviews_at": "2027-03-08T16:00:00.000Z",
    "revised_at": None,
    "revision": 0,
    "school": "ESSEC",
    "scope": SOLUTION,
    "sector": "agroalimentaire",
    "seen_at": "2026-11-23T09:12:00.000Z",
    "sent_at": "2026-11-23T09:00:05.000Z",
    "since": ENDS,
    "siren": "732829320",
    "size": "group",
    "skills": ["crm", "social-networks", "business-intelligence"],
    "slots": 5,
    "starts_on": "2026-12-07",
    "street": "34, rue Guynemer",
    "suspended_at": CHOSEN,
    "text": QUESTION_TEXT,
    "timezone": "Europe/Paris",
    "title": TITLE,
    "token": "q8Zt1bN5mXc0vLk3jHg7fDs2aPoIuYtReWq9zMxNb4E",
    "token_type": "Bearer",
    "topics": TOPICS,
    "total": {"amount": 390_000, "currency": "EUR"},
    "tries": 6,
    "valid_until": "2026-12-24",
    "vat_number": "FR83732829320",
    "weekly_invitations": 5,
    "who": OPERATOR,
    "whom": THOMAS,
    "why": [
        "Vos compétences correspondent : Gestion de la relation client (CRM).",
        "Vous parlez la langue du projet : français.",
    ],
    "window": "PT48H",
}
