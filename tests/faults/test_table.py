"""The table shows during which fault something went wrong, and which goal was missed."""

from tests.faults.table import Measured, as_json, attribute, attribute_lateness, from_json, markdown, missed
from tests.kit.oracle.evidence import Finding


def measured(fault: str, began: float, *, recovery: float | None = 3.0, gap: float = 1.0) -> Measured:
    trouble = "" if recovery else "not recovered"
    return Measured(fault, 15, 7, began, began + 5, gap, recovery, trouble, checked=True)


def test_finding_belongs_to_the_last_fault_begun_before_its_write() -> None:
    first, second = measured("kill", 100), measured("cut", 200)
    late = Finding("lost", "a", "", 150.0)
    rest = attribute([first, second], [late, Finding("leak", "b", "", None), Finding("doubled", "c", "", 201.0),
                                       Finding("order", "d", "", 50.0)])  # fmt: skip
    assert first.found == [late]
    assert [finding.subject for finding in second.found] == ["c"]
    assert [finding.subject for finding in rest] == ["b", "d"]


def test_late_window_belongs_to_the_fault_in_which_it_was_due() -> None:
    first, second = measured("kill", 100), measured("cut", 200)
    attribute_lateness([first, second], [(104.0, 0.5), (107.9, 2.0), (150.0, 9.0), (203.0, 1.0)])
    assert (first.late, second.late) == ([0.5, 2.0], [1.0])


def test_table_has_one_line_per_fault_with_median_and_worst() -> None:
    runs = [measured("kill", 100, gap=1, recovery=2), measured("kill", 200, gap=2, recovery=9),
            measured("kill", 300, gap=6, recovery=4), measured("cut", 400)]  # fmt: skip
    runs[0].late, runs[1].late = [0.1], [3.26]
    attribute(runs, [Finding("notification-missing", "x", "", 201.0), Finding("mail-doubled", "y", "", 301.0),
                     Finding("leak", "z", "", 302.0)])  # fmt: skip
    head, _, kill, cut = markdown(runs).splitlines()
    cells = [cell.strip() for cell in kill.strip("| ").split("|")]
    assert cells == ["kill", "3", "2.0 / 6.0", "4.0 / 9.0", "15", "3.3", "1", "1", "1 leak"]
    assert len({len(head), len(kill), len(cut)}) == 1


def test_long_run_can_be_continued_from_its_report() -> None:
    runs = [measured("kill", 100), measured("cut", 200, recovery=None)]
    runs[0].found.append(Finding("leak", "z", "a name", 101.0))
    rest = Finding("doubled", "y", "of no fault", None)
    assert from_json(as_json(runs, {"seed": 7, "without_time": [vars(rest)]})) == (runs, [rest])


def test_missed_goals_are_reported_with_their_seed() -> None:
    runs = [measured("fine", 1), measured("late", 100, recovery=15.5), measured("never", 200, recovery=None),
            measured("primary", 300), measured("other", 400)]  # fmt: skip
    runs[3].late, runs[4].late = [8.5], [20.0]
    lines = missed(runs, ["primary"])
    assert [line.split(":")[0] for line in lines] == ["late", "never", "primary"]
    assert "15.5 s, goal 15 (seed 7)" in lines[0]
    assert "not recovered" in lines[1]
    assert "8.5 s late, goal 8" in lines[2]
    assert "never" in markdown(runs)


def test_unchecked_run_does_not_claim_that_nothing_was_lost() -> None:
    run = measured("kill", 1)
    run.checked = False
    assert [cell.strip() for cell in markdown([run]).splitlines()[2].split("|")][7:10] == ["?", "?", "?"]
    assert missed([run], []) == ["kill: could not check what was lost (seed 7)"]


def test_skipped_fault_is_reported_and_misses_no_goal() -> None:
    run = measured("full disk", 1, recovery=None)
    run.skipped, run.trouble = True, "no namespaces"
    assert missed([run], ["full disk"]) == []
    assert "skipped: no namespaces" in markdown([run])
