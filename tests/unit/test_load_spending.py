"""Where the processor time of a level goes, from samples."""

from typing import Any

from tests.load.spending import spending, tables


def look(since: float, operations: dict[str, list[int]], **cpu: float) -> dict[str, Any]:
    return {"since": since, "processes": {name: {"cpu": used} for name, used in cpu.items()}, "operations": operations}


HELD = [
    look(0, {"quotes.rounds": [0, 0]}, mongo=1.0, generator=0.5),
    look(10, {"quotes.rounds": [1_000, 10]}, mongo=5.0, notify=1.0),
    look(30, {"quotes.rounds": [4_000, 40], "notify.people": [9_000, 60], "idle.rows": [0, 0]}, mongo=20.0, notify=6.0),
    look(90, {}, mongo=99.0, notify=99.0),
]


def test_time_is_told_by_process_and_project_within_the_level_only() -> None:
    found = spending(HELD, since=5, until=40, projects=10)
    assert found is not None
    assert found["busy_cores"] == 1.0
    assert found["processes"] == {
        "mongo": {"cores": 0.75, "share": 0.75, "ms_a_project": 1500.0},
        "notify": {"cores": 0.25, "share": 0.25, "ms_a_project": 500.0},
    }
    assert found["collections"] == {
        "notify.people": {"share": 0.75, "operations_a_project": 6.0},
        "quotes.rounds": {"share": 0.25, "operations_a_project": 3.0},
    }


def test_generator_is_no_part_of_the_system() -> None:
    held = [look(0, {}, **{"(generator)": 0.0, "mongo": 0.0}), look(10, {}, **{"(generator)": 5.0, "mongo": 10.0})]
    found = spending(held, 0, 10, 1)
    assert found is not None
    assert (found["busy_cores"], found["generator_cores"]) == (1.0, 0.5)
    assert found["processes"]["(generator)"]["share"] == 0.333


def test_one_sample_tells_nothing() -> None:
    assert spending(HELD, since=20, until=40, projects=10) is None
    assert spending(HELD, since=0, until=40, projects=0) is None


def test_tables_show_the_busiest_first() -> None:
    found = spending(HELD, since=5, until=40, projects=10)
    assert found is not None
    processes, collections = tables(found)
    assert [row[0] for row in processes[1]] == ["mongo", "notify"]
    assert collections[1][0] == ["notify.people", "75%", "6.0"]
