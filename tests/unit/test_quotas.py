"""The quotas of an organisation."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.facts import Refusal
from services.projects.model.quotas import DAY, MARGIN, Quotas

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUOTAS = Quotas(open_projects=3, postings_a_day=2)


def refusal(quotas: Quotas, posted: list[datetime], open_projects: int) -> Refusal:
    with pytest.raises(Refusal) as refused:
        quotas.check(posted, open_projects, NOW)
    return refused.value


def test_posting_beyond_the_day_is_refused_until_the_oldest_is_a_day_old() -> None:
    posted = [NOW - timedelta(hours=2), NOW - timedelta(hours=23, minutes=59, seconds=30.5)]
    refused = refusal(QUOTAS, posted, 0)
    assert (refused.name, refused.retry_after) == ("too-many-postings", 30)
    QUOTAS.check(posted[:1], 2, NOW)


def test_posting_beyond_the_open_projects_is_refused() -> None:
    refused = refusal(QUOTAS, [], 3)
    assert (refused.name, refused.retry_after) == ("too-many-open-projects", None)


def test_zero_means_no_limit() -> None:
    none = Quotas(0, 0)
    none.check([NOW] * 9_999, 9_999, NOW)
    assert not none.is_near([NOW] * 9_999, 9_999)


def test_postings_far_below_a_quota_do_not_wait_for_each_other() -> None:
    wide = Quotas(open_projects=0, postings_a_day=MARGIN + 2)
    assert [wide.is_near([NOW - DAY / 2] * count, 0) for count in (0, 1, 2)] == [False, False, True]
