"""Reads what people write about themselves before they are paired: each text once, and not in the solver."""

from collections.abc import Callable, Iterator, Sequence

from chassis.unit import UnitOfWork
from contracts.fit.encoder import Encoder
from services.programmes import store
from services.programmes.jobs.apart import Stopped
from services.programmes.model.pairing import Person
from services.programmes.model.pairing.portraits import digest_of, seen, writes
from services.programmes.model.pairing.problem import Seen

AT_ONCE = 8
"""Texts that are read, and then kept, between two reports of progress: about half a second."""


def read_texts(
    work: UnitOfWork,
    programme: str,
    people: Sequence[Person],
    encoder: Callable[[], Encoder],
    beat: Callable[[float], bool],
) -> dict[str, Seen]:
    """What the texts of these people say, by id, without those who write nothing.

    What is read is kept, in a transaction for each few people, so that nothing is lost if the worker ends. ``beat``
    gets the progress from 0 to 1. Raises `Stopped` if it returns False.
    """
    writers = [one for one in people if writes(one)]
    if not writers:
        return {}
    model = encoder()
    digests = {one.id: digest_of(one, model.name) for one in writers}
    found = store.find_portraits(work.database, digests)
    new = [one for one in writers if one.id not in found]
    read = store.portraits_by_digest(work.database, {digests[one.id] for one in new})
    for share, some in _batches(new):
        for one in some:
            if digests[one.id] not in read:
                read[digests[one.id]] = seen(one, model)
        _keep(work, programme, {one.id: (digests[one.id], read[digests[one.id]]) for one in some})
        if not beat(share):
            raise Stopped
    return found | {one.id: read[digests[one.id]] for one in new}


def _keep(work: UnitOfWork, programme: str, some: dict[str, tuple[str, Seen]]) -> None:
    work.run(lambda unit: store.keep_portraits(unit, programme, some))


def _batches(people: Sequence[Person]) -> Iterator[tuple[float, Sequence[Person]]]:
    """Some people at once, and the share of all that are done with them."""
    for first in range(0, len(people), AT_ONCE):
        some = people[first : first + AT_ONCE]
        yield (first + len(some)) / len(people), some
