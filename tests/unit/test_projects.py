"""The rules of a project, from posting to review."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.facts import Refusal
from contracts.blind import digests
from contracts.events import CONTRACT
from services.projects.model.leaks import Identity
from services.projects.model.leaving import reopen
from services.projects.model.organisation import found
from services.projects.model.posting import body_of, post_project
from services.projects.model.project import Project, check_window
from services.projects.model.reports import MODERATED, report
from services.projects.model.scanning import check_lengths, scan
from services.projects.views.projects import project_view

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WINDOW = timedelta(hours=48)
END = NOW + WINDOW
WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)
DESCRIPTION: dict[str, Any] = {
    "name": "Nestlé Waters",
    "aliases": ["NWMT"],
    "domains": ["nestle-waters.com"],
    "people": [],
    "products": [],
    "sector": "food",
    "size": "group",
    "contact": {},
}
ORGANISATION = found("org", "shared", "client", DESCRIPTION)
BODY: dict[str, Any] = {
    "title": "Titre",
    "brief": "Un projet de formation aux outils numériques.",
    "topics": ["crm"],
    "languages": ["fr"],
    "budget": None,
    "window": WINDOW,
    "close_early": True,
    "auto_extend": False,
    "excluded_mentors": ["card-1"],
    "excluded_schools": ["ESSEC"],
    "client_shown": "both",
}
QUOTES = [{"quote_id": f"q{n}", "account": f"m{n}", "mentor_id": f"card{n}"} for n in range(3)]


def posted() -> Project:
    return post_project("p", BODY, ORGANISATION, "client", b"secret", NOW)[0]


def choosing() -> Project:
    project = posted()
    project.end_window("deadline", END, QUOTES, FORTNIGHT)
    return project


def awarded() -> Project:
    project = choosing()
    project.accept("q1", END)
    return project


def refused(action: Any, *args: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        action(*args)
    return refusal.value


def test_posted_event_holds_the_brief_and_no_identity() -> None:
    _, [fact] = post_project("p", BODY, ORGANISATION, "client", b"secret", NOW)
    payload = CONTRACT.dump(fact.name, fact.data)
    assert payload["brief"] == BODY["brief"]
    assert "nestl" not in str(payload).lower()
    assert "essec" not in str(payload).lower()
    assert payload["blind_schools"] == digests(b"secret", "p", ["ESSEC"])


def test_posted_event_holds_the_entry_and_never_the_clients_words() -> None:
    words = DESCRIPTION | {"sector": "Eaux de Vergèze, embouteillage"}
    for chosen, expected in ((None, "environment"), ("food", "food")):
        organisation = found("org", "shared", "client", words | {"sector_id": chosen})
        _, [fact] = post_project("p", BODY, organisation, "client", b"secret", NOW)
        payload = CONTRACT.dump(fact.name, fact.data)
        assert payload["descriptor"] == {"sector": expected, "size": "group", "shown": "both"}
        assert "Vergèze" not in str(payload)


def test_same_name_has_different_digests_in_two_projects() -> None:
    first, second = (post_project(i, BODY, ORGANISATION, "client", b"secret", NOW)[1][0].data for i in ("p", "q"))
    assert not set(first["blind_client"]) & set(second["blind_client"])


def test_ended_window_opens_the_choice_or_is_unfilled() -> None:
    assert choosing().state == "choosing"
    assert choosing().ended == {"at": END, "reason": "deadline", "quotes": 3}
    empty = posted()
    empty.end_window("deadline", END, [], FORTNIGHT)
    assert empty.state == "unfilled"


def test_acceptance_is_idempotent_and_excludes_others() -> None:
    project = choosing()
    [fact] = project.accept("q1", END)
    assert fact.data == {"quote_id": "q1", "account": "m1", "client": "client"}
    assert project.accept("q1", END) == []
    assert refused(project.accept, "q2", END).name == "already-awarded"
    assert refused(project.cancel, "why", END).name == "already-awarded"


def test_choice_is_closed_until_the_end_event_arrives() -> None:
    assert refused(posted().accept, "q1", END - timedelta(seconds=1)).name == "window-open"
    waiting = refused(posted().accept, "q1", END)
    assert (waiting.name, waiting.retry_after) == ("unavailable", 1)


def test_quote_of_another_project_is_unknown() -> None:
    assert refused(choosing().accept, "q9", END).name == "unknown-quote"


def test_only_open_windows_can_be_cancelled() -> None:
    project = posted()
    [fact] = project.cancel("why", NOW)
    assert (fact.name, fact.data) == ("project.cancelled", {"reason": "why", "by": "client"})
    assert refused(project.cancel, "why", NOW).name == "already-ended"
    assert refused(project.accept, "q1", NOW).name == "already-ended"
    assert refused(posted().cancel, "why", END).name == "window-ended"
    assert refused(choosing().cancel, "why", END).name == "window-ended"


def test_cancelled_project_stays_cancelled_when_its_window_closes_concurrently() -> None:
    project = posted()
    project.cancel("why", NOW)
    project.end_window("full", NOW, QUOTES, FORTNIGHT)
    assert (project.state, project.ended) == ("cancelled", None)


def test_repeated_or_late_end_event_changes_nothing() -> None:
    project = awarded()
    project.end_window("deadline", END, [], FORTNIGHT)
    assert (project.state, project.ended) == ("awarded", {"at": END, "reason": "deadline", "quotes": 3})


def test_refusal_ends_the_choice_with_its_reason() -> None:
    project = choosing()
    [fact] = project.refuse("trop cher", END)
    assert (fact.name, fact.data) == ("project.refused", {"reason": "trop cher", "by": "client"})
    assert project.state == "refused"
    assert refused(project.accept, "q1", END).name == "already-ended"
    assert refused(project.refuse, "encore", END).name == "already-ended"
    assert refused(posted().refuse, "trop tôt", NOW).name == "window-open"
    assert refused(posted().refuse, "à l'instant", END).name == "unavailable"
    assert refused(awarded().refuse, "trop tard", END).name == "already-awarded"


def test_choice_lapses_at_the_end_of_its_period() -> None:
    project = choosing()
    assert project.due_at == END + FORTNIGHT
    assert project.pass_time(END + FORTNIGHT - timedelta(milliseconds=1), WEEK) == []
    assert refused(project.accept, "q1", END + FORTNIGHT).name == "already-ended"
    assert [fact.name for fact in project.pass_time(END + FORTNIGHT, WEEK)] == ["project.expired"]
    assert (project.state, project.due_at, project.pass_time(END + FORTNIGHT, WEEK)) == ("expired", None, [])
    assert awarded().due_at is None
    assert posted().due_at is None


def test_only_unfilled_or_unchosen_project_can_be_relaunched() -> None:
    for project in (posted(), choosing(), awarded()):
        assert refused(project.relaunch, "again").name == "not-relaunchable"
    expired = choosing()
    expired.pass_time(END + FORTNIGHT, WEEK)
    expired.relaunch("again")
    twice = refused(expired.relaunch, "once more")
    assert (twice.name, twice.extra) == ("already-relaunched", {"project_id": "again"})
    again, [fact] = post_project("p2", body_of(expired), ORGANISATION, "client", b"secret", END, expired.id)
    assert fact.data["relaunched_from"] == again.relaunched_from == "p"
    assert fact.data["blind_schools"] == digests(b"secret", "p2", ["ESSEC"])
    assert (again.brief, again.closes_at) == (expired.brief, END + WINDOW)


def test_only_client_and_chosen_mentor_see_the_clients_identity() -> None:
    assert [who for who in ("client", "m0", "m1", "m2", "x") if choosing().may_see_client(who)] == ["client"]
    assert [who for who in ("client", "m0", "m1", "m2", "x") if awarded().may_see_client(who)] == ["client", "m1"]
    done = awarded()
    done.complete("client", 5, "", END, WEEK)
    assert done.may_see_client("m1")


def test_colleagues_act_for_the_client_once_they_share_the_project() -> None:
    project = choosing()
    [fact] = project.share(["client", "colleague"])
    assert (fact.name, fact.data) == ("project.shared", {"clients": ["client", "colleague"], "ended": False})
    assert project.share(["colleague", "client"]) == []
    assert project.may_see_client("colleague")
    project.accept("q1", END)
    [gone] = project.share(["client"])
    assert gone.data == {"clients": ["client"], "ended": True}
    assert not project.may_see_client("colleague")


def test_project_applies_changes_of_its_members_in_order() -> None:
    project = choosing()
    project.share(["client", "colleague"])
    assert project.share(["colleague", "client"]) == []
    assert project.clients == ["colleague", "client"]


def test_project_of_erased_client_has_no_owner_or_text() -> None:
    for project, state in ((posted(), "cancelled"), (choosing(), "refused"), (awarded(), "completed")):
        facts = project.abandon(NOW)
        assert [fact.name for fact in facts] == [f"project.{state}", "project.shared"]
        assert facts[1].data == {"clients": [], "ended": True}
        assert (project.state, project.title, project.brief) == (state, "", "")
    spoken = posted()
    spoken.cancel("Notre directrice est partie.", NOW)
    spoken.abandon(NOW)
    assert (spoken.state, spoken.cancelled_for) == ("cancelled", None)


def test_redaction_may_not_exceed_the_length_limit() -> None:
    check_lengths({"title": "a" * 200, "brief": "b" * 20_000})
    error = refused(check_lengths, {"title": "a" * 201, "brief": "b"})
    assert (error.name, [wrong["field"] for wrong in error.errors]) == ("invalid", ["title"])


def test_late_extension_never_shortens_the_window() -> None:
    project = posted()
    project.extend(END + WINDOW / 2)
    project.extend(END)
    assert project.closes_at == END + WINDOW / 2


def test_reviews_show_once_both_exist_or_after_a_week() -> None:
    project = awarded()
    assert refused(choosing().complete, "client", 5, "", END, WEEK).name == "not-awarded"
    assert project.complete("m1", 4, "agréable", END, WEEK) == []
    assert project.state == "awarded"
    assert project.shown_reviews(END, WEEK) is None
    assert project.shown_reviews(END + WEEK, WEEK) is not None
    [fact, shown] = project.complete("client", 5, "parfait", END, WEEK)
    assert (fact.name, project.state) == ("project.completed", "completed")
    assert (shown.name, shown.data, project.due_at) == ("reviews.shown", {"account": "m1", "reviews": 2}, None)
    assert [review["by"] for review in project.shown_reviews(END, WEEK) or []] == ["mentor", "client"]
    assert refused(project.complete, "client", 1, "", END, WEEK).name == "already-reviewed"


def test_only_review_shows_by_time_alone_and_a_late_one_at_once() -> None:
    project = awarded()
    assert [fact.name for fact in project.complete("client", 5, "", END, WEEK)] == ["project.completed"]
    assert project.due_at == END + WEEK
    assert project.pass_time(END + WEEK - timedelta(seconds=1), WEEK) == []
    longer = 2 * WEEK  # the setting was raised meanwhile
    assert project.pass_time(END + WEEK, longer) == []
    assert project.due_at == END + longer
    [shown] = project.pass_time(END + longer, longer)
    assert (shown.name, shown.data) == ("reviews.shown", {"account": "m1", "reviews": 1})
    assert (project.due_at, project.pass_time(END + longer, longer)) == (None, [])
    [shown] = project.complete("m1", 4, "", END + 2 * longer, longer)
    assert shown.data["reviews"] == 2
    assert project.due_at is None


def test_reviews_of_a_void_award_never_show() -> None:
    project = awarded()
    project.complete("m1", 4, "", END, WEEK)
    reopen(project, "q1", END, FORTNIGHT)
    assert project.due_at == END + FORTNIGHT
    assert [fact.name for fact in project.pass_time(END + FORTNIGHT, WEEK)] == ["project.expired"]


def test_client_alone_reads_why_moderation_cancelled() -> None:
    project = posted()
    about = report(project, "r", "m1", "Travail gratuit.", 0, NOW)
    [fact] = about.resolve("project-cancelled", "Vu.", project, NOW, "La demande est un travail gratuit.")
    assert fact.data == {"reason": MODERATED, "by": "moderation"}, "mentors read this"
    assert project_view(project)["ended_for"] == "La demande est un travail gratuit."
    project.abandon(NOW)
    assert "ended_for" not in project_view(project)


def test_brief_naming_the_client_is_refused_or_redacted() -> None:
    identity = Identity(name="Nestlé Waters")
    refusal = refused(lambda: scan({"title": "Bien", "brief": "Pour NESTLE WATERS."}, identity, redacting=False))
    assert refusal.extra["leaks"] == [
        {"field": "brief", "start": 5, "end": 18, "kind": "name", "text": "NESTLE WATERS", "certain": True}
    ]
    clean = scan({"title": "Bien", "brief": "Pour NESTLE WATERS."}, identity, redacting=True)
    assert clean.texts == {"title": "Bien", "brief": "Pour […]."}


def test_window_out_of_bounds_is_invalid() -> None:
    check_window(WINDOW, timedelta(hours=1), timedelta(days=30))
    for wrong in (timedelta(0), timedelta(minutes=59), timedelta(days=31)):
        assert refused(check_window, wrong, timedelta(hours=1), timedelta(days=30)).errors[0]["field"] == "window"


@pytest.mark.parametrize(("now", "name"), [(END, ""), (END + timedelta(days=3), "quote-lapsed")])
def test_quote_can_be_accepted_through_its_last_day_in_paris(now: datetime, name: str) -> None:
    project = posted()
    project.end_window("deadline", END, [QUOTES[0] | {"valid_until": "2026-03-06"}], FORTNIGHT)
    last_moment = datetime(2026, 3, 6, 22, 59, tzinfo=UTC)
    if name:
        assert refused(project.accept, "q0", last_moment + timedelta(minutes=1)).name == name
    else:
        assert [fact.name for fact in project.accept("q0", last_moment)] == ["project.awarded"]


def test_window_about_to_be_extended_still_allows_cancelling_and_questions() -> None:
    project = post_project("p", BODY | {"auto_extend": True}, ORGANISATION, "client", b"secret", NOW)[0]
    project.check_collecting(END + WINDOW / 2 - timedelta(seconds=1))
    assert refused(project.accept, "q0", END).name == "unavailable"
    assert refused(project.check_collecting, END + WINDOW / 2).name == "window-ended"
    project.extend(END + WINDOW / 2)
    assert refused(project.check_collecting, END + WINDOW / 2).name == "window-ended"
    assert refused(project.accept, "q0", END).name == "window-open"
