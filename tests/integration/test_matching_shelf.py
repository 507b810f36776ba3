"""What a worker remembers of mentors, and what the database keeps of it."""

from functools import partial

import pytest

from chassis.mongo import Documents
from services.matching import store
from services.matching.model import Shelf
from tests.kit.fitting import Counting
from tests.kit.matching import Matching

PATIENT_S = 60.0


@pytest.fixture
def world(database: Documents) -> Matching:
    return Matching(database, wave=4)


def look(world: Matching, shelf: Shelf, encoder: Counting, within_s: float = PATIENT_S) -> int:
    """One look of the worker's job; returns how many are not on the shelf yet."""
    profiles, portraits = world.database.profiles, world.database.portraits
    left = store.catch_up(shelf, profiles, portraits, encoder, world.now, within_s)
    world.work.run(partial(store.keep_portraits, new=shelf.take_new()))
    return left


def test_each_text_is_read_once_and_kept_for_other_workers(world: Matching) -> None:
    world.profile("a", bio="J'ai monté le CRM d'un club.")
    world.profile("b", bio="Je filme des recettes.")
    first, encoder = Shelf(), Counting()
    assert look(world, first, encoder) == 0
    assert len(first) == 2
    read = len(encoder.texts)
    assert look(world, first, encoder) == 0
    other = Shelf()
    assert look(world, other, encoder) == 0
    assert sorted(other.mentors()) == ["a", "b"]
    assert len(encoder.texts) == read


def test_changed_text_is_read_again_and_changed_conditions_are_not(world: Matching) -> None:
    world.profile("a", bio="Je filme des recettes.")
    shelf, encoder = Shelf(), Counting()
    look(world, shelf, encoder)
    digest, read = shelf.digest("a"), len(encoder.texts)
    world.profile("a", bio="Je filme des recettes.", paused=True)
    look(world, shelf, encoder)
    assert (shelf.digest("a"), len(encoder.texts)) == (digest, read)
    world.profile("a", bio="J'ai monté le CRM d'un club.")
    look(world, shelf, encoder)
    assert shelf.digest("a") != digest
    assert len(encoder.texts) > read


def test_what_there_was_no_time_for_is_read_later(world: Matching) -> None:
    for name in "abc":
        world.profile(name, bio=f"Je filme des recettes, saison {name}.")
    shelf, encoder = Shelf(), Counting()
    assert look(world, shelf, encoder, within_s=0) == 3
    assert len(shelf) == 0
    assert look(world, shelf, encoder) == 0
    assert len(shelf) == 3


def test_erased_mentor_leaves_no_portrait(world: Matching) -> None:
    world.profile("a")
    world.profile("b")
    shelf, encoder = Shelf(), Counting()
    store.catch_up(shelf, world.database.profiles, world.database.portraits, encoder, world.now, PATIENT_S)
    painted = shelf.take_new()
    world.hear("account.erased", "a", 9, role="mentor")
    world.work.run(partial(store.keep_portraits, new=painted))
    assert [row["_id"] for row in world.database.portraits.find()] == ["b"]
    world.hear("account.erased", "b", 9, role="mentor")
    assert world.database.portraits.count_documents({}) == 0
    store.forget_missing(world.database, shelf)
    assert shelf.mentors() == []


def test_need_is_kept_until_the_round_is_over(world: Matching) -> None:
    world.profile("a")
    world.post("p")
    assert [row["_id"] for row in world.database.needs.find()] == ["p"]
    world.hear("project.cancelled", "p", 2, reason="Un doublon.")
    assert world.database.needs.count_documents({}) == 0
