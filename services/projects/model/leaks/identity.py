"""The client's identity, as the client described it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Identity:
    """An organisation's identifying data; every part may be empty."""

    name: str = ""
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    siren: str | None = None
    people: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    contact_name: str = field(default="", repr=False)
    contact_email: str = field(default="", repr=False)
    contact_phone: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Accepts lists in place of tuples, and None in place of empty values."""
        for part in ("aliases", "domains", "people", "products"):
            object.__setattr__(self, part, tuple(getattr(self, part) or ()))
        for part in ("name", "contact_name", "contact_email"):
            object.__setattr__(self, part, getattr(self, part) or "")
