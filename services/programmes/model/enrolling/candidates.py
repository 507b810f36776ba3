"""A person to be enrolled, as checked cell by cell."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A person whose cells are right. ``ref`` is empty if the file has none; ``manager`` is still as written: a
    reference, an e-mail or a name.
    """

    line: int
    ref: str
    name: str
    email: str
    side: str
    organisation: str = ""
    team: str = ""
    manager: str = ""
    offers: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    about: str = ""
    place: str = ""
    timezone: str = ""
    availability: tuple[str, ...] = ()
    capacity: int | None = None
    locale: str = "fr"
