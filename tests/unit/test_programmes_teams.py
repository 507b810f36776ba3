"""Forming teams: the optimum against all possibilities, a certificate of the case with four companies, properties."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.programmes.model.teams import (
    Call,
    Candidate,
    Formation,
    Team,
    form,
    forming,
    proving,
    superiors,
    teams_for,
)
from services.programmes.model.teams.people import even_sizes, shared_out

SKILLS = ("data", "crm", "ai")
COMPANIES = ("AXA", "Colas", "Engie", "Saint-Gobain")


@st.composite
def crowds(draw: st.DrawFn, most: int, challenges: int = 1) -> list[Candidate]:
    """People with every trait that the target reads, some of them superiors of others."""
    size = draw(st.integers(2, most))
    managers = {f"p{i}": draw(st.sampled_from([None, *(f"p{j}" for j in range(i))])) for i in range(size)}
    lines = superiors(managers) if draw(st.booleans()) else dict.fromkeys(managers, frozenset[str]())
    languages = draw(st.sampled_from([[["fr"]], [["fr"], ["fr", "en"], ["en"], []]]))
    wishes = [None, *(f"c{number}" for number in range(challenges))]
    return [
        Candidate(
            ref,
            company=draw(st.sampled_from(COMPANIES[:3])),
            side=draw(st.sampled_from(["mentor", "mentee"])),
            offers=draw(st.frozensets(st.sampled_from(SKILLS))),
            languages=frozenset(draw(st.sampled_from(languages))),
            line=lines[ref],
            wish=draw(st.sampled_from(wishes)),
        )
        for ref in managers
    ]


def sound(members: Sequence[Candidate]) -> bool:
    """Whether the hard rules allow this team."""
    spoken = [member.languages for member in members if member.languages]
    understood = not spoken or bool(frozenset.intersection(*spoken))
    return understood and not any(b.ref in a.line or a.ref in b.line for a, b in combinations(members, 2))


def squares(teams: Sequence[Sequence[Candidate]], trait: str) -> int:
    counted = [Counter(getattr(member, trait) for member in members) for members in teams]
    return sum(count**2 for counter in counted for count in counter.values())


def value(teams: Sequence[Sequence[Candidate]], skills: Sequence[str]) -> tuple[int, ...]:
    """The aims of decision 64, written down a second time."""
    having = [sum(skill in member.offers for member in members) for members in teams for skill in skills]
    spread = sum(count**2 for count in having)
    return (squares(teams, "company"), squares(teams, "side"), having.count(0), spread)


def every_split(people: Sequence[Candidate], teams: int) -> Iterator[list[list[Candidate]]]:
    """All ways to put people into teams whose sizes differ by at most one."""
    for places in product(range(teams), repeat=len(people)):
        split = [[p for p, at in zip(people, places, strict=True) if at == number] for number in range(teams)]
        if len(people) >= 2 * teams and max(map(len, split)) - min(map(len, split)) <= 1:
            yield split


def most_placed(people: Sequence[Candidate], teams: int) -> int:
    """How many people can have a team at most: all subsets, the largest first."""
    for size in range(len(people), 0, -1):
        for part in combinations(people, size):
            if any(all(sound(members) for members in split) for split in every_split(part, teams)):
                return size
    return 0


def members_of(formation: Formation, people: Sequence[Candidate]) -> list[list[Candidate]]:
    known = {person.ref: person for person in people}
    return [[known[ref] for ref in team.members] for team in formation.teams]


def unimproved(_sharing: object, start: Sequence[int]) -> list[int]:
    """No search: HiGHS alone must find the optimum."""
    return list(start)


@settings(max_examples=40, deadline=None)
@given(crowds(7), st.integers(2, 4), st.booleans())
def test_teams_reach_the_optimum_of_brute_force(people: list[Candidate], size: int, searching: bool) -> None:
    call = Call("c0", SKILLS, size)
    with pytest.MonkeyPatch.context() as patch:
        if not searching:
            patch.setattr(proving, "improved", unimproved)
        check_optimum(people, call)


def check_optimum(people: list[Candidate], call: Call) -> None:
    size = call.team_size
    formation, nearest = form(people, [call]), teams_for(len(people), size)
    most = {number: most_placed(people, number) for number in (nearest, nearest - 1, nearest + 1) if number > 0}
    assert len(people) - len(formation.left_out) == max(most.values())
    assert formation.proven
    teams, number = members_of(formation, people), next(n for n in most if most[n] == max(most.values()))
    assert len(teams) == (number if formation.teams else 0)
    part = [member for members in teams for member in members]
    allowed = (split for split in every_split(part, number) if all(sound(members) for members in split))
    assert value(teams, SKILLS) == min((value(split, SKILLS) for split in allowed), default=(0, 0, 0, 0))
    assert [aim.value for aim in formation.aims["c0"]][1:] == list(value(teams, SKILLS))


@settings(max_examples=30, deadline=None)
@given(crowds(7, challenges=2))
def test_assignment_to_challenges_reaches_the_optimum_of_brute_force(people: list[Candidate]) -> None:
    calls = [Call("c0", ("data", "crm"), 2), Call("c1", ("ai",), 3)]
    places, aims = forming.assign(people, calls)
    assert all(person.wish in (None, calls[at].id) for person, at in zip(people, places, strict=True))
    sizes = [places.count(number) for number in range(2)]
    wished = [sum(person.wish == call.id for person in people) for call in calls]
    if 0 not in sizes:
        assert sizes == shared_out(len(people), wished)

    def worth(given: Sequence[int]) -> tuple[int, ...]:
        split = [[p for p, at in zip(people, given, strict=True) if at == number] for number in range(2)]
        missing = 0
        for number, call in enumerate(calls):
            teams = teams_for(len(split[number]), call.team_size)
            having = [sum(skill in member.offers for member in split[number]) for skill in call.skills]
            missing += sum(max(0, teams - count) ** 2 for count in having)
        return (squares(split, "company"), squares(split, "side"), missing)

    every = (
        given
        for given in product(range(2), repeat=len(people))
        if [given.count(number) for number in range(2)] == sizes
        and all(p.wish in (None, calls[at].id) for p, at in zip(people, given, strict=True))
    )
    assert worth(places) == min(map(worth, every)) == tuple(aim.value for aim in aims)


def cohort() -> tuple[list[Candidate], list[Call]]:
    """AXA, Colas, Engie and Saint-Gobain with 25 people each, and four challenges."""
    skills = ("data", "crm", "ai", "video", "community", "writing")
    people = [
        Candidate(
            ref=f"{company}-{number:02}",
            company=company,
            side="mentor" if number % 5 in (0, 2) else "mentee",
            offers=frozenset({skills[(number * 7 + place) % 6], skills[(number * number + place) % 6]}),
            languages=frozenset({"fr", "en"} if number % 3 else {"fr"}),
            line=frozenset({f"{company}-00"} if number in range(1, 7) else ()),
        )
        for place, company in enumerate(COMPANIES)
        for number in range(25)
    ]
    calls = [
        Call("culture", skills[0:4]),
        Call("awareness", skills[1:5]),
        Call("advocacy", skills[2:6]),
        Call("tools", (*skills[3:6], "data")),
    ]
    return people, calls


def test_four_companies_of_25_have_a_certified_optimum() -> None:
    """The certificate needs no solver: each count of each trait is at its even share, so that no sum can be smaller."""
    people, calls = cohort()
    formation = form(people, calls)
    known = {person.ref: person for person in people}
    assert formation.left_out == ()
    for call in calls:
        teams = [[known[ref] for ref in team.members] for team in formation.teams if team.challenge == call.id]
        assert [len(members) for members in teams] == [5] * 5
        assert all(sound(members) for members in teams)
        everyone = [member for members in teams for member in members]
        traits = [lambda p, c=c: p.company == c for c in COMPANIES]
        traits += [lambda p, s=s: p.side == s for s in ("mentor", "mentee")]
        traits += [lambda p, s=s: s in p.offers for s in call.skills]
        for trait in traits:
            assert sorted((sum(map(trait, members)) for members in teams), reverse=True) == even_sizes(
                sum(map(trait, everyone)), 5
            )
    assert formation.proven


def test_order_of_people_changes_nothing() -> None:
    people, calls = cohort()
    assert form(people[::-1], calls) == form(people, calls) == form(people[50:] + people[:50], calls)


@settings(max_examples=12, deadline=None)
@given(crowds(24, challenges=3), st.integers(2, 6))
def test_teams_always_keep_the_hard_rules(people: list[Candidate], size: int) -> None:
    calls = [Call(f"c{number}", SKILLS, size) for number in range(3)]
    formation = form(people, calls)
    known = {person.ref: person for person in people}
    placed = [ref for team in formation.teams for ref in team.members]
    assert sorted([*placed, *(left.ref for left in formation.left_out)]) == sorted(known)
    for call in calls:
        teams = [team for team in formation.teams if team.challenge == call.id]
        sizes = {len(team.members) for team in teams}
        assert not sizes or max(sizes) - min(sizes) <= 1
        assert [team.number for team in teams] == list(range(1, len(teams) + 1))
    for team in formation.teams:
        members = [known[ref] for ref in team.members]
        assert sound(members)
        assert all(member.wish in (None, team.challenge) for member in members)
        assert team.language is None or all(team.language in m.languages for m in members if m.languages)
    assert form(people, calls) == formation


def person(ref: str, company: str = "AXA", **more: object) -> Candidate:
    return replace(Candidate(ref, company, "mentee"), **more)  # type: ignore[arg-type]


def test_wish_is_kept_and_others_even_the_sizes() -> None:
    people = [*(person(f"w{n}", wish="c0") for n in range(6)), *(person(f"p{n}") for n in range(4))]
    formation = form(people, [Call("c0", (), 3), Call("c1", (), 2)])
    assert {team.challenge for team in formation.teams if "w0" in team.members} == {"c0"}
    assert sorted(len(team.members) for team in formation.teams) == [2, 2, 3, 3]


def test_person_without_common_language_is_named_with_the_rule() -> None:
    french = [person(f"p{n}", languages=frozenset({"fr"})) for n in range(4)]
    people = [*french, person("z", languages=frozenset({"ja"}))]
    formation = form(people, [Call("c0", (), 2)])
    assert [(left.ref, left.why) for left in formation.left_out] == [("z", "language")]
    assert [team.language for team in formation.teams] == ["fr", "fr"]


def test_languages_are_shared_out_so_that_everybody_has_a_team() -> None:
    """Nine people each speak one of three languages alone; evenly shared out, no challenge could form one team."""
    people = [
        person(f"p{n}", COMPANIES[n % 2], languages=frozenset({("fr", "en", "de")[n // 3]}), offers=frozenset({"crm"}))
        for n in range(9)
    ]
    calls = [Call(f"c{n}", ("crm",), 3) for n in range(3)]
    formation = form(people, calls)
    assert formation.left_out == ()
    assert sorted(team.language or "" for team in formation.teams) == ["de", "en", "fr"]
    assert form(people[::-1], calls) == formation


def test_superior_of_everybody_is_named_with_the_rule() -> None:
    people = [person("boss"), *(person(f"p{n}", line=frozenset({"boss"})) for n in range(3))]
    formation = form(people, [Call("c0", (), 4)])
    assert [(left.ref, left.why) for left in formation.left_out] == [("boss", "line")]
    assert formation.teams == (Team("c0", 1, ("p0", "p1", "p2")),)


def test_only_person_of_a_challenge_is_left_out() -> None:
    formation = form([person("a", wish="c1"), person("b"), person("c")], [Call("c0", (), 2), Call("c1", (), 2)])
    assert sum(len(team.members) for team in formation.teams) == 3
    alone = form([person("a", wish="c1"), *(person(f"b{n}", wish="c0") for n in range(2))], [Call("c0"), Call("c1")])
    assert [(left.ref, left.challenge, left.why) for left in alone.left_out] == [("a", "c1", "alone")]


def test_too_many_challenges_are_not_all_opened() -> None:
    formation = form([person(f"p{n}") for n in range(5)], [Call(f"c{n}", (), 5) for n in range(4)])
    assert sorted(len(team.members) for team in formation.teams) == [2, 3]


def test_nobody_or_no_challenge_gives_no_teams() -> None:
    assert form([], [Call("c0")]) == Formation(())
    assert [(one.ref, one.why) for one in form([person("a")], []).left_out] == [("a", "no-challenge")]


@pytest.mark.parametrize(
    ("people", "size", "teams"), [(25, 5, 5), (7, 5, 2), (6, 5, 1), (3, 2, 1), (13, 5, 3), (0, 5, 0)]
)
def test_number_of_teams_comes_nearest_to_the_size(people: int, size: int, teams: int) -> None:
    assert teams_for(people, size) == teams


def test_line_follows_managers_at_every_depth_and_ends_in_circles() -> None:
    lines = superiors({"a": None, "b": "a", "c": "b", "x": "y", "y": "x", "d": "unknown"})
    assert lines["c"] == {"a", "b"}
    assert lines["x"] == {"y"}
    assert lines["d"] == {"unknown"}


def test_large_challenge_reports_its_gap_instead_of_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "MOST_EXACT", 0)
    spoken = [frozenset({"fr"}), frozenset({"en"})]
    people = [person(f"p{n}", COMPANIES[n // 4], languages=spoken[n % 2]) for n in range(8)]
    formation = form([*people, person("z", languages=frozenset({"ja"}))], [Call("c0", (), 4)])
    assert all(aim.bound <= aim.value for aim in formation.aims["c0"])
    assert not formation.proven
