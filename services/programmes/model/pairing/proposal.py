"""What the solver answers. Ids are those of participants; texts are made of it by `words`."""

from dataclasses import dataclass

from contracts.fit.reasons import Reason
from services.programmes.model.pairing.problem import Couple


@dataclass(frozen=True)
class SecondBest:
    """The mentor who fits this mentee best after the own one, and whether that mentor has a place left."""

    mentor: str
    score: float
    free: bool


@dataclass(frozen=True)
class Paired:
    """A pair with its fit from 0 to 1, the reasons (`why` lists their codes), and the mentee's second best."""

    mentor: str
    mentee: str
    score: float
    why: tuple[Reason, ...]
    second_best: SecondBest | None
    locked: bool = False


@dataclass(frozen=True)
class Obstacle:
    """How many people of the other side one rule keeps away; ``code`` is of `obstacles.CODES`, or `FULL`."""

    code: str
    count: int


@dataclass(frozen=True)
class Change:
    """One change that would let one more person have a pair. By ``code``:

    - ``capacity``: ``person`` accepts ``number`` pairs
    - ``language``: ``person`` also accepts the language ``value``
    - ``rule``: the programme gives up the rule ``value``
    - ``allow``: the forbidden pair of ``person`` and ``partner`` is allowed
    - ``unlock``: the locked pair of ``person`` (mentor) and ``partner`` is unlocked
    """

    code: str
    person: str = ""
    partner: str = ""
    value: str = ""
    number: int = 0


@dataclass(frozen=True)
class Unpaired:
    """Somebody without a pair. ``must`` says whether the rules want this side covered.

    ``obstacles`` count everybody of the other side once, by the first rule in the way. ``changes``, the mildest first,
    are single changes of which each was tested to let one more person have a pair; empty if none does.
    """

    person: str
    side: str
    must: bool
    obstacles: tuple[Obstacle, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Demand:
    """One of the rules in a conflict. By ``code``:

    - ``cover``: everybody on side ``value`` has a pair; ``people`` are ``number`` of them who cannot all have one
    - ``lock``: the couple ``people`` is locked; or, without ``people``, all locked pairs are
    - ``capacity``: the one of ``people`` is in at most ``number`` pairs; or, without ``people``, everybody of the other
      side is, with ``value`` ``common`` (``number`` is the programme's capacity) or ``own`` (the capacities of people)
    - ``forbidden``, ``line``, ``team``, ``company``, ``before``, ``language``: the rule of `obstacles.CODES`, for the
      couple ``people`` or for everybody
    """

    code: str
    people: tuple[str, ...] = ()
    number: int = 0
    value: str = ""


@dataclass(frozen=True)
class Conflict:
    """A smallest set of rules that cannot all hold: without any one of them, the others can."""

    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class Proposal:
    """The optimal pairs, or the conflicts of locked pairs with rules, which leave none.

    ``added`` and ``removed`` compare with the last solution; both are empty if there was none. ``shortages`` say why
    not everybody is covered who must be, for each side: a smallest set of rules that cannot all hold.
    """

    pairs: tuple[Paired, ...] = ()
    unpaired: tuple[Unpaired, ...] = ()
    added: tuple[Couple, ...] = ()
    removed: tuple[Couple, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    shortages: tuple[Conflict, ...] = ()
