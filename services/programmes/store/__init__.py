"""The MongoDB store. Every read for a person takes that person as an argument and checks their access."""

from collections.abc import Mapping, Sequence

from pymongo import IndexModel

from services.programmes.store import (
    endings,
    messages,
    organisations,
    pairs,
    participants,
    programmes,
    proposals,
    sessions,
    solves,
)
from services.programmes.store.access import standing
from services.programmes.store.couples import couple_by_refs, couple_of_pair, page_of_couples
from services.programmes.store.endings import add_ending, ban, banned_pairs, forget_bans, forget_endings
from services.programmes.store.files import each_pair, each_participant
from services.programmes.store.keys import pass_key
from services.programmes.store.messages import (
    add_messages,
    find_message,
    forget_message,
    link_owner,
    prepare_message,
)
from services.programmes.store.organisations import organisation_of, share_organisation
from services.programmes.store.pairs import (
    add_pairs,
    close_pairs,
    count_quiet_pairs,
    find_pair,
    pair_from,
    pairs_of,
    pairs_over_at,
    save_pair,
)
from services.programmes.store.participants import (
    add_participants,
    erase_participants,
    find_participant,
    participant_by_ref,
    participant_from,
    participants_of,
    save_participant,
)
from services.programmes.store.programmes import (
    find_programme,
    my_programme,
    programme_from,
    programmes_without_organisation,
    read_programmes,
    save_programme,
)
from services.programmes.store.progress import (
    begin_progress,
    find_progress,
    forget_in_progress,
    save_progress,
    sessions_held,
)
from services.programmes.store.proposals import (
    find_mark,
    find_proposal,
    forget_marks,
    forget_proposals,
    marks_of,
    replace_proposal,
    save_mark,
)
from services.programmes.store.sessions import delete_notes, find_session, save_session, sessions_of
from services.programmes.store.solves import (
    delete_older_solves,
    due_solve,
    extend_claim,
    find_solve,
    latest_solve,
    release_claim,
    save_solve,
)
from services.programmes.store.told import told

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "programmes": programmes.INDEXES,
    "participants": participants.INDEXES,
    "pairs": pairs.INDEXES,
    "messages": messages.INDEXES,
    "organisations": organisations.INDEXES,
    "sessions": sessions.INDEXES,
    "endings": endings.ENDING_INDEXES,
    "bans": endings.BAN_INDEXES,
    "solves": solves.INDEXES,
    "proposals": proposals.PROPOSAL_INDEXES,
    "pair_marks": proposals.MARK_INDEXES,
    "progress": [],
}

__all__ = [
    "INDEXES",
    "add_ending",
    "add_messages",
    "add_pairs",
    "add_participants",
    "ban",
    "banned_pairs",
    "begin_progress",
    "close_pairs",
    "count_quiet_pairs",
    "couple_by_refs",
    "couple_of_pair",
    "delete_notes",
    "delete_older_solves",
    "due_solve",
    "each_pair",
    "each_participant",
    "erase_participants",
    "extend_claim",
    "find_mark",
    "find_message",
    "find_pair",
    "find_participant",
    "find_programme",
    "find_progress",
    "find_proposal",
    "find_session",
    "find_solve",
    "forget_bans",
    "forget_endings",
    "forget_in_progress",
    "forget_marks",
    "forget_message",
    "forget_proposals",
    "latest_solve",
    "link_owner",
    "marks_of",
    "my_programme",
    "organisation_of",
    "page_of_couples",
    "pair_from",
    "pairs_of",
    "pairs_over_at",
    "participant_by_ref",
    "participant_from",
    "participants_of",
    "pass_key",
    "prepare_message",
    "programme_from",
    "programmes_without_organisation",
    "read_programmes",
    "release_claim",
    "replace_proposal",
    "save_mark",
    "save_pair",
    "save_participant",
    "save_programme",
    "save_progress",
    "save_session",
    "save_solve",
    "sessions_held",
    "sessions_of",
    "share_organisation",
    "standing",
    "told",
]
