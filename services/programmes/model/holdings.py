"""What this service holds of one person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.programmes.model.pairs import Pair
from services.programmes.model.participants import Participant
from services.programmes.model.programme import Programme

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Participation:
    """Somebody's data in one programme: what they gave, their pairs and sessions, and what they wrote."""

    programme: Programme
    participant: Participant
    pairs: Sequence[Pair] = ()
    sessions: Sequence[Row] = ()
    endings: Sequence[Row] = ()
    contributions: Sequence[Row] = ()


@dataclass(frozen=True)
class Holdings:
    """All that is held of an account: as a participant, as an owner and as an organiser."""

    participations: Sequence[Participation]
    owned: Sequence[Programme]
    organised: Sequence[Programme]
