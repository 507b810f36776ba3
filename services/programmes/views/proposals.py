"""A proposal as those who run the programme read it: by refs, with its reasons in words."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.mongo import Document
from services.programmes.model.pairing import Conflict, Paired, SecondBest, Unpaired
from services.programmes.model.pairing.words import Named, conflict_words, moved_words, reason_words, unpaired_words
from services.programmes.model.participants import Participant
from services.programmes.model.proposal import Mark, Proposal
from services.programmes.model.solves import READY, SOLVING, Solve


def solving_view(solve: Solve) -> Document:
    """How far the solver is."""
    return {"state": SOLVING, "progress": solve.progress}


def ready_view(proposal: Proposal, *, stale: bool) -> Document:
    """What every proposal shows."""
    return {"state": READY, "progress": 1.0, "made_at": proposal.made_at, "stale": stale}


def pairs_view(proposal: Proposal, people: Sequence[Participant], marks: Collection[Mark], language: str) -> Document:
    """The pairs, who is left and what has changed. Somebody who is gone is left out."""
    refs = {one.id: one.ref for one in people}
    locked = {mark.couple for mark in marks if mark.locked}
    names = {one.id: f"{one.name} ({one.ref})" for one in people}
    pairs = [
        {
            **_couple(refs, one.mentor, one.mentee),
            "score": one.score,
            "why": reason_words(one.why, language),
            "second_best": _second(refs, one.second_best),
            "locked": (one.mentor, one.mentee) in locked,
        }
        for one in proposal.pairs
        if one.mentor in refs and one.mentee in refs
    ]
    return {
        "pairs": pairs,
        "forbidden": [
            _couple(refs, *mark.couple) for mark in marks if mark.forbidden and refs.keys() >= set(mark.couple)
        ],
        "unpaired": [
            {"ref": refs[one.person], "side": one.side, **_unpaired(one, lambda id: names.get(id, ""), language)}
            for one in proposal.unpaired
            if one.person in refs
        ],
        "conflicts": conflict_views(proposal.shortages, people, language),
        "changes": [
            {**_couple(refs, one["mentor"], one["mentee"]), "change": one["change"]}
            for one in proposal.changes
            if one["mentor"] in refs and one["mentee"] in refs
        ],
    }


def conflict_views(conflicts: Sequence[Conflict], people: Sequence[Participant], language: str) -> list[str]:
    """Each set of rules that cannot hold together, in words. An error may hold them, so people are named by ref."""
    refs = {one.id: one.ref for one in people}
    return [conflict_words(one, lambda id: refs.get(id, ""), language) for one in conflicts]


def apart_views(
    together: Sequence[Paired], apart: Sequence[Paired], people: Sequence[Participant], language: str
) -> list[Document]:
    """Those who lose their only partner, because one of the two was moved into another team."""
    known = {one.id: one for one in people}
    names = {one.id: f"{one.name} ({one.ref})" for one in people}
    paired = {one for pair in together for one in (pair.mentor, pair.mentee)}
    both = [(pair.mentor, pair.mentee) for pair in apart]
    lost = {one: other for pair in both for one, other in (pair, pair[::-1]) if one not in paired}
    return [
        {"ref": known[one].ref, "side": known[one].side,
         **moved_words(known[one].side, names[one], names[other], language)}
        for one, other in lost.items()
        if one in known and other in known
    ]  # fmt: skip


def version_of(view: Document) -> int:
    """A number that changes with the view: what it shows depends on more than one document's version."""
    text = json.dumps(view, sort_keys=True, default=datetime.isoformat)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


def _couple(refs: Mapping[str, str], mentor: str, mentee: str) -> dict[str, str]:
    return {"mentor": refs[mentor], "mentee": refs[mentee]}


def _unpaired(one: Unpaired, named: Named, language: str) -> dict[str, str | None]:
    """Why somebody is alone, and what would change it, if anything would."""
    alone, main, *changes = unpaired_words(one, named, language)
    return {"why": f"{alone} {main}", "change": " ".join(changes) or None}


def _second(refs: Mapping[str, str], second: SecondBest | None) -> dict[str, Any] | None:
    if second is None or second.mentor not in refs:
        return None
    return {"mentor": refs[second.mentor], "score": second.score, "free": second.free}
