"""The costs of a project, from three moments of a run."""

from benchmarks.costs import Look, costs


def test_costs_leave_out_what_is_used_at_rest() -> None:
    began = Look(0.0, {"mongo": 1.0}, {"t": 5}, {"t": 500}, {"quotes.rounds": 100})
    before = Look(10.0, {"mongo": 2.0}, {"t": 5}, {"t": 500}, {"quotes.rounds": 100})
    after = Look(30.0, {"mongo": 9.0}, {"t": 25}, {"t": 4_500}, {"quotes.rounds": 1_100, "quotes.inbox": 50})
    found = costs(began, before, after, projects=10)
    assert found["idle_cores"] == {"mongo": 0.1}
    assert found["seconds_a_project"] == {"mongo": 0.5}, "seven seconds, two of them at rest"
    assert found["messages_a_project"] == {"t": 2.0}
    assert found["bytes_a_message"] == {"t": 200}
    assert found["bytes_a_project"] == {"quotes.inbox": 5, "quotes.rounds": 100}
