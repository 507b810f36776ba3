"""How a refusal names contact data: by field, kind and place, never by the text itself."""

from typing import Any

from chassis.facts import wrong
from contracts.scan.spans import Leak


def contact_at(field: str, leak: Leak) -> dict[str, Any]:
    """The error for contact data in a field; offsets are in code points."""
    place = {"kind": leak.kind, "start": leak.start, "end": leak.end}
    return wrong(field, "contact-data", f"{leak.kind} at {leak.start}", **place)
