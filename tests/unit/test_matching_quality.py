"""The ranking finds the right mentors of the labelled set, and the measure of that is right.

The floors lie somewhat below what `make evaluate-matching` measures (docs/measurements/matching.md).
"""

import numpy as np
import pytest

from benchmarks.bars import bars
from benchmarks.matching import ALL, SPOILT, Labelled
from benchmarks.rankers import Current, Remembering, baselines, november, scored, simple
from benchmarks.retrieval import Estimate, estimated, judged, ndcg
from benchmarks.spoilt import mistaken, mistyped
from benchmarks.without import SWITCHES, without
from contracts.fit.encoder import small_e5
from contracts.vocabulary import related
from tests.matching.labelled import ASIDE, GROUPS, HERE, TUNED, briefs, mentors, posting

FLOORS = {
    TUNED: {ALL: 0.80, "exact": 0.88, "vague": 0.70, "hard": 0.70},
    ASIDE: {ALL: 0.80, "exact": 0.88, "vague": 0.80, "hard": 0.65},
}
"""The least nDCG@12."""
MISSED = 0.12
"""The largest share of good mentors who are not among the first twenty."""
LEFT_OFF = 0.03
"""The largest share of good mentors who are not on the list at all."""
GRADES = {"a": 3, "b": 2, "c": 1}


@pytest.fixture(scope="module")
def current():
    return Current(mentors(), Remembering(small_e5()))


@pytest.fixture(scope="module", params=[TUNED, ASIDE])
def part(request, current):
    labelled = Labelled(HERE, request.param)
    return labelled, labelled.line("new", labelled.judge(current))


def test_ranking_stays_above_its_floors(part):
    labelled, line = part
    split = labelled.briefs[0]["split"]
    below = {group: one.mean for group, one in line.ndcg.items() if one.mean < FLOORS[split][group]}
    assert below == {}
    assert line.ndcg.keys() == {ALL, *GROUPS}


def test_ranking_finds_more_than_bm25(part):
    labelled, line = part
    rival = labelled.line("BM25", labelled.judge(baselines(mentors())["BM25"]))
    assert line.ndcg[ALL].mean > rival.ndcg[ALL].mean
    assert line.missed[1] < min(MISSED, rival.missed[1])


def test_profile_that_lists_everything_is_in_no_top_five(part):
    assert part[1].stuffed == 0


def test_few_good_mentors_are_left_off_the_list(part):
    assert part[1].missed[-1] < LEFT_OFF


def test_one_wrong_topic_costs_little(current):
    labelled = Labelled(HERE, ASIDE)
    wrong = labelled.line("new", labelled.judge(current, SPOILT["one wrong topic"]))
    assert wrong.ndcg[ALL].mean > 0.75


# The measure.


def test_best_order_has_ndcg_one():
    assert ndcg("abcd", GRADES) == 1
    assert ndcg("abdc", GRADES) < 1


def test_ndcg_follows_its_formula():
    best = 7 + 3 / np.log2(3) + 1 / 2
    assert ndcg("ca", GRADES) == pytest.approx((1 + 7 / np.log2(3)) / best)
    assert ndcg("ddddb", GRADES) == pytest.approx(3 / np.log2(6) / best)
    assert ndcg("dddba", GRADES, first=3) == 0


def test_good_mentors_beyond_a_length_are_missed():
    filler = [f"x{place}" for place in range(15)]
    found = judged(["a", *filler, "b"], GRADES, frozenset({"x1"}))
    assert (found.good, found.missed, found.stuffed) == (2, (1, 0, 0), True)
    assert judged(["a", *filler], GRADES, frozenset({"x9"})).missed == (1, 1, 1)
    assert not judged(["a", *filler], GRADES, frozenset({"x9"})).stuffed


def test_interval_holds_the_mean_and_narrows_with_more_briefs():
    few, many = estimated([0.0, 1.0] * 5), estimated([0.0, 1.0] * 500)
    assert few.low < many.low < 0.5 < many.high < few.high
    assert (few.mean, few) == (0.5, estimated([0.0, 1.0] * 5))


# The rankings that it is compared with.


def test_bm25_follows_its_formula():
    rare, usual = np.log(1 + 2.5 / 1.5), 1.5 * (0.25 + 0.75 * 2 / (4 / 3))
    found = scored({"crm", "voile"}, [["crm", "x"], ["x"], ["x"]])
    assert found == pytest.approx([rare / (1 + usual), 0, 0])


def test_ranking_of_november_leaves_out_who_has_no_skill_near_a_topic():
    brief = posting(briefs()[0])
    order = simple(mentors(), november)(brief)
    known = {one["id"]: one for one in mentors()}
    near = {id for id, one in known.items() if any(related(a, b) for a in brief["topics"] for b in one["skills"])}
    speaking = {id for id, one in known.items() if set(brief["languages"]) & set(one["languages"])}
    assert set(order) == near & speaking
    assert len(order) == len(set(order)) < len(speaking)


# Mistakes in briefs, steps that are switched off, plots.


def test_typing_errors_change_the_given_share_of_words():
    before = posting(briefs()[0])
    assert mistyped(before, 0.0) == before
    after = mistyped(before, 0.2)
    words = list(zip(before["brief"].split(), after["brief"].split(), strict=True))
    assert 0 < sum(one != other for one, other in words) < len(words) / 2
    assert (after, after["topics"]) == (mistyped(before, 0.2), before["topics"])


def test_mistaken_topic_is_related_to_none_that_was_chosen():
    for brief in briefs():
        (topic,) = mistaken(posting(brief))["topics"]
        assert not any(related(topic, other) for other in brief["topics"])


@pytest.mark.parametrize("step", SWITCHES)
def test_step_is_off_only_meanwhile(step, current):
    wanted = [posting(brief) for brief in briefs(group="hard")[:6]]

    def scores():
        ranking = Current(mentors()[:60], current.encoder)
        return [ranking.scores(one) for one in wanted]

    before = scores()
    with without(step):
        assert scores() != before
    assert scores() == before


def test_plot_shows_every_bar_with_its_interval():
    plot = bars("A & B", ["x", "y"], {"one": [Estimate(0.5, 0.4, 0.6)] * 2, "two": [Estimate(0, 0, 0)] * 2})
    assert plot.count("<title>") == plot.count("<path") == 4
    assert "A &amp; B" in plot
    assert "one, x: 0.50 [0.40, 0.60]" in plot
