"""What people see of notifications."""

from collections.abc import Callable

from chassis.mongo import Document
from services.notify import texts
from services.notify.people import Person


def notification_view(person: Person) -> Callable[[Document], Document]:
    """A stored notification as its person reads it, now."""

    def view(row: Document) -> Document:
        title, body = texts.render(row["kind"], row["data"], person.language, person.zone)
        kept = {name: row[name] for name in ("kind", "project_id", "created_at", "read_at")}
        return {"id": row["_id"], "title": title, "body": body, **kept}

    return view
