"""The rows of a programme's CSV files. No file holds self-assessments of persons, notes, or why a pair ended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chassis.mongo import Document
from contracts.vocabulary import SKILLS
from services.programmes.model.access import Standing
from services.programmes.model.pairs import Pair
from services.programmes.model.participants import Participant
from services.programmes.model.teamwork import Team
from services.programmes.views.file_words import SIDES, STATES
from services.programmes.views.spreadsheets import Cell

PairRow = tuple[Pair, Mapping[str, Participant], list[Document]]
HELD = "held"


def participant_rows(people: Iterable[Participant], language: str) -> Iterator[Sequence[Cell]]:
    """One row for each person, which can be enrolled again from the same file."""
    for one in people:
        yield [
            one.ref, one.name, one.email, SIDES[language][one.side], one.organisation, one.team, one.manager_ref,
            _skills(one.offers, language), _skills(one.wants, language), one.languages, one.about, one.place,
            one.timezone, one.availability, one.capacity, one.locale, STATES[language].get(one.state, one.state),
            one.agreed_at,
        ]  # fmt: skip


def pair_rows(pairs: Iterable[PairRow], standing: Standing, language: str) -> Iterator[Sequence[Cell]]:
    """One row for each pair, with how many sessions were held and when the last one was."""
    for pair, people, sessions in pairs:
        held = [session["starts_at"] for session in sessions if session["state"] == HELD]
        ended = (pair.ended or {}).get("at")
        yield [
            *_two(pair, people, standing), STATES[language].get(pair.state, pair.state), pair.active_at, ended,
            len(held), max(held, default=None),
        ]  # fmt: skip


def session_rows(pairs: Iterable[PairRow], standing: Standing, language: str) -> Iterator[Sequence[Cell]]:
    """One row for each session: whose, when, how long and its state."""
    for pair, people, sessions in pairs:
        for session in sessions:
            state = STATES[language].get(session["state"], session["state"])
            yield [*_two(pair, people, standing), session["starts_at"], session.get("minutes"), state]


def team_rows(
    members: Iterable[tuple[Team, Participant]], titles: Mapping[str, str], standing: Standing, language: str
) -> Iterator[Sequence[Cell]]:
    """One row for each member of a team; of a person whom the caller does not see, the company only."""
    for team, one in members:
        named = [one.ref, one.name, SIDES[language][one.side]] if standing.sees(one) else ["", "", ""]
        yield [titles.get(team.challenge, ""), team.name, *named, one.organisation]


def progress_rows(shown: Document) -> Iterator[Sequence[Cell]]:
    """The rows of the progress table, each with its changes and the reasons for what is withheld."""
    for row in [shown["overall"], *shown["groups"]]:
        changes = row["changes"]
        reasons = list(dict.fromkeys(reason for reason in (row["reason"], changes["reason"]) if reason))
        yield [
            row["label"], row["people"], row["agreed"], row["paired"], row["parted"], row["sessions_each"],
            changes["people"], changes["mean"], " ".join(reasons), row["updated_at"],
        ]  # fmt: skip


def _two(pair: Pair, people: Mapping[str, Participant], standing: Standing) -> list[Cell]:
    """Both people; of a person whom the caller does not see, the company only."""
    cells: list[Cell] = []
    for one in (people.get(pair.mentor), people.get(pair.mentee)):
        seen = one is not None and standing.sees(one)
        cells += [one.ref if one and seen else "", one.name if one and seen else "", one.organisation if one else ""]
    return cells


def _skills(words: Sequence[str], language: str) -> list[str]:
    """Skills by their label, or by their id where a comma would divide it; words of their own as they are."""
    labels = {word: getattr(SKILLS[word], language) for word in words if word in SKILLS}
    return [labels[word] if "," not in labels.get(word, ",") else word for word in words]
