"""A programme of challenges as the API answers it to the pages."""

from typing import Any

from web.api import Answer

PATH = "/api/programmes/p"
PROGRAMME = {"id": "p", "name": "Défis", "kind": "challenge", "state": "draft", "organisations": ["AXA", "Colas"],
             "language": "fr", "purpose": "", "host": "AXA", "contact": None, "my_part": ["owner"]}  # fmt: skip
CHALLENGE = {
    "id": "c", "goal": "tools", "title": "Un outil", "text": "", "starts_on": None, "ends_on": None, "team_size": 5,
    "milestones": [{"id": "one", "title": "Choisir", "due_on": None},
                   {"id": "two", "title": "Essayer", "due_on": None}],
}  # fmt: skip
TEAM = {"id": "t", "challenge": "c", "name": "Équipe 1", "language": "fr", "published": False,
        "members": [{"ref": "a1", "name": "Agathe", "organisation": "AXA", "side": "mentee"}],
        "others": [{"organisation": "Colas", "people": 2}]}  # fmt: skip


def items(*found: Any, **more: Any) -> Answer:
    return Answer(200, {"items": list(found), "next_cursor": None, **more})
