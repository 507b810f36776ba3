"""Reading people's texts before they are paired: once for each text, kept while its author takes part, then gone."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace

import pytest

from chassis.ids import new_id
from chassis.mongo import connect
from chassis.unit import Unit
from services.programmes import store
from services.programmes.jobs.apart import Stopped
from services.programmes.jobs.reading import AT_ONCE, read_texts
from services.programmes.model.pairing import person_of
from services.programmes.model.pairing.portraits import digest_of, seen
from services.programmes.model.participants import Participant
from tests.kit.fitting import Counting
from tests.kit.programmes import Programmes

SALES = "J'apprends aux vendeurs à suivre leurs clients et leurs prospects dans un même outil."
CLIENTS = "I would like my sales people to keep track of their customers."


@pytest.fixture(scope="module")
def programmes(mongo_uri: str) -> Iterator[Programmes]:
    database = connect(mongo_uri, f"test_{new_id().replace('-', '_')}", app="test")
    found = Programmes(database)
    yield found
    found.drop()


@pytest.fixture
def model(programmes: Programmes) -> Counting:
    found = Counting()
    programmes.encoder = lambda: found
    programmes.database.portraits.delete_many({})
    return found


def four(programmes: Programmes) -> tuple[str, dict[str, Participant]]:
    """Two mentors, of whom one speaks of sales, and two mentees, of whom one asks for it. Nobody lists a skill."""
    programme = programmes.create()
    given = {"M1": "Je filme des mariages et la montagne.", "M2": SALES, "S1": CLIENTS, "S2": ""}
    return programme, {
        ref: programmes.put(programme, ref, "mentor" if ref[0] == "M" else "mentee", about=about, languages=["fr"],
                            email=f"{ref}@{programme}.example".lower()) for ref, about in given.items()
    }  # fmt: skip


def rows(programmes: Programmes, programme: str) -> set[str]:
    return set(programmes.database.portraits.distinct("_id", {"programme": programme}))


def test_texts_decide_a_proposal_and_are_read_once(programmes: Programmes, model: Counting) -> None:
    programme, people = four(programmes)
    first = programmes.propose(programme)
    assert {(pair["mentor"], pair["mentee"]) for pair in first["pairs"]} == {("M2", "S1"), ("M1", "S2")}
    assert sorted(text.strip(".\n") for text in model.texts) == sorted(
        one.about.strip(".") for one in people.values() if one.about
    )
    assert rows(programmes, programme) == {people[ref].id for ref in ("M1", "M2", "S1")}
    model.texts.clear()
    programmes.put(programme, "M3", "mentor", email="m3@one.example", offers=["crm"])
    assert {pair["mentee"] for pair in programmes.propose(programme)["pairs"]} == {"S1", "S2"}
    assert model.texts == []


def test_equal_texts_are_read_once_whoever_writes_them(programmes: Programmes, model: Counting) -> None:
    programme, _ = four(programmes)
    for number in range(2 * AT_ONCE):
        programmes.put(programme, f"N{number}", "mentor", about=SALES, email=f"n{number}@{programme}.example")
    programmes.propose(programme)
    assert model.texts.count(SALES) == 1
    assert len(rows(programmes, programme)) == 3 + 2 * AT_ONCE
    elsewhere, _ = four(programmes)
    programmes.propose(elsewhere)
    assert model.texts.count(SALES) == 1
    assert len(rows(programmes, elsewhere)) == 3


def test_new_text_is_read_instead_of_the_old_one(programmes: Programmes, model: Counting) -> None:
    programme, people = four(programmes)
    programmes.propose(programme)
    model.texts.clear()
    person = people["M1"]
    programmes.database.participants.update_one({"_id": person.id}, {"$set": {"about": "Je monte des podcasts."}})
    programmes.propose(programme)
    assert model.texts == ["Je monte des podcasts."]
    assert len(rows(programmes, programme)) == 3
    changed = person_of(replace(person, about="Je monte des podcasts."))
    (row,) = programmes.database.portraits.find({"_id": person.id})
    assert row["digest"] == digest_of(changed, model.name)


def test_what_is_kept_is_what_was_read(programmes: Programmes, model: Counting) -> None:
    programme, people = four(programmes)
    everybody = [person_of(one) for one in people.values()]
    first = read_texts(programmes.work, programme, everybody, lambda: model, lambda share: True)
    again = read_texts(programmes.work, programme, everybody, lambda: model, lambda share: True)
    assert set(first) == set(again) == {people[ref].id for ref in ("M1", "M2", "S1")}
    for id, one in first.items():
        for name, numbers in vars(one).items():
            kept = getattr(again[id], name)
            assert kept == numbers if name == "words" else (kept == numbers).all()


def test_texts_of_nobody_load_no_model(programmes: Programmes) -> None:
    programme = programmes.create()
    silent = person_of(programmes.put(programme, "M1", "mentor", offers=["crm"], email="m1@two.example"))

    def no_model() -> Counting:
        raise AssertionError("nobody wrote anything")

    assert read_texts(programmes.work, programme, [silent], no_model, lambda share: True) == {}


def test_progress_of_reading_grows_and_a_lost_claim_ends_it(programmes: Programmes, model: Counting) -> None:
    programme = programmes.create()
    people = [
        person_of(programmes.put(programme, f"M{n}", "mentor", about=f"Je sais {n} choses.", email=f"{n}@b.example"))
        for n in range(2 * AT_ONCE + 1)
    ]
    told: list[float] = []

    def beat(share: float) -> bool:
        told.append(share)
        return share < 0.5

    with pytest.raises(Stopped):
        read_texts(programmes.work, programme, people, lambda: model, beat)
    assert told == [AT_ONCE / len(people), 2 * AT_ONCE / len(people)]
    assert len(rows(programmes, programme)) == 2 * AT_ONCE
    model.texts.clear()
    read_texts(programmes.work, programme, people, lambda: model, lambda share: True)
    assert len(model.texts) == 1


def test_texts_of_an_erased_person_are_gone(programmes: Programmes, model: Counting) -> None:
    programme, people = four(programmes)
    programmes.propose(programme)
    gone = people["M2"]
    programmes.work.run(lambda unit: store.erase_person(unit, gone))
    assert rows(programmes, programme) == {people[ref].id for ref in ("M1", "S1")}
    programmes.work.run(lambda unit: store.erase_everybody(unit, programme))
    assert rows(programmes, programme) == set()


def test_texts_that_are_read_during_an_erasure_are_not_kept(programmes: Programmes, model: Counting) -> None:
    programme, people = four(programmes)
    person = person_of(people["M2"])
    kept = {person.id: (digest_of(person, model.name), seen(person, model))}
    erasing: list[Future[None]] = []

    def keep(unit: Unit) -> None:
        """Keeps what was read, and erases the person before this transaction ends, unless that has to wait for it."""
        store.keep_portraits(unit, programme, kept)
        if not erasing:
            erasing.append(pool.submit(programmes.work.run, lambda beside: store.erase_person(beside, people["M2"])))
            wait(erasing, timeout=1)

    with ThreadPoolExecutor(1) as pool:
        programmes.work.run(keep)
    erasing[0].result()
    assert programmes.database.participants.count_documents({"_id": person.id}) == 0
    assert rows(programmes, programme) == set()
