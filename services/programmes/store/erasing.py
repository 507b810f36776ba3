"""Deletes a person's data, or those of everybody in a programme, from every collection of this service."""

from chassis.mongo import Document
from chassis.unit import Unit
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme
from services.programmes.store.challenges import forget_teamwork, leave_teams
from services.programmes.store.contributions import erase_contributions
from services.programmes.store.endings import forget_endings
from services.programmes.store.messages import drop_messages
from services.programmes.store.organisers import dismiss_everywhere
from services.programmes.store.participants import participant_from, remove_participant
from services.programmes.store.portraits import forget_portraits
from services.programmes.store.programmes import programme_from
from services.programmes.store.progress import find_progress, forget_in_progress, save_progress
from services.programmes.store.proposals import drop_proposed_pairs
from services.programmes.store.sessions import delete_notes

OF_A_PROGRAMME = (
    "contributions", "endings", "links", "messages", "objection_reasons", "objections", "organiser_invitations",
    "pair_marks", "pairs", "participants", "pictures", "portraits", "proposals", "sessions", "solves", "teams",
)  # fmt: skip
"""Collections whose documents about a programme go when its people's data do."""
KEPT = {
    "programmes": "the programme, without people and texts",
    "progress": "sums over at least five people, without ids",
    "challenges": "goals and milestones",
    "organisations": "ids of accounts, as projects publishes them",
    "bans": "who must not be paired again, as digests that only an address opens",
    "vault/keys": "the key of passes",
    "mailed": "how often an address was mailed, as keyed digests, for a day",
    "teamworks": "deleted by its id, which is the programme's",
}
"""The other collections of this service, and why their documents stay."""


def erase_person(unit: Unit, participant: Participant) -> None:
    """Deletes what is stored of somebody in a programme; of their pairs, ids, times and states stay.

    What a pair wrote together goes whole, because it is about both.
    """
    one, programme = participant.id, participant.programme
    theirs: Document = {"$or": [{"mentor": one}, {"mentee": one}]}
    drop_proposed_pairs(unit, participant)
    pairs = [row["_id"] for row in unit.collection("pairs").find(theirs, {"_id": 1})]
    delete_notes(unit, pairs)
    changed: Document = {"$inc": {"version": 1}}
    unit.collection("pairs").update_many(theirs, {"$set": {"why": [], "second_best": None}, **changed})
    unit.collection("pairs").update_many(
        {"programme": programme, "second_best.mentor": one}, {"$set": {"second_best": None}, **changed}
    )
    forget_endings(unit, [one])
    erase_contributions(unit, [one])
    leave_teams(unit, [one])
    drop_messages(unit, one)
    forget_in_progress(unit, programme, [one])
    forget_portraits(unit, programme, [one])
    remove_participant(unit, participant)


def erase_everybody(unit: Unit, programme_id: str) -> None:
    """Deletes the data of everybody in a programme; its published sums stay."""
    forget_portraits(unit, programme_id, [])
    for name in OF_A_PROGRAMME:
        unit.collection(name).delete_many({"programme": programme_id})
    forget_teamwork(unit, programme_id)
    progress = find_progress(unit, programme_id)
    if progress is not None:
        progress.freeze()
        save_progress(unit, progress)


def erase_account(unit: Unit, account: str) -> None:
    """Deletes an account's traces as somebody who runs or organises programmes."""
    unit.collection("messages").delete_many({"account": account})
    dismiss_everywhere(unit, account)
    unit.collection("organisations").update_many({"members": account}, {"$pull": {"members": account}})
    for collection, field in (("participants", "enrolled_by"), ("links", "created_by"), ("solves", "asked_by")):
        unit.collection(collection).update_many({field: account}, {"$set": {field: ""}})


def participants_with_account(unit: Unit, account: str) -> list[Participant]:
    """Somebody's data in each programme that they take part in with this account."""
    return [participant_from(row) for row in unit.collection("participants").find({"account": account})]


def programmes_of_organisation(unit: Unit, organisation: str) -> list[Programme]:
    """The programmes of an organisation that has ended."""
    return [programme_from(row) for row in unit.collection("programmes").find({"organisation": organisation})]


def programmes_owned_by(unit: Unit, account: str) -> list[Programme]:
    """The programmes that this account created, to be handed over."""
    return [programme_from(row) for row in unit.collection("programmes").find({"owner": account})]
