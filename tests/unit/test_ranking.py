"""The order of mentors, by the real encoder."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.fit.languages import LANGUAGES
from contracts.vocabulary import SKILLS as VOCABULARY
from services.matching.model import shelf as shelf_module
from services.matching.model.profiles import Profile, eligible, traits_of
from services.matching.model.ranking import BUDGET_DAYS, WEIGHTS, Need, rank
from services.matching.model.reasons import SENTENCES, Reason, explain
from services.matching.model.shelf import Shelf
from services.matching.model.why import why
from tests.kit.fitting import THOMAS, TODAY, mentor, need, put, ranked, shelved

NEED = need()


def test_the_weights_add_up_to_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)


# Eligibility.


def ahead(days: int) -> str:
    return (TODAY + timedelta(days)).isoformat()


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"paused": True}, False),
        ({"weekly_invitations": 0}, False),
        ({"languages": ["en"]}, False),
        ({"languages": ["de", "fr"]}, True),
        ({"available_from": ahead(-5)}, True),
        ({"available_from": ahead(30)}, True),
        ({"available_from": ahead(31)}, False),
        ({"skills": ["passwords"]}, True),
        ({"skills": []}, True),
    ],
)
def test_only_pause_days_and_languages_exclude(changes: dict[str, Any], fits: bool) -> None:
    profile = mentor("one", **changes)
    assert list(ranked(NEED, profile)) == ["one"] * fits
    assert eligible(NEED.languages, profile, TODAY) is fits


def test_need_without_languages_excludes_nobody_for_theirs() -> None:
    assert list(ranked(need(languages=()), mentor("one", languages=["pl"]))) == ["one"]


def test_only_the_mentors_asked_for_are_ranked() -> None:
    shelf = shelved(mentor(name) for name in "abc")
    assert {one.mentor for one in rank(shelf, NEED, TODAY, "s", among=["b", "c", "unknown"]).entries()} == {"b", "c"}


# Order.


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"skills": ["crm"]}, id="fewer topics covered"),
        pytest.param({"skills": ["crm", "linkedin"]}, id="a near skill for one topic"),
        pytest.param({"skills": ["passwords"]}, id="another skill"),
        pytest.param({"day_rate": {"amount": 200_000, "currency": "EUR"}}, id="a rate over the budget"),
        pytest.param({"day_rate": {"amount": 50_000, "currency": "CHF"}}, id="another currency"),
        pytest.param({"available_from": ahead(10)}, id="free later"),
        pytest.param({"bio": "Je ne fais plus de CRM."}, id="a skill that the bio disclaims"),
    ],
)
def test_better_mentor_ranks_first(changes: dict[str, Any]) -> None:
    for seed in "abc":
        assert list(ranked(NEED, mentor("worse", **changes), mentor("better"), seed=seed)) == ["better", "worse"]


def test_more_common_languages_rank_higher() -> None:
    two = need(languages=("fr", "en"))
    assert list(ranked(two, mentor("one"), mentor("both", languages=["en", "fr"]))) == ["both", "one"]


@pytest.mark.parametrize(
    "bio",
    [
        "Je fais parler les DONNEES clients.",
        "J'ai repris la base clients d'un opérateur et relancé ses adhérents.",
        "I cleaned the customer base of a ferry company and taught the sales team to keep it so.",
        "Gestion de la relasion cliente, fidelité.",
    ],
)
def test_text_counts_whatever_its_words_language_and_spelling(bio: str) -> None:
    silent = mentor("silent", bio="J'aime la voile et les vieux gréements.", skills=[])
    assert list(ranked(NEED, silent, mentor("spoken", bio=bio, skills=[]))) == ["spoken", "silent"]
    headline = mentor("headline", headline=bio, skills=[])
    assert list(ranked(NEED, silent, headline)) == ["headline", "silent"]


def test_brief_that_refuses_a_topic_does_not_ask_for_it() -> None:
    wants = need(
        topics=("digital-marketing",),
        brief="Nous voulons être trouvés par les moteurs de recherche. Pas de TikTok, pas d'Instagram.",
    )
    people = mentor("video", skills=["tiktok", "instagram"]), mentor("search", skills=["seo"])
    assert list(ranked(wants, *people)) == ["search", "video"]


def test_long_list_of_skills_is_no_merit() -> None:
    everything = [*THOMAS.skills, *(skill for skill in VOCABULARY if skill not in THOMAS.skills)][:36]
    assert list(ranked(NEED, mentor("all", skills=everything), mentor("focused"))) == ["focused", "all"]


def test_budget_pays_for_days() -> None:
    for rate, part in ((0, 1.0), (100_000, 1.0), (500_000 // BUDGET_DAYS * 2, 0.5)):
        one = ranked(NEED, mentor("one", day_rate={"amount": rate, "currency": "EUR"}))["one"]
        assert one.parts["budget"] == pytest.approx(part)
    dear = mentor("dear", day_rate={"amount": 10**7, "currency": "EUR"})
    unknown = ranked(need(budget=None, currency=None), mentor("one"), dear)
    assert len({one.score for one in unknown.values()}) == 1


def test_ties_are_broken_fairly_by_the_seed() -> None:
    shelf = shelved(mentor(f"m{place}") for place in range(4))
    firsts = Counter(rank(shelf, NEED, TODAY, f"project-{place}").entries(0, 1)[0].mentor for place in range(400))
    assert set(firsts) == {"m0", "m1", "m2", "m3"}
    assert min(firsts.values()) > 60


def test_empty_shelf_and_need_without_anything_can_be_ranked() -> None:
    assert ranked(NEED) == {}
    assert len(ranked(need((), (), "", "", None, None), mentor("bare", skills=[], headline="", bio=""))) == 1


# Properties. Texts come from a few sentences, because each new one costs the encoder 40 ms.

SKILLS = st.sampled_from(["crm", "hubspot", "social-networks", "linkedin", "seo", "passwords", "data-literacy"])
TEXTS = st.sampled_from(["", "Données clients et fidélité.", "SEO since 2019", "Je n'ai jamais fait de SEO."])
SPOKEN = st.lists(st.sampled_from(sorted(LANGUAGES["fr"])), max_size=3, unique=True)
CURRENCIES = st.sampled_from(["EUR", "CHF"])
RATES: st.SearchStrategy[dict[str, Any]] = st.builds(dict, amount=st.integers(0, 10**6), currency=CURRENCIES)
NEEDS = st.builds(
    need,
    topics=st.lists(SKILLS, max_size=3, unique=True),
    languages=SPOKEN,
    title=st.sampled_from(["", "Former nos équipes"]),
    brief=TEXTS,
    budget=st.none() | st.integers(0, 10**7),
    currency=st.sampled_from([None, "EUR", "CHF"]),
)
PEOPLE = st.builds(
    mentor,
    account=st.text(min_size=1, max_size=4),
    skills=st.lists(SKILLS, max_size=4, unique=True),
    languages=SPOKEN,
    day_rate=RATES,
    available_from=st.none() | st.integers(-5, 35).map(ahead),
    paused=st.booleans(),
    headline=TEXTS,
    bio=TEXTS,
)
POOLS = st.lists(PEOPLE, max_size=8, unique_by=lambda one: one.account)


@settings(deadline=None)
@given(NEEDS, POOLS, st.randoms(use_true_random=False), st.text(max_size=3))
def test_ranking_does_not_depend_on_the_order_in_which_mentors_came(
    asked: Need, pool: list[Profile], chance: Any, seed: str
) -> None:
    shuffled = chance.sample(pool, len(pool))
    assert list(ranked(asked, *pool, seed=seed)) == list(ranked(asked, *shuffled, seed=seed))


@settings(deadline=None)
@given(NEEDS, POOLS)
def test_eligible_mentors_are_ranked_once_by_descending_score(asked: Need, pool: list[Profile]) -> None:
    result = ranked(asked, *pool)
    assert result.keys() == {one.account for one in pool if eligible(asked.languages, one, TODAY)}
    assert all(0 <= one.score <= 1 for one in result.values())
    assert all(0 <= part <= 1 for one in result.values() for part in one.parts.values())
    assert all(first.score >= second.score for first, second in pairwise(result.values()))


@settings(deadline=None)
@given(NEEDS, PEOPLE, SKILLS)
def test_added_skill_never_lowers_the_score(asked: Need, one: Profile, skill: str) -> None:
    before = ranked(asked, one)
    after = ranked(asked, replace(one, skills=[*one.skills, skill]))
    assert before.keys() == after.keys()
    assert all(after[name].score >= before[name].score - 1e-6 for name in before)


def scores(shelf: Shelf, asked: Need) -> dict[str, float]:
    """The scores by mentor. Products of another number of rows may be rounded otherwise in the last bit."""
    return {one.mentor: one.score for one in rank(shelf, asked, TODAY, "s").entries()}


@settings(deadline=None)
@given(NEEDS, POOLS, PEOPLE, PEOPLE)
def test_shelf_that_changed_ranks_like_a_new_one(asked: Need, pool: list[Profile], gone: Profile, now: Profile) -> None:
    shelf = shelved([*pool, gone])
    shelf.drop(gone.account)
    put(shelf, now)
    last = [*(one for one in pool if one.account not in (gone.account, now.account)), now]
    assert len(shelf) == len(last)
    assert scores(shelf, asked) == pytest.approx(scores(shelved(last), asked), abs=1e-5)


@pytest.mark.parametrize("rounds", [1, 4])
def test_shelf_grows_and_is_written_anew(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "FIRST_ROWS", 4)
    people = [mentor(f"m{place}", skills=["crm"] if place % 2 else ["seo"]) for place in range(11)]
    shelf = shelved(people)
    for _ in range(rounds):
        for one in people:
            put(shelf, one)
    assert scores(shelf, NEED) == pytest.approx(scores(shelved(people), NEED), abs=1e-5)


def test_changed_traits_count_without_a_new_portrait() -> None:
    shelf = shelved([mentor("one"), mentor("two")])
    shelf.change("one", traits_of(mentor("one", paused=True)), 2)
    assert [one.mentor for one in rank(shelf, NEED, TODAY, "s").entries()] == ["two"]
    assert (shelf.version("one"), shelf.version("two")) == (2, 0)


# Reasons.


def reasons_of(asked: Need, profile: Profile) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code, one.data) for one in why(asked, profile, ranked(asked, profile)[profile.account], TODAY)]


def test_reasons_name_what_moved_the_score_most_first() -> None:
    lists = mentor("lists", skills=["passwords", "crm"], bio="J'aime la voile.")
    assert reasons_of(NEED, lists)[0] == ("skills", ("crm",))
    tells = mentor("tells", skills=["passwords"], bio="J'ai bâti le CRM et la fidélité d'un club de voile.")
    first, words = reasons_of(NEED, tells)[0]
    assert first == "text"
    assert "fidélité" in words
    assert "voile" not in words
    near = mentor("near", skills=["hubspot"], bio="J'aime la voile.")
    of_crm = need(topics=("crm",), brief="Nous cherchons une personne qui forme nos équipes au CRM.")
    assert reasons_of(of_crm, near)[0] in (("skills", ("hubspot",)), ("near-skills", ("hubspot",)))


def test_reasons_say_languages_and_days_last() -> None:
    codes = [code for code, _ in reasons_of(NEED, mentor("one"))]
    assert codes[-2:] == ["languages", "availability"]
    later = mentor("later", available_from=ahead(3))
    assert "availability" not in [code for code, _ in reasons_of(NEED, later)]


def test_reasons_never_mention_the_budget() -> None:
    dear = mentor("thomas", day_rate={"amount": 10**7, "currency": "EUR"})
    assert reasons_of(NEED, THOMAS) == reasons_of(NEED, dear)


def test_disclaimed_skill_is_no_reason() -> None:
    one = mentor("one", skills=["crm"], bio="Je ne fais plus de CRM. J'apprends la voile.")
    assert not any("CRM" in data for _, data in reasons_of(NEED, one))
    assert ("skills", ("crm",)) not in reasons_of(NEED, one)


@settings(deadline=None, max_examples=200)
@given(NEEDS, PEOPLE, st.sampled_from(["fr", "en"]))
def test_reasons_quote_only_the_mentors_own_profile(asked: Need, profile: Profile, locale: str) -> None:
    if profile.account not in ranked(asked, profile):
        return
    reasons = why(asked, profile, ranked(asked, profile)[profile.account], TODAY)
    own = {
        "skills": profile.skills,
        "near-skills": profile.skills,
        "languages": profile.languages,
        "text": f"{profile.headline} {profile.bio}",
        "availability": (),
    }
    for reason in reasons:
        assert all(item in own[reason.code] for item in reason.data)
    assert len(explain(reasons, locale)) == len(reasons)


def test_reasons_are_explained_in_french_and_english() -> None:
    reasons = [
        Reason("skills", ("crm",)),
        Reason("near-skills", ("linkedin",)),
        Reason("text", ("données",)),
        Reason("languages", ("fr",)),
        Reason("availability"),
    ]
    assert explain(reasons, "fr") == [
        "Vos compétences correspondent : Gestion de la relation client (CRM).",
        "Vous avez des compétences proches : LinkedIn.",
        "Votre profil en parle : données.",
        "Vous parlez la langue du projet : français.",
        "Vous êtes disponible dès maintenant.",
    ]
    assert explain(reasons, "en-GB") == [
        "Your skills match: Customer relationship management (CRM).",
        "You have closely related skills: LinkedIn.",
        "Your profile speaks of it: données.",
        "You speak the language of the project: French.",
        "You are available now.",
    ]


def test_an_unknown_reason_or_skill_is_left_out() -> None:
    assert explain([Reason("magic"), Reason("skills", ("telepathy",))], "fr") == []
    assert explain([Reason("languages", ("sv",))], "en") == ["You speak the language of the project: sv."]


def test_every_reason_has_its_sentence_in_both_languages() -> None:
    assert SENTENCES["fr"].keys() == SENTENCES["en"].keys()
