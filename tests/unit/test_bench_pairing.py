"""The benchmark of pairing, in a size for every day."""

import json
from dataclasses import asdict, replace

from benchmarks.crowd import crowd
from benchmarks.pairing import Figures, in_child, table


def test_small_crowds_are_measured_in_their_own_process():
    figures = in_child(20)
    assert (figures.pairs, figures.alone, figures.changed) == (20, 0, 2)
    assert 0 < figures.worst <= figures.mean <= 1
    assert 0 < figures.peak_mib < 1024
    assert figures.read_s > 0
    assert "| pairs " in table([figures])


def test_exceeded_limit_is_seen():
    good = Figures(20, 0.05, 0.1, 0.1, 0.1, 100, 20, 0, 2, 0.5, 0.5)
    assert good.within
    assert not replace(good, again_s=0.3).within
    assert not replace(good, peak_mib=2000).within
    assert "NO" in table([Figures(**{**json.loads(json.dumps(asdict(good))), "solve_s": 0.3})])


def test_crowd_has_lines_teams_and_both_languages():
    people = crowd(100, 100)
    assert people == crowd(100, 100)
    assert len({one.id for one in people}) == 200
    assert sum(bool(one.manager_ref) for one in people) > 150
    assert {"fr", "en"} <= {code for one in people for code in one.languages}
