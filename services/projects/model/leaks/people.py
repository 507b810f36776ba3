"""Forms of a person's name: in full in either order, with an initial, and each surname alone."""

from collections.abc import Iterator, Sequence

from contracts.scan import name_words
from services.projects.model.leaks.forms import Form, When, form
from services.projects.model.leaks.names import spellings
from services.projects.model.leaks.ordinary import coined, is_given_name, is_known
from services.projects.model.leaks.words import FUNCTION, GENERIC, PARTICLES, TITLES


def person_forms(person: str) -> Iterator[Form]:
    """For "Anne-Marie de La Tour": the full name, "Anne de La Tour", "de La Tour Anne", "Mme Tour", and so on."""
    made = coined(person)
    for spelling in spellings(person):
        yield from _forms(spelling, made)


def _forms(person: str, made: frozenset[str]) -> Iterator[Form]:
    written = [part for part in person.replace(",", " ").split() if name_words(part)]
    parts = [name_words(part) for part in written]
    while len(parts) > 1 and len(parts[0]) == 1 and parts[0][0] in TITLES:
        parts, written = parts[1:], written[1:]
    if len(parts) < 2:
        for part in parts:
            yield _surname(part, made)
        return

    at = _surname_places(written)
    bare = [word for k in at for word in parts[k]]
    while at[0] > 1 and parts[at[0] - 1][-1] in PARTICLES:  # "de La Tour"
        at = [at[0] - 1, *at]
    surname = [word for k in at for word in parts[k]]
    given = [word for k, part in enumerate(parts) if k not in at for word in part]

    yield _full([word for part in parts for word in part], made)
    own = [word for word in bare if word not in PARTICLES]
    for first in (given, given[:1]):
        for last in _distinct([surname, bare, *([word] for word in own)]):
            yield _full([*first, *last], made)
            yield _full([*last, *first], made)
    for last in _distinct([surname, bare]):
        yield _surname(last, made)
        if len("".join(last)) >= 5 and not _is_ordinary(last, made):
            yield form("person", [given[0][0], *last])
    if len(own) > 1:
        yield from (_surname([word], made) for word in own)
    for word in given[1:]:  # "Maria Lopez Garcia": a second first name or the first of two surnames
        if not is_given_name(word) and word not in PARTICLES:
            yield _full([given[0], word], made)
            yield _full([word, *bare], made)
            rare = len(word) >= 4 and not _is_ordinary([word], made)
            yield form("person", [word], When.TITLED, When.PROPER if rare else None)


def _full(words: Sequence[str], made: frozenset[str]) -> Form:
    """A first name with a surname; if both are ordinary words ("pierre blanche"), certain only with capitals."""
    return form("person", words, When.CAPITALISED if _is_ordinary(words, made) else When.ALWAYS, When.ALWAYS)


def _surname(words: Sequence[str], made: frozenset[str]) -> Form:
    """A surname alone: certain unless it is short, an ordinary word or a first name; those count after a title."""
    if len("".join(words)) < 4:
        return form("person", words, When.TITLED)
    if _is_ordinary(words, made):
        function = all(word in FUNCTION or word in PARTICLES for word in words)
        return form("person", words, When.TITLED, None if function else When.PROPER)
    return form("person", words, When.ALWAYS)


def _is_ordinary(words: Sequence[str], made: frozenset[str]) -> bool:
    """Whether all words are ordinary; those in ``made`` are so only without their accents."""
    own = [word for word in words if word not in PARTICLES]
    return all((is_known(word) or word in GENERIC) and word not in made for word in own)


def _surname_places(written: list[str]) -> list[int]:
    """Indexes of the surname's parts: those in capitals if only some are, otherwise the last."""
    capital = [k for k, part in enumerate(written) if part.isupper() and len(part) > 1]
    return capital if 0 < len(capital) < len(written) else [len(written) - 1]


def _distinct(found: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(map(tuple, found)))
