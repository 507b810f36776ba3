"""Who the client is, as far as the client told."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Identity:
    """What a client told about its organisation; every part may be empty."""

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
        """Takes a list for a tuple, and None for what is empty."""
        for part in ("aliases", "domains", "people", "products"):
            object.__setattr__(self, part, tuple(getattr(self, part) or ()))
        for part in ("name", "contact_name", "contact_email"):
            object.__setattr__(self, part, getattr(self, part) or "")
