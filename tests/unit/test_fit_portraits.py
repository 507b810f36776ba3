"""What the library of fit reads of texts: words spelled alike, topics, portraits, needs, and how they are compared.

The bundled model is loaded once. A stand-in counts what is encoded.
"""

from collections.abc import Sequence

import numpy as np
import pytest

from contracts.fit import parts, portraits, topics
from contracts.fit.encoder import WIDTH, Vectors, small_e5
from contracts.fit.kept import asked_data, asked_of, edition, portrait_data, portrait_of
from contracts.fit.meanings import learn, meanings, middle
from contracts.fit.portraits import (
    LISTED_ALONE,
    MOST_DISCLAIMED,
    MOST_ENCODED,
    STRONGEST,
    Portrait,
    ask,
    paint,
)
from contracts.fit.spelling import Lexicon
from contracts.fit.thesaurus import sentences, thesaurus
from contracts.fit.topics import PLACES, closeness
from contracts.fit.words import tokens
from contracts.vocabulary import SKILLS


class Counting:
    """An encoder that notes what it is given; each text has a direction of its own."""

    name = "counting"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return np.array([np.random.default_rng(len(text)).random(WIDTH) for text in texts], np.float32)


def strength(portrait: Portrait, skill: str) -> float:
    """In the units of `portraits.strengths`: listed alone is `LISTED_ALONE`."""
    return float(portrait.strengths[PLACES[skill]] * STRONGEST)


def heaviest(weights: topics.Numbers, most: int) -> list[str]:
    """The topics of most weight, heaviest first."""
    order = np.argsort(-weights, kind="stable")[:most]
    return [list(SKILLS)[place] for place in order if weights[place] > 0]


# Spelling and words.


@pytest.mark.parametrize("wrong", ["instagrm", "instagramm", "instagrams"])
def test_word_with_a_typing_error_is_found(wrong):
    places, alike = Lexicon(["excel", "instagram", "tiktok"]).near(wrong)
    assert places.tolist() == [1]
    assert 0.3 < alike[0] < 1


def test_word_is_most_like_itself_and_unlike_others():
    lexicon = Lexicon(["excel", "instagram"])
    places, alike = lexicon.near("excel")
    assert (places.tolist(), alike.tolist()) == ([0], [1])
    assert lexicon.near("voile")[0].size == 0
    assert lexicon.near("ß")[0].size == 0


def test_words_of_a_skill_tell_it_and_common_words_tell_little():
    (token, _), *_ = tokens("podcasts")
    evidence = thesaurus().evidence(token)
    assert list(SKILLS)[int(evidence.argmax())] == "podcast"
    assert thesaurus().rarity_of(token) > thesaurus().rarity_of(tokens("clients")[0][0])
    assert thesaurus().rarity_of("zyzzyva") >= max(thesaurus().rarity)


# Meanings.


def test_meanings_have_a_row_for_each_skill_of_the_vocabulary():
    assert meanings().shape == (len(SKILLS), WIDTH)
    assert set(sentences()) == set(SKILLS)


def test_stored_meanings_are_what_the_encoder_learns():
    some = [0, len(SKILLS) // 2, len(SKILLS) - 1]
    said, ids = sentences(), list(SKILLS)
    for place in some:
        learnt = small_e5().encode(said[ids[place]] or SKILLS[ids[place]].names).mean(axis=0)
        assert np.abs(meanings()[place] - learnt).max() < 0.001, ids[place]


def test_meanings_are_learnt_from_the_sentences_of_each_skill():
    counting = Counting()
    assert learn(counting).shape == (len(SKILLS), WIDTH)
    assert sentences()["crm"][0] in counting.texts


# Topics.


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("Nous voulons suivre nos prospects et nos clients dans un seul outil, du premier appel à la vente.", "crm"),
        ("Our people reuse the same secret code everywhere and write it on sticky notes.", "passwords"),
        ("J'enregistre et je monte des émissions audio que l'on écoute en ligne.", "podcast"),
        ("Apprendre à paraître plus haut dans les résultats de Google sans payer.", "seo"),
    ],
)
def test_text_is_near_a_skill_that_it_does_not_name(text, skill):
    near = closeness(text, small_e5().encode([text])[0])
    assert skill in heaviest(near, 5)
    assert near.mean() == pytest.approx(0, abs=1e-4)
    assert near.std() == pytest.approx(1, abs=1e-4)


def test_chosen_topics_weigh_where_the_text_is_near_them():
    near = np.zeros(len(SKILLS), np.float32)
    near[[PLACES["crm"], PLACES["seo"]]] = 3, 1
    weights, without = topics.asked(near, ["seo"], []), topics.asked(near, [], [])
    assert weights.sum() == pytest.approx(1)
    assert np.count_nonzero(weights) == topics.MOST
    assert without[PLACES["seo"]] < weights[PLACES["seo"]] < weights[PLACES["crm"]]
    assert heaviest(weights, 2) == ["crm", "seo"]
    assert heaviest(topics.asked(near, ["seo"], ["seo"]), 2) == ["seo", "crm"]


def test_without_a_text_only_chosen_topics_count():
    near = np.zeros(len(SKILLS), np.float32)
    weights = topics.asked(near, ["crm", "seo", "crm", "bee keeping"], [])
    assert sorted(heaviest(weights, 9)) == ["crm", "seo"]
    assert weights.sum() == pytest.approx(1)
    assert not topics.asked(near, [], ["crm"]).any()


# Portraits.


def test_confirmed_skill_is_stronger_than_a_listed_one_and_both_than_a_shown_one():
    bio = "Je monte des podcasts pour des entreprises : prise de son, montage, diffusion sur les plateformes d'écoute."
    alone, confirmed, shown = (
        strength(paint(listed, [text], small_e5()), "podcast")
        for listed, text in ((["podcast"], ""), (["podcast"], bio), ([], bio))
    )
    assert alone == pytest.approx(LISTED_ALONE)
    assert confirmed > alone > shown > 0


def test_disclaimed_skill_loses_its_strength():
    bio = "Je monte des vidéos au téléphone."
    claimed = paint(["podcast"], [bio], small_e5())
    for text in ("Je ne fais plus de podcasts.", "I no longer make podcasts.", "Le podcast, ce n'est plus mon métier."):
        disclaimed = paint(["podcast"], [f"{bio} {text}"], small_e5())
        assert strength(disclaimed, "podcast") < LISTED_ALONE / 2 < strength(claimed, "podcast"), text


def test_skill_of_a_long_list_counts_little():
    many = paint(list(SKILLS)[:36], [""], small_e5())
    few = paint(list(SKILLS)[:3], [""], small_e5())
    first = next(iter(SKILLS))
    assert strength(few, first) == pytest.approx(LISTED_ALONE)
    assert strength(many, first) < LISTED_ALONE / 4
    assert [portraits.share_of_one(listed) for listed in (1, portraits.FOCUSED, 2 * portraits.FOCUSED)] == [1, 1, 0.25]


def test_related_skill_is_lent_some_strength():
    portrait = paint(["hubspot"], [""], small_e5())
    assert 0 < strength(portrait, "crm") < strength(portrait, "hubspot")
    assert strength(portrait, "podcast") == 0


def test_unknown_skills_and_repetitions_change_nothing():
    one, other = (paint(listed, [""], small_e5()) for listed in (["crm"], ["crm", "bee keeping", "crm"]))
    assert (one.strengths == other.strengths).all()


def test_texts_without_a_word_are_not_encoded():
    counting = Counting()
    portrait = paint(["crm"], ["", " … et de la ! "], counting)
    need = ask("", "Nous ne voulons pas de site.", ["crm"], counting)
    assert counting.texts == []
    assert (portrait.direction.any(), need.direction.any()) == (False, False)
    assert (portrait.words, need.words) == (frozenset(), frozenset())
    assert heaviest(need.weights, 9) == ["crm"]


def test_claims_and_each_disclaimer_are_encoded_once():
    counting = Counting()
    paint(["seo"], ["Je tiens un CRM. Je ne fais plus de SEO.", "Voile."], counting)
    assert counting.texts == ["Je tiens un CRM.\nVoile.", "Je ne fais plus de SEO."]


def test_need_does_not_hold_what_it_refuses():
    refused = ask("Un CRM", "Suivre nos prospects. Pas de podcasts.", [], small_e5())
    assert refused.words == ask("Un CRM", "Suivre nos prospects.", [], small_e5()).words
    assert "podcast" not in heaviest(refused.weights, 10)


# Comparing.


def test_texts_of_one_meaning_are_near_across_languages():
    need = ask("", "Apprendre à nos vendeurs à suivre leurs clients dans un outil de relation client.", [], small_e5())
    same = "I teach sales people to keep track of their customers in a relationship management tool."
    other = "I edit short films about mountains and shoot weddings on weekends."
    people = [paint([], [text], small_e5()) for text in (same, other)]
    for part in (parts.topics, parts.meaning):
        (row,) = part([need], people)
        assert row[0] > row[1] + 0.05, part.__name__
        assert 0 <= row.min() <= row.max() <= 1


def test_meaning_is_measured_from_the_middle_of_all_skills():
    assert not portraits.direction(middle()).any()
    assert np.linalg.norm(portraits.direction(small_e5().encode(["Excel"])[0])) == pytest.approx(1, abs=1e-5)


def test_rare_words_count_more_than_common_ones():
    need = ask("", "piano clients", [], Counting())
    texts = ("piano", "clients", "piano clients", "voile")
    ((rare, common, both, none),) = parts.words([need], [paint([], [text], Counting()) for text in texts])
    assert rare > common > none == 0
    assert both == pytest.approx(1)


def test_nobody_and_nothing_are_compared_to_empty_matrices():
    need, person = ask("", "", [], Counting()), paint([], [], Counting())
    for part in (parts.topics, parts.meaning, parts.words):
        assert part([], [person]).shape == (0, 1)
        assert part([need], []).shape == (1, 0)
        assert part([need], [person]).tolist() == [[0]]


# What is kept.


def test_portrait_and_need_are_kept_to_their_precision():
    portrait = paint(["crm", "seo"], ["Je tiens le CRM d'une coopérative."], small_e5())
    back = portrait_of(portrait_data(portrait))
    assert back.words == portrait.words
    assert np.abs(back.strengths - portrait.strengths).max() <= 0.5 / 255 + 1e-6
    assert np.abs(back.direction - portrait.direction).max() < 0.001
    again = portrait_of(portrait_data(back))
    assert (again.strengths == back.strengths).all()
    assert (again.direction == back.direction).all()
    need = ask("Un CRM", "Suivre nos prospects.", ["crm"], small_e5())
    kept = asked_of(asked_data(need))
    assert (kept.weights == need.weights).all()
    assert kept.words == need.words


def test_edition_changes_with_the_encoder_and_the_rules(monkeypatch):
    before = edition("one")
    assert edition("two") != before
    edition.cache_clear()
    monkeypatch.setattr("contracts.fit.kept.RULES", portraits.RULES + 1)
    changed = edition("one")
    edition.cache_clear()
    assert changed != before


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Nous cherchons une personne qui forme nos équipes au CRM. " * 400, id="a long brief"),
        pytest.param("zqx vwk " * 4_000, id="words that nobody knows"),
        pytest.param("Je ne fais plus de CRM. " * 900, id="a thousand sentences that disclaim"),
        pytest.param("中" * 20_000, id="one word without end"),
    ],
)
def test_long_text_is_read_up_to_a_length(text: str) -> None:
    """A text of 20 000 characters would take the model a minute, in which no mentor of any project is invited."""
    lengths: list[int] = []

    class Measuring:
        name = "measuring"

        def encode(self, texts: Sequence[str]) -> Vectors:
            lengths.extend(map(len, texts))
            return small_e5().encode([one[:50] for one in texts])

    ask("Titre", text, ["crm"], Measuring())
    paint(["crm"], [text, text], Measuring())
    assert sum(lengths) <= (2 + MOST_DISCLAIMED) * (MOST_ENCODED + 1)
