"""Who is invited at all: the age and verification of accounts, and exclusions made for one posting. Real MongoDB."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.migrations import COLLECTION, migrate
from chassis.mongo import Documents
from contracts.market import MOST_EXCLUDED
from services.matching.migrations import MIGRATIONS
from services.matching.model import waves as rules
from tests.kit.answers import body, problem
from tests.kit.examples import PROFILE
from tests.kit.matching import Matching

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
STRICT = {"RELEVE_INVITED_AFTER": "PT24H", "RELEVE_VERIFY_EMAIL": "true"}


@pytest.fixture
def world(database: Documents) -> Matching:
    """Everybody is admitted, as in the embedded default."""
    return Matching(database, wave=4)


@pytest.fixture
def strict(database: Documents) -> Matching:
    """An account must be a day old and verified, as under compose."""
    return Matching(database, wave=4, **STRICT)


def register(world: Matching, account: str, age: timedelta, *, verified: bool = True) -> None:
    """An account of this age, as events of accounts tell it, and its first profile."""
    registered = world.event("account.registered", account, 1, role="mentor", locale="fr")
    object.__setattr__(registered, "time", registered.time - age)
    assert world.inbox.apply(registered)
    if verified:
        world.hear("account.verified", account, 2, blind_domain=None)
    headers = world.signer.header(account, verified=verified)
    answer = world.app.test_client().put("/api/mentors/me", json=PROFILE, headers=headers)
    assert answer.status_code == 200, answer.json


def invited(world: Matching, project: str) -> set[str]:
    return set().union(*world.waves(project))


def test_list_of_more_than_twenty_exclusions_is_refused(world: Matching) -> None:
    names = [f"Firm {number}" for number in range(MOST_EXCLUDED + 1)]
    world.profile("thomas", excluded_organisations=names[1:])
    answer = world.call("thomas", "PUT", "/api/mentors/me", PROFILE | {"excluded_organisations": names})
    assert (MOST_EXCLUDED, problem(answer)) == (20, (422, "invalid"))
    assert body(answer)["errors"][0]["field"].startswith("excluded_organisations")


# Age and verification.


def test_only_accounts_of_age_and_verified_are_invited(strict: Matching) -> None:
    register(strict, "old", 25 * HOUR)
    register(strict, "young", 23 * HOUR)
    register(strict, "unverified", 25 * HOUR, verified=False)
    strict.post("p")
    strict.pass_time("p")
    assert invited(strict, "p") == {"old"}


def test_account_that_comes_of_age_is_appended_once_the_list_is_exhausted(strict: Matching) -> None:
    register(strict, "old", 25 * HOUR)
    register(strict, "young", 23 * HOUR)
    register(strict, "late-to-verify", 25 * HOUR, verified=False)
    strict.post("p")
    strict.database.profiles.update_one({"_id": "young"}, {"$set": {"registered_at": strict.now - DAY}})
    strict.hear("account.verified", "late-to-verify", 2, blind_domain=None)
    ago = {"$set": {"looked_at": strict.now - 2 * HOUR}}
    strict.database.shortlists.update_one({"_id": "p"}, ago)
    strict.pass_time("p")
    assert strict.waves("p") == [{"old"}, {"young", "late-to-verify"}]


def test_profile_written_before_its_events_arrive_gets_age_and_verification(strict: Matching) -> None:
    answer = strict.app.test_client().put(
        "/api/mentors/me", json=PROFILE, headers=strict.signer.header("eager", verified=False)
    )
    assert answer.status_code == 200
    registered = strict.event("account.registered", "eager", 1, role="mentor", locale="fr")
    object.__setattr__(registered, "time", registered.time - 2 * DAY)
    strict.inbox.apply(registered)
    strict.post("p")
    assert invited(strict, "p") == set()
    strict.hear("account.verified", "eager", 2, blind_domain=None)
    strict.post("q")
    assert invited(strict, "q") == {"eager"}
    known = strict.get("eager", "/api/mentors/export")["account"]
    assert known["registered_at"] < known["verified_at"]


def test_accounts_of_clients_and_erased_ones_leave_no_row(strict: Matching) -> None:
    strict.hear("account.registered", "client", 1, role="client", locale="fr")
    strict.hear("account.verified", "client", 2, blind_domain=None)
    register(strict, "mentor", DAY)
    strict.hear("account.erased", "mentor", 3, role="mentor")
    strict.hear("account.registered", "mentor", 1, role="mentor", locale="fr")
    assert list(strict.database.accounts.find()) == list(strict.database.profiles.find()) == []


def test_profiles_of_the_previous_version_are_invited_as_before(strict: Matching) -> None:
    register(strict, "known", DAY, verified=False)
    older = {"registered_at": "", "verified_at": "", "excludes_since": ""}
    ago = {"joined_at": strict.now - 2 * DAY}
    strict.database.profiles.update_one({"_id": "known"}, {"$unset": older, "$set": ago})
    for _ in range(2):  # the process died before the migration was recorded
        strict.database[COLLECTION].delete_many({})
        migrate(strict.database, MIGRATIONS, timedelta(seconds=1))
    register(strict, "new", HOUR)
    strict.post("p")
    assert invited(strict, "p") == {"known"}


# Exclusions made for one posting.


def test_exclusions_changed_after_a_posting_make_no_candidate(world: Matching) -> None:
    """matching handles the posting late, so a mentor who has heard of it had time to change the profile."""
    for name in ("before", "changed", "lifted", "other"):
        world.profile(name, excluded_organisations=[] if name == "other" else ["Engie"])
    posted_at = world.now
    world.profile("joined", excluded_organisations=["Engie"])
    world.profile("changed", excluded_organisations=["Engie", "Colas"])
    world.profile("before", excluded_organisations=["Engie"], headline="Another headline")
    world.profile("lifted")
    world.post("p", posted_at=posted_at, avoid_client=["Nestlé"])
    assert invited(world, "p") == {"before", "lifted", "other"}


NAMES = [f"Société {number}" for number in range(5_000)]
PROBES = [f"probe-{number:02}" for number in range(33)]


def codewords(number: int) -> set[int]:
    """The probes that list this name: bits of its number, and their complements, so that an error shows."""
    bits = [number >> bit & 1 for bit in range(13)]
    return {bit if value else 13 + bit for bit, value in enumerate(bits)}


def attack(world: Matching, project: str, client: str, lists: Sequence[Sequence[str]]) -> list[int]:
    """The names that remain possible for the client: fresh accounts with lists see which of them is invited."""
    world.profile("honest")
    world.post(project, avoid_client=[client])
    for probe, names in zip(PROBES, lists, strict=True):
        world.profile(probe)
        longer = {"excluded_organisations": list(names), "excludes_since": world.now}  # as if lists had no limit
        world.database.profiles.update_one({"_id": probe}, {"$set": longer})
    for _ in range(12):
        world.pass_time(project)
    silent = {number for number, probe in enumerate(PROBES) if probe not in invited(world, project)}
    if len(silent) == len(PROBES):
        return list(range(len(NAMES)))  # no account was invited, so every name stays possible
    return [number for number in range(len(NAMES)) if codewords(number) == silent & set(range(26))]


def probing_lists() -> list[list[str]]:
    lists: list[list[str]] = [[] for _ in PROBES]
    for number, name in enumerate(NAMES):
        for probe in codewords(number):
            lists[probe].append(name)
    return [names or ["Nobody"] for names in lists]


def test_fresh_accounts_with_lists_do_not_find_a_client_among_5000(world: Matching) -> None:
    """An attack that worked: 33 fresh accounts with lists of firms found the client by who was not invited."""
    client = NAMES[3_141]
    assert len(attack(world, "p", client, probing_lists())) == len(NAMES)
    assert invited(world, "p") == {"honest"}
    too_long = {"excluded_organisations": probing_lists()[0][:21]}
    assert problem(world.call("probe-00", "PUT", "/api/mentors/me", PROFILE | too_long)) == (422, "invalid")


def test_same_attack_finds_the_client_without_the_guard(world: Matching, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack is a real one: it names the client as soon as newcomers with exclusions are candidates."""
    rule: Callable[..., bool] = rules.is_candidate

    def careless(profile: Any, *known: Any) -> bool:
        return rule(replace(profile, excluded_organisations=[]), *known)

    monkeypatch.setattr(rules, "is_candidate", careless)
    assert attack(world, "p", NAMES[3_141], probing_lists()) == [3_141]


# The weekly count.


def test_cancelled_project_gives_its_invitations_back(world: Matching) -> None:
    for name in ("a", "b"):
        world.profile(name, weekly_invitations=2)
    world.post("p")
    world.post("q")
    world.post("r")
    assert invited(world, "r") == set(), "the weekly count is reached"
    assert world.decline("a", "p").status_code == 200
    for _ in range(2):
        world.inbox.apply(world.event("project.cancelled", "p", 2, reason="Un doublon."))
    world.post("s")
    assert invited(world, "s") == {"a", "b"}
    world.post("t")
    assert invited(world, "t") == set(), "given back once"
    counts = [row["invited_at"] for row in world.database.profiles.find()]
    assert [len(times) for times in counts] == [2, 2]


def test_project_cancelled_before_it_was_known_gives_nothing_back(world: Matching) -> None:
    world.profile("a", weekly_invitations=1)
    world.hear("project.cancelled", "p", 2, reason="Un doublon.")
    world.post("p")
    world.post("q")
    assert (invited(world, "p"), invited(world, "q")) == (set(), {"a"})
