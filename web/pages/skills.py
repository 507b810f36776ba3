"""The skills that a form has chosen, and those that its search finds."""

from collections.abc import Sequence

from web.forms import Form
from web.visit import parts, visit
from web.vocabulary import Skill


def named(ids: Sequence[str]) -> list[Skill]:
    """The skills of these ids."""
    return parts().vocabulary.named(visit().caller, ids)


def searched(form: Form, name: str) -> list[Skill]:
    """What the form's search finds, without what its field `name` has already."""
    if not form["topic"].strip():
        return []
    found = parts().vocabulary.search(visit().caller, form["topic"])
    return [one for one in found if not form.has(name, one["id"])]
