"""How skills and texts make a fit, what is read of each person, and why two people are a pair."""

import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from contracts.fit.encoder import small_e5
from contracts.fit.portraits import Asked, Portrait
from services.programmes.model.pairing import Paired, Person, Problem, solve
from services.programmes.model.pairing.fitting import SCALE, WEIGHTS, fits
from services.programmes.model.pairing.portraits import digest_of, disclaimed, seen, unread, writes

SAILING = "J'aime la voile, le piano et la randonnée en montagne."
CUSTOMERS = "Je voudrais que mes vendeurs suivent mieux leurs clients et leurs prospects."


def mentor(id: str, *offers: str, about: str = "") -> Person:
    return Person(id, id, "mentor", offers=offers, about=about)


def mentee(*wants: str, about: str = "") -> Person:
    return Person("mentee", "mentee", "mentee", wants=wants, about=about)


def read(*people: Person) -> dict[str, Portrait | Asked]:
    return {one.id: seen(one, small_e5()) for one in people if writes(one)}


def fit(who: Person, mentors: Sequence[Person]) -> list[float]:
    return [int(one) / SCALE for one in fits(mentors, [who], read(who, *mentors))[:, 0]]


def pair(who: Person, one: Person) -> Paired:
    return solve(Problem((one, who), seen=read(who, one))).pairs[0]


def why(who: Person, one: Person) -> dict[str, tuple[str, ...]]:
    return {reason.code: reason.data for reason in pair(who, one).why}


def test_weights_add_up_to_one():
    assert sum(WEIGHTS.values()) == pytest.approx(1)


@pytest.mark.parametrize("about", ["", SAILING, "Directrice des achats, je dirige une équipe de quarante personnes."])
@pytest.mark.parametrize("skill", ["crm", "passwords", "linkedin"])
def test_mentor_who_lists_the_skill_beats_those_who_do_not(skill, about):
    others = [
        mentor("sailor", "video", about="Skipper et pianiste, je filme la voile et la randonnée en montagne."),
        mentor("buyer", "excel", about="J'ai passé deux ans aux achats, dans une équipe de quarante personnes."),
        mentor("silent", "podcast"),
        mentor("nobody"),
    ]
    exact, *rest = fit(mentee(skill, about=about), [mentor("exact", skill), *others])
    assert exact > max(rest)


def test_near_skill_beats_another_one_and_loses_to_the_same():
    same, near, other = fit(mentee("crm"), [mentor("a", "crm"), mentor("b", "hubspot"), mentor("c", "podcast")])
    assert same > near > other


def test_nothing_wanted_is_neutral():
    one, other = fit(mentee(), [mentor("a", "crm"), mentor("b", "podcast", about="Je monte des podcasts.")])
    assert one == other == 0.5


def test_text_alone_tells_what_is_wanted_across_languages():
    sales = "I teach sales people to keep track of their customers in a relationship management tool."
    film = "I edit short films about mountains and shoot weddings on weekends."
    one, other = fit(mentee(about=CUSTOMERS), [mentor("a", about=sales), mentor("b", about=film)])
    assert one > other + 0.05


def test_words_outside_the_vocabulary_fit_the_same_words():
    same, other, none = fit(mentee("Apiculture"), [mentor("a", "apiculture"), mentor("b", "voile"), mentor("c")])
    assert same > max(other, none)
    half = fit(mentee("Apiculture", "crm"), [mentor("a", "apiculture"), mentor("b", "apiculture", "crm")])
    assert half[0] < half[1]


def test_disclaimed_skill_counts_little_and_is_no_reason():
    willing = mentor("a", "crm", about="Je tiens le CRM d'une coopérative de vignerons.")
    tired = mentor("b", "crm", about="Je filme des vignerons. Je ne fais plus de CRM.")
    who = mentee("crm")
    one, other = fit(who, [willing, tired])
    assert one > other + 0.2
    assert why(who, willing)["skills"] == ("crm",)
    assert why(who, willing)["text"] == ("CRM",)
    assert {"skills", "text"}.isdisjoint(why(who, tired))


def test_skill_named_in_the_text_is_not_called_missing():
    assert "no-skill" in why(mentee("crm"), mentor("a", about="Je filme des vignerons."))
    assert "no-skill" not in why(mentee("crm"), mentor("a", about="J'anime la formation CRM de mon équipe."))


def test_refused_subject_is_no_reason():
    one = mentor("a", about="Je publie sur TikTok et je tiens un CRM.")
    assert why(mentee("crm", about="Surtout pas de TikTok."), one)["text"] == ("CRM",)
    assert "TikTok" in why(mentee("crm", about="Et TikTok."), one)["text"]


def test_words_of_a_reason_are_the_mentors_own():
    one = mentor("a", "Calligraphie", about="J'apprends aux Vendeurs à suivre leurs CLIENTS.")
    words = why(mentee("calligraphie", about=CUSTOMERS), one)["text"]
    assert {"Calligraphie", "Vendeurs", "CLIENTS"} <= set(words)
    assert all(word in f"{one.about} {one.offers}" for word in words)


def test_whoever_writes_nothing_need_not_be_read():
    for one in (mentor("a", "crm"), mentor("b"), mentee("crm", "seo"), mentee(), mentor("c", about=" … ! ")):
        assert not writes(one)
        alone, by_texts = unread(one), seen(one, small_e5())
        assert type(alone) is type(by_texts)
        for number in ("strengths", "weights", "direction"):
            assert np.array_equal(getattr(alone, number, 0), getattr(by_texts, number, 0))
    assert writes(mentor("a", "apiculture"))
    assert writes(mentee("crm", about=SAILING))
    assert not writes(replace(mentee("crm"), offers=("apiculture",)))


def test_digest_changes_with_what_is_read_and_with_the_encoder():
    one = mentor("a", "crm", about=SAILING)
    digest = digest_of(one, "e")
    same = [replace(one, id="b", ref="b", place="Lyon", wants=("seo",), languages=("fr",))]
    other = [replace(one, about=""), replace(one, offers=("seo",)), replace(one, side="mentee")]
    assert {digest_of(each, "e") for each in same} == {digest}
    assert len({digest, digest_of(one, "f"), *(digest_of(each, "e") for each in other)}) == 5


def test_problem_with_texts_can_be_sent_to_another_process():
    people = mentor("a", "crm", about="Je tiens un CRM."), mentee("crm", about=CUSTOMERS)
    problem = Problem(people, seen=read(*people))
    assert solve(pickle.loads(pickle.dumps(problem))) == solve(problem) != solve(replace(problem, seen={}))


def test_skill_of_a_long_list_is_not_taken_for_disclaimed():
    many = ["crm", "seo", "podcast", "video", "excel", "linkedin", "tiktok", "passwords", "agile", "hubspot"]
    one = mentor("a", *many, about="Je tiens un CRM. Je ne fais plus de podcasts.")
    portrait = seen(one, small_e5())
    assert isinstance(portrait, Portrait)
    assert disclaimed(one, portrait) == {"podcast"}
