"""The tasks of the start page: what waits for this person, the most urgent first."""

from dataclasses import dataclass

from web import present
from web.visit import Visit


@dataclass(frozen=True)
class Task:
    """One line of the start page: what to do, where, and until when (RFC 3339, or empty)."""

    title: str
    about: str
    where: str
    until: str
    tone: str


def tasks(visit: Visit) -> list[Task]:
    """What waits for a client or a mentor."""
    return _of_client(visit) if visit.role == "client" else _of_mentor(visit)


def _of_client(visit: Visit) -> list[Task]:
    projects, organisation = visit.caller.every(("projects", {"limit": 50}), ("organisations", "me"))
    words = visit.words
    found = [
        Task(words.gettext(present.of_project(one["state"], "client").label), one["title"], f"/projects/{one['id']}",
             one["closes_at"] if one["state"] == "collecting" else one.get("choose_until", ""),
             "now" if one["state"] == "choosing" else "open")
        for one in (projects or {}).get("items", [])
        if one["state"] in ("collecting", "choosing")
    ]  # fmt: skip
    if not organisation:
        title = words.gettext("Décrivez votre organisation")
        about = words.gettext("C'est elle que nous cherchons dans vos textes, pour que rien ne la nomme.")
        found.insert(0, Task(title, about, "/organisation", "", "now"))
    return sorted(found, key=lambda task: (task.tone != "now", task.until))


def _of_mentor(visit: Visit) -> list[Task]:
    invitations, profile, chosen = visit.caller.every(
        ("invitations", {"state": "open", "limit": 50}), ("mentors", "me"),
        ("projects", {"state": "awarded", "limit": 50}),
    )  # fmt: skip
    words, found = visit.words, []
    for one in (chosen or {}).get("items", []):
        label = words.gettext(present.of_project(one["state"], "mentor").label)
        found.append(Task(label, one["title"], f"/projects/{one['id']}", "", "open"))
    for one in (invitations or {}).get("items", []):
        if one["state"] in ("sent", "seen", "claimed"):
            state = present.of_invitation(one)
            tone = "now" if one["state"] in ("sent", "claimed") else "open"
            where = f"/invitations/{one['id']}"
            found.append(Task(words.gettext(state.label), one["brief"]["title"], where, one["closes_at"], tone))
    if not profile:
        title = words.gettext("Remplissez votre profil")
        about = words.gettext("Sans lui, personne ne peut vous inviter.")
        found.insert(0, Task(title, about, "/profile", "", "now"))
    return sorted(found, key=lambda task: (task.tone != "now", task.until))
