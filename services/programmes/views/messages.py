"""A message as notify sends it: the recipient and the values of its words. Notify keeps none of it."""

from chassis.mongo import Document
from services.programmes.model.messages import Told
from services.programmes.model.visibility import shows_address, shows_name

PAGE = "pair"
"""The page that the link of a participant's mail opens; the token stands in its fragment."""
INVITED = "programmes/join"
"""The page that the link of an invited organiser opens."""


def message_view(told: Told, token: str | None) -> Document:
    """The answer to notify. ``email`` is None for an account, whose address accounts knows."""
    message, participant = told.message, told.participant
    person: Document
    if participant:
        name = participant.name if participant.confirmed else ""  # anybody may have written it
        person = {"email": participant.email, "display_name": name, "locale": participant.locale}
    else:
        locale = message.data.get("locale", told.programme.language)
        person = {"email": message.email, "display_name": "", "locale": locale}
    page = PAGE if participant else INVITED if message.email else f"programmes/{told.programme.id}"
    return {"kind": message.kind, "account": message.account, **person, "page": page, "token": token,
            "timezone": participant.timezone if participant else "", "values": values_of(told)}  # fmt: skip


def values_of(told: Told) -> Document:
    """The values of a message's words: what its row holds, and names as far as the recipient may read them."""
    programme, contact = told.programme, told.programme.contact or {}
    values: Document = {
        "programme": programme.name,
        "host": programme.shown_host,
        "purpose": programme.purpose,
        "format": programme.kind,
        "contact_name": contact.get("name", ""),
        "contact_email": contact.get("email", ""),
        "until": told.message.expires_at if told.message.has_link else None,
        "partner": "",
        "partner_email": "",
    }
    if told.participant:
        values["side"] = told.participant.side
    if told.pair and told.partner:
        if shows_name(told.pair, told.partner):
            values["partner"] = told.partner.name
        if shows_address(told.pair, told.partner):
            values["partner_email"] = told.partner.email
    named = {name: value for name, value in told.message.data.items() if name not in ("pair", "team", "locale")}
    return values | dict(told.words) | named
