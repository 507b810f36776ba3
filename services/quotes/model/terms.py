"""The terms of a quote, declared once: schemas, views, receipts, the store and the accepting event use `Terms`."""

from collections.abc import Mapping
from copy import copy
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Annotated, Any, get_type_hints

from marshmallow.fields import Field

from chassis.facts import Refusal, wrong
from contracts.fields import Day, HalfDays, Money, Text
from contracts.market import DAYS_ARE_MEANT_IN
from services.quotes.model.round import Round


@dataclass(frozen=True)
class Terms:
    """A mentor's offer. Each annotation gives the type and the request field that validates it.

    A term added later needs a default: older stored quotes lack it, and requests may omit it.
    """

    price: Annotated[Mapping[str, Any], Money()]
    """``amount`` in minor units of ``currency``."""
    days: Annotated[float, HalfDays()]
    starts_on: Annotated[str, Day()]
    proposal: Annotated[str, Text(least=200, most=20_000)]
    valid_until: Annotated[str, Day()]
    """The last day, in Europe/Paris, on which the quote may be accepted."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Terms":
        """Picks the terms from these values; terms without a default are required."""
        return cls(**{name: values[name] for name in OFFERED if name in values})


OFFERED = tuple(field.name for field in fields(Terms))
"""The names of the terms."""


def forms(*, required: bool = False) -> dict[str, Field[Any]]:
    """The request field of each term, for a schema to ``include``; ``required`` demands all terms without a default."""
    hints = get_type_hints(Terms, include_extras=True)
    found = {field.name: copy(hints[field.name].__metadata__[0]) for field in fields(Terms)}
    for field in fields(Terms):
        found[field.name].required = required and field.default is MISSING
    return found


def check_terms(terms: Terms, round: Round, now: datetime) -> None:
    """Validates a quote's terms; raises ``invalid`` with each wrong field.

    A quote must be valid at least until the window's end, since it cannot be accepted before.
    """
    today, end = (moment.astimezone(DAYS_ARE_MEANT_IN).date() for moment in (now, round.accepts_until))
    days = {"starts_on": date.fromisoformat(terms.starts_on), "valid_until": date.fromisoformat(terms.valid_until)}
    errors = [wrong(name, "past-day", "This day is past.") for name, day in days.items() if day < today]
    if today <= days["valid_until"] < end:
        message = f"The window ends on {end}; a quote must last until then."
        errors.append(wrong("valid_until", "window-outlasts", message, until=str(end)))
    if terms.price["currency"] != round.currency:
        message = f"Quotes for this project must be in {round.currency}."
        errors.append(wrong("price.currency", "other-currency", message, currency=round.currency))
    if errors:
        raise Refusal("invalid", errors=errors)
