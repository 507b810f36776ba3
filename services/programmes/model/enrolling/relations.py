"""Checks candidates against each other and against the people who are enrolled: doubles, objections, managers."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.vocabulary import few_marks, fold
from services.programmes.model.enrolling.candidates import Candidate
from services.programmes.model.enrolling.problems import Problem, problem

DERIVED = "p"
"""References that this service gives are "p1", "p2" and so on."""

OBJECTED, TOLD_OFTEN = "objected", "told-often"
"""Why an address is barred: its owner objected to this programme; it has had as many invitations today as it may."""


@dataclass(frozen=True)
class Enrolled:
    """A person who is already in the programme."""

    ref: str
    name: str
    email: str
    side: str
    manager_ref: str = ""


@dataclass(frozen=True)
class Related:
    """The candidates that can be enrolled, with their final references and managers, and the problems of the others.

    ``managers`` are the enrolled people whose manager is now known by reference: theirs by their own.
    """

    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]
    managers: Mapping[str, str]


def relate(
    candidates: Sequence[Candidate], enrolled: Sequence[Enrolled], barred: Callable[[str], str]
) -> Related:
    """Separates the candidates into those that can be enrolled together and those that cannot.

    A manager may be given as a reference, an e-mail or a name, and need not take part. ``barred`` says of an
    e-mail why nobody may enrol it now (`OBJECTED`, `TOLD_OFTEN`); empty for most.
    """
    problems = list(_doubles(candidates, enrolled))
    problems += [problem(one.line, "email", code) for one in candidates if (code := barred(one.email))]
    kept = _without(candidates, problems)
    kept = _numbered(kept, {one.ref for one in enrolled} | {one.ref for one in candidates})
    find = _finder([*enrolled, *kept])
    kept = [replace(one, manager=find(one.manager)) for one in kept]
    waiting = {one.ref: find(one.manager_ref) for one in enrolled}
    loops = list(_loops(kept, waiting))
    managers = {one.ref: waiting[one.ref] for one in enrolled if waiting[one.ref] != one.manager_ref}
    return Related(tuple(_without(kept, loops)), tuple(sorted([*problems, *loops], key=lambda one: one.line)), managers)


def _without(candidates: Sequence[Candidate], problems: Collection[Problem]) -> list[Candidate]:
    lines = {one.line for one in problems}
    return [one for one in candidates if one.line not in lines]


def _doubles(candidates: Sequence[Candidate], enrolled: Sequence[Enrolled]) -> Iterator[Problem]:
    """Everybody whose e-mail or reference somebody else has, here or in an earlier row."""
    emails = {one.email.lower(): one.side for one in enrolled}
    refs = {one.ref for one in enrolled}
    rows, ref_rows = dict[str, Candidate](), dict[str, int]()
    for one in candidates:
        key = one.email.lower()
        if key in emails:
            yield problem(one.line, "email", "already-enrolled" if emails[key] == one.side else "both-sides")
        elif key in rows:
            code = "email-twice" if rows[key].side == one.side else "both-sides-in-file"
            yield problem(one.line, "email", code, row=rows[key].line)
        elif one.ref in refs:
            yield problem(one.line, "ref", "ref-taken")
        elif one.ref in ref_rows:
            yield problem(one.line, "ref", "ref-twice", row=ref_rows[one.ref])
        rows.setdefault(key, one)
        if one.ref:
            ref_rows.setdefault(one.ref, one.line)


def _numbered(candidates: Sequence[Candidate], taken: set[str]) -> list[Candidate]:
    """Gives a reference to everybody who has none."""
    found, number = list[Candidate](), 0
    for one in candidates:
        if not one.ref:
            number = next(n for n in range(number + 1, number + len(taken) + 2) if f"{DERIVED}{n}" not in taken)
            one = replace(one, ref=f"{DERIVED}{number}")
        found.append(one)
    return found


def _finder(people: Sequence[Candidate | Enrolled]) -> Callable[[str], str]:
    """A function from a manager as written to the reference of that person, or to the same text if it is nobody's.

    A name that two people bear is nobody's.
    """
    refs = {one.ref for one in people}
    emails = {one.email.lower(): one.ref for one in people}
    names = dict[str, str]()
    for one in people:
        key = _plain(one.name)
        names[key] = one.ref if key not in names else ""

    def find(text: str) -> str:
        if not text or text in refs:
            return text
        return emails.get(text.lower()) or names.get(_plain(text)) or text

    return find


def _loops(candidates: Sequence[Candidate], others: Mapping[str, str]) -> Iterator[Problem]:
    """Everybody who is their own manager, directly or at the end of a line of managers."""
    looping = _looping({**others, **{one.ref: one.manager for one in candidates}})
    for one in candidates:
        if one.manager == one.ref:
            yield problem(one.line, "manager_ref", "own-manager")
        elif one.ref in looping:
            yield problem(one.line, "manager_ref", "manager-loop")


def _looping(above: Mapping[str, str]) -> set[str]:
    """The people from whom the line of managers leads back to themselves."""
    looping, done = set[str](), set[str]()
    for ref in above:
        path = dict[str, int]()
        while ref in above and ref not in done and ref not in path:
            path[ref] = len(path)
            ref = above[ref]
        looping |= set(list(path)[path[ref] :]) if ref in path else set()
        done |= path.keys()
    return looping


def _plain(name: str) -> str:
    return " ".join(sorted(fold(few_marks(name[:200])).replace("-", " ").split()))
