"""Forms of a person's name: in full in either order, with an initial, and the surname alone."""

from collections.abc import Iterator

from contracts.scan import name_words
from services.projects.model.leaks.forms import Form
from services.projects.model.leaks.words import COMMON, FUNCTION, PARTICLES, TITLES


def person_forms(person: str) -> Iterator[Form]:
    """For "Anne-Marie de La Tour": the full name, "Anne de La Tour", "de La Tour Anne", "Mme Tour", and so on."""
    written = [part for part in person.replace(",", " ").split() if name_words(part)]
    parts = [name_words(part) for part in written]
    while len(parts) > 1 and len(parts[0]) == 1 and parts[0][0] in TITLES:
        parts, written = parts[1:], written[1:]
    if len(parts) < 2:
        for part in parts:
            yield Form("person", part)
        return

    at = _surname_places(written)
    bare = [word for k in at for word in parts[k]]
    while at[0] > 1 and parts[at[0] - 1][-1] in PARTICLES:  # "de La Tour"
        at = [at[0] - 1, *at]
    surname = [word for k in at for word in parts[k]]
    given = [word for k, part in enumerate(parts) if k not in at for word in part]

    yield Form("person", [word for part in parts for word in part])
    for first in (given, given[:1]):
        yield Form("person", first + surname)
        yield Form("person", surname + first)
    for form in (surname, bare):
        letters = "".join(form)
        alone = len(letters) >= 4 and letters not in COMMON and letters not in FUNCTION
        yield Form("person", form, titled=not alone)
        if alone and len(letters) >= 5:
            yield Form("person", [given[0][0], *form])


def _surname_places(written: list[str]) -> list[int]:
    """Indexes of the surname's parts: those in capitals if only some are, otherwise the last."""
    capital = [k for k, part in enumerate(written) if part.isupper() and len(part) > 1]
    return capital if 0 < len(capital) < len(written) else [len(written) - 1]
