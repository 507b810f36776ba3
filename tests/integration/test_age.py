"""`make bench-age` in a short form: what it stores and what it writes. Its times mean nothing."""

from pathlib import Path

import pytest

from benchmarks import age, report


def test_short_run_writes_a_ratio_for_each_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "age.md"
    document.write_text(f"{report.BEGIN}\nold\n{report.END}\n")
    monkeypatch.setattr(age, "YOUNG", 20)
    arguments = ["--stored", "300", "--notifications", "30", "--turns", "2", "--calls", "5", "--write", str(document)]
    assert age.main(arguments) == 0
    written = document.read_text()
    assert "old\n" not in written
    for title in ("a post: 300 projects stored, 20", "first page of 30 notifications", "a mentor told: 30 before"):
        assert f"| {title}" in written


def test_old_system_holds_what_it_says() -> None:
    with age.aged(400, 50) as (_, young, old):
        database = old.projects.database
        assert database.projects.count_documents({"state": "cancelled"}) == 400 + 2
        waiting = {"pending": True, "name": {"$in": ["project.posted", "project.cancelled"]}}
        assert database.outbox.count_documents(waiting) == 4, "those of the copied projects"
        assert database.outbox.count_documents({"published_at": {"$ne": None}}) == 2 * 400
        mine = old.projects.get(age.CLIENT, "/api/projects?limit=200")["items"]
        assert len(mine) == 4 + 1, "one in a hundred, and the one that was copied"
        assert len({one["id"] for one in mine}) == len(mine)
        assert [one["created_at"] for one in mine] == sorted((one["created_at"] for one in mine), reverse=True)
        listed = old.notify.get(old.mentor, "/api/notifications?limit=200")["items"]
        assert len(listed) == 50
        assert sum(one["read_at"] is None for one in listed) == 1
        assert len(young.notify.get(young.mentor, "/api/notifications?limit=200")["items"]) == 20
