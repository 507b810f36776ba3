"""Mails that are sent by the handful: what they share, and how the trouble of one concerns the others."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chassis.mongo import Documents, database_now
from services.notify.jobs import handful
from services.notify.jobs.deliveries import HANDFUL
from services.notify.store import deliveries
from services.notify.store.deliveries import LEASE
from tests.kit.notify import Accounts, Post, Story, smtp_server
from tests.kit.services import Running

NAMES = [f"m{place}" for place in range(8)]


@pytest.fixture
def post(database: Documents) -> Iterator[Post]:
    with Accounts() as accounts, smtp_server(enable_SMTPUTF8=True) as letterbox:
        yield Post(Running("notify", database).work, accounts, letterbox)


def states(post: Post, story: Story) -> list[tuple[str, int]]:
    found = [post.delivery(story, name) for name in NAMES]
    return [(row["state"], row["tries"]) for row in found]


def test_a_wave_is_mailed_with_one_request_for_addresses_over_one_connection(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[smtplib.SMTP] = []
    connect = post.postman._mailer._connect

    def counted() -> smtplib.SMTP:
        opened.append(connect())
        return opened[-1]

    monkeypatch.setattr(post.postman._mailer, "_connect", counted)
    story = post.invite(names=NAMES)
    assert post.postman.deliver_some()
    assert sorted(to for [to] in post.box.recipients) == sorted(who["email"] for who in post.accounts.people.values())
    assert [path.partition("?")[0] for path in post.accounts.asked] == ["/internal/addresses"]
    assert len(opened) == 1
    assert states(post, story) == [("sent", 0)] * len(NAMES)
    assert not post.postman.deliver_some()


def test_each_person_of_a_handful_gets_a_token_and_words_of_their_own(post: Post) -> None:
    post.invite(names=NAMES[:4])
    post.invite(names=NAMES[:4], locale="en")
    post.postman.deliver_some()
    stops = {mail["List-Unsubscribe"] for mail in post.box.mails}
    assert len(stops) == len(post.box.mails) == 8
    assert sorted(mail["Content-Language"] for mail in post.box.mails) == ["en"] * 4 + ["fr"] * 4


def test_more_than_a_handful_is_sent_in_several(post: Post) -> None:
    post.invite(names=[f"m{place}" for place in range(HANDFUL + 1)])
    assert post.postman.deliver_some()
    assert len(post.box.mails) == HANDFUL
    assert post.postman.deliver_some()
    assert len(post.box.mails) == HANDFUL + 1
    assert not post.postman.deliver_some()


def test_refused_address_does_not_hold_up_the_others(post: Post) -> None:
    story = post.invite(names=NAMES)
    post.box.once["RCPT"] = "550 no such mailbox"
    post.postman.deliver_some()
    assert sorted(states(post, story)) == [("dead", 1), *[("sent", 0)] * (len(NAMES) - 1)]


def test_trouble_of_the_connection_is_one_mails_attempt_and_the_others_are_due_at_once(post: Post) -> None:
    story = post.invite(names=NAMES)
    post.box.once["RCPT"] = "450 try later"
    post.postman.deliver_some()
    assert sorted(states(post, story)) == [*[("pending", 0)] * (len(NAMES) - 1), ("retrying", 1)]
    assert post.postman.deliver_some()
    assert len(post.box.mails) == len(NAMES) - 1


def test_slow_server_is_left_before_the_leases_end(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    story = post.invite(names=NAMES)
    monkeypatch.setattr(handful, "PATIENCE_S", -1.0)
    assert timedelta(seconds=10) < LEASE
    post.postman.deliver_some()
    assert sorted(states(post, story)) == [*[("pending", 0)] * (len(NAMES) - 1), ("sent", 0)]


def test_person_without_an_address_is_left_out_of_the_handful(post: Post) -> None:
    story = post.invite(names=NAMES)
    del post.accounts.people[story.who(NAMES[3])]
    post.postman.deliver_some()
    assert (post.delivery(story, NAMES[3])["state"], post.delivery(story, NAMES[3])["reason"]) == (
        "suppressed",
        "no-address",
    )
    assert len(post.box.mails) == len(NAMES) - 1


def test_accounts_of_the_version_before_delays_the_mails_and_drops_none(post: Post) -> None:
    story = post.invite(names=NAMES)
    post.accounts.older = True
    post.postman.deliver_some()
    assert states(post, story) == [("retrying", 1)] * len(NAMES)


def test_project_that_cannot_be_read_costs_its_own_mails_only(post: Post) -> None:
    broken, story = post.invite(names=NAMES[:2]), post.invite(names=NAMES)
    post.work.database["projects"].update_one({"_id": broken.id}, {"$unset": {"window": ""}})
    post.postman.deliver_some()
    assert states(post, story) == [("sent", 0)] * len(NAMES)
    assert {post.delivery(broken, name)["state"] for name in NAMES[:2]} == {"retrying"}


def test_handful_of_a_dead_worker_is_repeated_with_the_same_message_ids(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.invite(names=NAMES)
    dying = post.hired()

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr(handful, "finish_all", die)
    with pytest.raises(SystemExit):
        dying.deliver_some()
    monkeypatch.undo()
    assert not post.postman.deliver_some(), "the leases hold"
    post.hurry()
    assert post.postman.deliver_some()
    ids = [mail["Message-ID"] for mail in post.box.mails]
    assert sorted(ids[: len(NAMES)]) == sorted(ids[len(NAMES) :])


def test_claims_of_two_workers_are_disjoint(post: Post) -> None:
    post.invite(names=NAMES)
    database: Documents = post.work.database
    now = database_now(database)
    first, second = (deliveries.claim(database, now, 5) for _ in range(2))
    assert (len(first), len(second)) == (5, len(NAMES) - 5)
    assert len({one.id for one in (*first, *second)}) == len(NAMES)
    assert deliveries.claim(database, now, 5) == []
