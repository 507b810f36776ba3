import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import bm25s
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import vocabulary
from contracts.fit.words import tokens
from services.matching.model import ranking, reasons
from services.matching.model.ranking import WEIGHTS, Candidate, Need, eligible, rank
from services.matching.model.reasons import Reason, explain

TODAY = date(2026, 3, 2)
NEED = Need(
    topics=("crm", "social-networks"),
    languages=("fr",),
    title="Coacher nos équipes",
    brief="Nous cherchons une personne qui connaît les données clients, la fidélité et le bocage normand.",
    budget_minor=500_000,
    currency="EUR",
)
THOMAS = Candidate(
    mentor="thomas",
    skills=("crm", "social-networks"),
    languages=("fr",),
    day_rate_minor=50_000,
    currency="EUR",
)


def ranked(need, *candidates, seed="s"):
    return {one.mentor: one for one in rank(need, candidates, TODAY, seed)}


def test_the_weights_add_up_to_one():
    assert sum(WEIGHTS.values()) == pytest.approx(1)


# Eligibility.


def test_matching_mentor_is_eligible():
    assert eligible(NEED, THOMAS, TODAY)


def test_a_paused_mentor_is_not_eligible():
    assert not eligible(NEED, replace(THOMAS, paused=True), TODAY)


def test_a_mentor_without_a_common_language_is_not_eligible():
    assert not eligible(NEED, replace(THOMAS, languages=("en",)), TODAY)
    assert not eligible(NEED, replace(THOMAS, languages=()), TODAY)
    assert eligible(replace(NEED, languages=("en", "fr")), replace(THOMAS, languages=("de", "fr")), TODAY)


@pytest.mark.parametrize(("days", "fit"), [(-5, True), (0, True), (30, True), (31, False)])
def test_a_mentor_must_be_free_within_thirty_days(days, fit):
    assert eligible(NEED, replace(THOMAS, available_from=TODAY + timedelta(days)), TODAY) is fit


def test_a_mentor_without_a_skill_near_a_topic_is_not_eligible():
    assert not eligible(NEED, replace(THOMAS, skills=("passwords",)), TODAY)
    assert not eligible(NEED, replace(THOMAS, skills=()), TODAY)


def test_a_related_skill_is_enough():
    assert eligible(NEED, replace(THOMAS, skills=("linkedin",)), TODAY)


def test_need_without_topics_requires_no_skill():
    assert eligible(replace(NEED, topics=()), replace(THOMAS, skills=()), TODAY)


def test_ineligible_mentors_are_not_ranked():
    assert list(ranked(NEED, THOMAS, replace(THOMAS, mentor="paused", paused=True))) == ["thomas"]


# Order.


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param(replace(THOMAS, skills=("crm",)), id="fewer topics covered"),
        pytest.param(replace(THOMAS, skills=("crm", "linkedin")), id="a near skill for one topic"),
        pytest.param(replace(THOMAS, day_rate_minor=200_000), id="a rate over the budget"),
        pytest.param(replace(THOMAS, day_rate_minor=None), id="no rate"),
        pytest.param(replace(THOMAS, currency="CHF"), id="another currency"),
        pytest.param(replace(THOMAS, available_from=TODAY + timedelta(10)), id="free later"),
    ],
)
def test_better_mentor_ranks_first(worse):
    better = replace(THOMAS, mentor="better")
    for seed in "abcdef":
        assert list(ranked(NEED, worse, better, seed=seed)) == ["better", "thomas"]


def test_more_common_languages_rank_higher():
    need = replace(NEED, languages=("fr", "en"))
    both = replace(THOMAS, mentor="both", languages=("en", "fr"))
    for seed in "abcdef":
        assert list(ranked(need, THOMAS, both, seed=seed)) == ["both", "thomas"]


def test_profile_sharing_words_with_the_need_ranks_higher():
    silent = replace(THOMAS, mentor="silent", bio="J'aime la voile.")
    for bio in ("Je fais parler les DONNEES clients.", "Je fais parler les donne\u0301es", "Social media!"):
        for seed in "abcdef":
            spoken = replace(THOMAS, bio=bio)
            assert list(ranked(NEED, silent, spoken, seed=seed)) == ["thomas", "silent"]


def test_headline_counts_like_the_bio():
    silent, spoken = replace(THOMAS, mentor="silent"), replace(THOMAS, headline="Fidélité et CRM")
    for seed in "abcdef":
        assert list(ranked(NEED, silent, spoken, seed=seed)) == ["thomas", "silent"]


def test_common_words_are_no_match():
    need = replace(NEED, title="Nos projets 2024")
    one = ranked(need, replace(THOMAS, bio="Nous cherchons une équipe qui la les et pour nos projets 2024"))
    assert [reason.code for reason in one["thomas"].why if reason.code == "text"] == []
    assert one["thomas"].score == ranked(need, THOMAS)["thomas"].score


def test_words_outside_the_need_count_only_as_length():
    """The single filler token gives each profile the same score as its own words would."""
    bios = [
        "CRM données voile montagne",
        "CRM voile",
        "données CRM CRM piano violon tambour orgue",
        "montagne",
    ]
    pool = [replace(THOMAS, mentor=str(place), bio=bio) for place, bio in enumerate(bios)]
    documents = [[token for token, _ in tokens(bio)] for bio in bios]
    index = bm25s.BM25()
    index.index(documents, show_progress=False)
    scores = index.get_scores(["crm", "donnee"])
    parts = [part for part, _ in ranking._text_parts(NEED, pool)]
    assert parts == pytest.approx(list(scores / scores.max()))


def test_without_a_budget_the_rate_does_not_matter():
    need = replace(NEED, budget_minor=None, currency=None)
    scores = {one.score for one in ranked(need, THOMAS, replace(THOMAS, mentor="dear", day_rate_minor=10**7)).values()}
    assert len(scores) == 1


def test_perfect_match_scores_one():
    assert ranked(NEED, replace(THOMAS, bio="CRM"))["thomas"].score == 1


def test_ties_are_broken_fairly_by_the_seed():
    twins = [replace(THOMAS, mentor=f"m{place}") for place in range(4)]
    firsts = Counter(rank(NEED, twins, TODAY, f"project-{place}")[0].mentor for place in range(400))
    assert set(firsts) == {"m0", "m1", "m2", "m3"}
    assert min(firsts.values()) > 60
    assert rank(NEED, twins, TODAY, "same") == rank(NEED, twins, TODAY, "same")


def test_empty_and_single_candidate_lists_can_be_ranked():
    assert rank(NEED, [], TODAY, "s") == []
    assert len(rank(NEED, [THOMAS], TODAY, "s")) == 1
    assert len(rank(Need((), (), "", ""), [Candidate("bare", (), ())], TODAY, "s")) == 1


def test_thousands_of_candidates_can_be_ranked():
    pool = [replace(THOMAS, mentor=f"m{place}", bio=f"crm données voile{place}") for place in range(5000)]
    assert len(rank(NEED, pool, TODAY, "s")) == 5000


# Reasons shown to the mentor.


def test_reasons_name_the_matches():
    mentor = replace(
        THOMAS,
        skills=("passwords", "crm", "linkedin"),
        languages=("en", "fr"),
        bio="Mes Données, CRM, fidélité, voile : mes données.",
    )
    others = [replace(THOMAS, mentor=str(place), bio="CRM, données") for place in range(3)]
    assert ranked(NEED, mentor, *others)["thomas"].why == (
        Reason("skills", ("crm",)),
        Reason("near-skills", ("linkedin",)),
        Reason("text", ("CRM", "fidélité", "Données")),
        Reason("languages", ("fr",)),
        Reason("availability"),
    )


def test_unmet_criteria_are_no_reasons():
    mentor = replace(THOMAS, skills=("linkedin",), available_from=TODAY + timedelta(3))
    assert [one.code for one in ranked(NEED, mentor)["thomas"].why] == ["near-skills", "languages"]


def test_reasons_never_mention_the_budget():
    cheap = ranked(NEED, THOMAS)["thomas"].why
    dear = ranked(NEED, replace(THOMAS, day_rate_minor=10**7))["thomas"].why
    assert cheap == dear


def test_reasons_are_explained_in_french_and_english():
    reasons = ranked(NEED, replace(THOMAS, skills=("crm", "linkedin"), bio="données"))["thomas"].why
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


def test_an_unknown_reason_or_skill_is_left_out():
    assert explain([Reason("magic"), Reason("skills", ("telepathy",))], "fr") == []
    assert explain([Reason("languages", ("sv",))], "en") == ["You speak the language of the project: sv."]


def test_every_reason_has_its_sentence_in_both_languages():
    assert reasons.SENTENCES["fr"].keys() == reasons.SENTENCES["en"].keys()
    assert reasons.LANGUAGES["fr"].keys() == reasons.LANGUAGES["en"].keys()


# Properties.

SKILLS = st.sampled_from(["crm", "hubspot", "social-networks", "linkedin", "seo", "passwords", "data-literacy"])
WORDS = st.lists(
    st.sampled_from(
        ["crm", "Données", "données", "fidélité", "bocage", "l'été", "SEO", "réseaux", "réseau", "2024", "x"]
    )
    | st.text(max_size=5),
    max_size=12,
).map(" ".join)
LANGUAGES = st.lists(st.sampled_from(["fr", "en", "de"]), max_size=3, unique=True).map(tuple)
CURRENCIES = st.sampled_from([None, "EUR", "CHF"])
NEEDS = st.builds(
    Need,
    topics=st.lists(SKILLS, max_size=3, unique=True).map(tuple),
    languages=LANGUAGES,
    title=WORDS,
    brief=WORDS,
    budget_minor=st.none() | st.integers(0, 10**7),
    currency=CURRENCIES,
)
CANDIDATES = st.builds(
    Candidate,
    mentor=st.text(min_size=1, max_size=4),
    skills=st.lists(SKILLS, max_size=4, unique=True).map(tuple),
    languages=LANGUAGES,
    day_rate_minor=st.none() | st.integers(0, 10**6),
    currency=CURRENCIES,
    available_from=st.none() | st.integers(-5, 35).map(lambda days: TODAY + timedelta(days)),
    paused=st.booleans(),
    headline=WORDS,
    bio=WORDS,
)
POOLS = st.lists(CANDIDATES, max_size=8, unique_by=lambda one: one.mentor)


@given(NEEDS, POOLS, st.randoms(use_true_random=False), st.text(max_size=3))
def test_ranking_does_not_depend_on_the_input_order(need, pool, chance, seed):
    shuffled = chance.sample(pool, len(pool))
    assert rank(need, pool, TODAY, seed) == rank(need, shuffled, TODAY, seed)


@given(NEEDS, POOLS)
def test_eligible_mentors_are_ranked_once_by_descending_score(need, pool):
    result = rank(need, pool, TODAY, "s")
    assert Counter(one.mentor for one in result) == Counter(one.mentor for one in pool if eligible(need, one, TODAY))
    assert all(0 <= one.score <= 1 for one in result)
    assert all(first.score >= second.score for first, second in pairwise(result))


@given(NEEDS, POOLS, st.data())
def test_added_skill_never_lowers_the_score(need, pool, data):
    before = {one.mentor: one.score for one in rank(need, pool, TODAY, "s")}
    for place, one in enumerate(pool):
        if one.mentor in before:
            skill = data.draw(SKILLS)
            better = [*pool[:place], replace(one, skills=(*one.skills, skill)), *pool[place + 1 :]]
            after = {one.mentor: one.score for one in rank(need, better, TODAY, "s")}
            assert after[one.mentor] >= before[one.mentor]
            if skill in need.topics and skill not in one.skills:
                assert after[one.mentor] > before[one.mentor]


@settings(max_examples=200)
@given(NEEDS, POOLS, st.sampled_from(["fr", "en"]))
def test_reasons_quote_only_the_mentors_own_profile(need, pool, locale):
    profiles = {one.mentor: one for one in pool}
    for one in rank(need, pool, TODAY, "s"):
        profile = profiles[one.mentor]
        own = {
            "skills": profile.skills,
            "near-skills": profile.skills,
            "languages": profile.languages,
            "text": unicodedata.normalize("NFC", f"{profile.headline} {profile.bio}"),
            "availability": (),
        }
        for reason in one.why:
            assert all(item in own[reason.code] for item in reason.data)
        without_the_brief = {**vars(need), "title": "", "brief": ""}
        sentences = explain([reason for reason in one.why if reason.code != "text"], locale)
        bare = rank(Need(**without_the_brief), [profile], TODAY, "s")[0]
        assert sentences == explain([reason for reason in bare.why if reason.code != "text"], locale)


def test_reasons_never_reveal_words_of_the_brief():
    mentors = [replace(THOMAS, mentor="a", bio="données bocages"), replace(THOMAS, mentor="b", bio="bocage")]
    for one in ranked(NEED, *mentors).values():
        told = " ".join(explain(one.why, "fr"))
        assert "normand" not in told
        assert "fidélité" not in told
    assert "données" not in " ".join(explain(ranked(NEED, *mentors)["b"].why, "fr"))


def test_query_holds_skill_terms_in_both_languages():
    assert "réseau social" in vocabulary.terms(["social-networks"])
    one = ranked(replace(NEED, title="", brief=""), replace(THOMAS, bio="social media, customer relationship"))
    assert Reason("text", ("customer", "media", "relationship", "social")) in one["thomas"].why
