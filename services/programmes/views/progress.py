"""The progress table, with words for what is withheld."""

from collections.abc import Mapping, Sequence

from chassis.mongo import Document
from services.programmes.model.progress.groups import FEWEST
from services.programmes.model.progress.progress import Progress
from services.programmes.model.progress.table import Changes, Row, changes_of, table

BEFORE, FEW, ANSWERS = "before", "few", "answers"
REASONS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        BEFORE: "Les chiffres commencent avec la publication, dès que cinq personnes au moins participent.",
        FEW: "Cette ligne, ou sa différence avec les autres, concernerait moins de cinq personnes.",
        ANSWERS: "L’évolution s’affiche quand assez de personnes de cette ligne ont répondu au début et à la fin.",
    },
    "en": {
        BEFORE: "Figures begin with the publication, once at least five people take part.",
        FEW: "This row, or its difference from the others, would be about fewer than five people.",
        ANSWERS: "The change is shown once enough people of this row have answered at the start and at the end.",
    },
}
"""Why something is withheld."""
LABELS: Mapping[str, Mapping[str, str]] = {
    "fr": {"": "Ensemble", "mentor": "Mentors", "mentee": "Mentorés"},
    "en": {"": "Everybody", "mentor": "Mentors", "mentee": "Mentees"},
}
COUNTS = ("people", "agreed", "paired", "parted")


def progress_view(
    progress: Progress, organisation: str | None, language: str, challenges: Mapping[str, str]
) -> Document:
    """The table for whoever runs the programme, or for the organiser of ``organisation``.

    ``challenges`` are titles by id.
    """
    names = {**LABELS[language], **challenges}
    rows = [_row(row, language, names) for row in table(progress, organisation)]
    history = progress.history if organisation is None else []
    return {
        "programme_id": progress.programme,
        "organisation": organisation,
        "fewest": FEWEST,
        "overall": rows[0],
        "groups": rows[1:],
        "totals": _totals(history[-1][1]) if history else None,
        "everybody": _changes(changes_of(progress.batches), language),
        "history": [{"at": at, "people": counts["people"], **_totals(counts)} for at, counts in history],
        "next_update_at": progress.due_at,
    }


def _row(row: Row, language: str, names: Mapping[str, str]) -> Document:
    reason = None if row.figures else REASONS[language][BEFORE if row.by is None else FEW]
    return {
        "by": row.by,
        "value": row.value,
        "label": names.get(row.value or "", row.value),
        "withheld": row.figures is None,
        "reason": reason,
        "updated_at": row.updated_at,
        **_figures(row.figures),
        "changes": _changes(row.changes, language),
    }


def _figures(counts: Mapping[str, int] | None) -> Document:
    if counts is None:
        return dict.fromkeys((*COUNTS, "sessions_each"))
    each = round(counts["sessions"] / counts["people"], 1) if counts["people"] else None
    return {**{name: counts[name] for name in COUNTS}, "sessions_each": each}


def _totals(counts: Mapping[str, int]) -> Document:
    """Pairs and sessions. Each is in the sums of two people; one whose other half is not counted yet is left out."""
    return {name: counts[name] // 2 for name in ("pairs", "ended", "sessions")}


def _changes(changes: Changes | None, language: str) -> Document:
    if changes is None:
        return {"withheld": True, "reason": REASONS[language][ANSWERS], "people": None, "mean": None, "statements": []}
    return {
        "withheld": False,
        "reason": None,
        "people": changes.people,
        "mean": changes.mean,
        "statements": statements_view(changes),
    }


def statements_view(changes: Changes) -> Sequence[Document]:
    """The mean change of each statement."""
    found = []
    for name, mean in changes.means.items():
        side, _, statement = name.partition(":")
        found.append({"side": side, "statement": statement, "people": changes.answers[name], "mean": mean})
    return found
