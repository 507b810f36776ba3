"""Every query of every store and of the chassis runs on an index: no collection scan, no sort in memory, no skip.

Other tests play the queries (`PLAYED`), in a process of their own that notes each one with its place in the code
(`tests.kit.queries`). Here MongoDB explains each of them, on collections filled from the documents that those tests
stored. A call that none of them reaches fails, and so does an exception that no query needs.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import json_util
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import ASCENDING, WriteConcern
from pymongo.errors import BulkWriteError

from chassis import outbox
from chassis.ids import new_id
from chassis.mongo import Document, Documents, connect
from chassis.places import rows_of
from chassis.unit import UnitOfWork
from services.accounts.metrics import count_departures
from services.matching.metrics import count_invitations
from services.notify.metrics import count_mails
from services.quotes.metrics import count_rounds
from tests.kit.databases import drop
from tests.kit.queries import ROOT, Place, places
from tests.kit.services import COMPOSE, SETTINGS, Running

FILLED = 600
"""Number of documents in each collection while its queries are explained."""
WHOLE = {"[MinKey, MaxKey]", "[MaxKey, MinKey]"}
"""The bounds of an index that is read from end to end."""
FAULTS = {"COLLSCAN", "SORT", "$sort", "SKIP", "$skip", "WHOLE INDEX"}
OTHER = COMPOSE["quotes"]
"""Makes the indexes of the chassis for services of the tests, such as lamps."""
FILTERED = "FILTERED "
ANY_DATE = CodecOptions[Mapping[str, Any]](datetime_conversion=DatetimeConversion.DATETIME_AUTO)
"""For plans, whose bounds may be dates beyond those of Python."""
NOT_OF_MONGO = (
    "chassis/http/auth.py:remembered_actor", "services/notify/jobs/handful.py:_reached",
    "services/notify/jobs/programme_mails.py:_send", "services/notify/jobs/sending.py:send_digest",
)  # fmt: skip
"""Functions in which a method of another kind of object has such a name."""
PLAYED: Mapping[str, Sequence[str]] = {
    "integration/test_account_addresses": (
        "test_erasure_deletes_changes_and_their_links",
        "test_nobody_takes_an_address_while_it_can_be_restored[False]",
    ),
    "integration/test_account_erasure": (
        "test_late_departures_and_unconfirmed_erasures_are_counted",
        "test_older_erasures_get_a_deadline_and_commitments_are_gone",
    ),
    "integration/test_account_links": ("test_registering_an_email_in_use_notifies_only_its_owner",),
    "integration/test_account_registration": (
        "test_taken_waiting_and_free_addresses_get_the_same_answer_and_writes[/api/accounts/password-reset]",
        "test_wrong_guesses_are_limited_by_network_and_right_ones_are_not[<lambda>0]",
    ),
    "integration/test_accounts": (
        "test_hash_with_outdated_cost_is_replaced_at_the_next_sign_in",
        "test_keys_rotate_with_several_workers_and_tokens_stay_verifiable",
        "test_longer_token_lifetime_keeps_a_key_past_its_recorded_deadline",
        "test_no_log_line_holds_an_email_a_password_or_a_token",
        "test_notify_reads_several_addresses_at_once_without_those_who_have_none",
    ),
    "integration/test_admission": (
        "test_only_accounts_of_age_and_verified_are_invited",
        "test_profile_written_before_its_events_arrive_gets_age_and_verification",
    ),
    "integration/test_audit": (),
    "integration/test_channels": (
        "test_request_counts_in_each_topic_of_accounts_and_in_no_other[releve.accounts.mails.v1-1]",
        "test_rows_stored_before_an_upgrade_go_to_the_topic_of_now",
    ),
    "integration/test_confirmed": ("test_erased_client_leaves_no_confirmed_places",),
    "integration/test_digest": (
        "test_digest_sent_by_a_worker_that_then_died_is_not_resent",
        "test_failed_digest_is_retried_with_the_same_message_id_and_items",
    ),
    "integration/test_erasure": (
        "test_award_to_somebody_who_has_left_settles_nothing",
        "test_service_remembers_an_erasure_and_confirms_it_again_on_redelivery",
        "test_verification_follows_the_named_domain_even_if_added_later",
    ),
    "integration/test_extension": ("test_extension_is_told_to_the_client_and_published_once",),
    "integration/test_flow": (
        "test_events_are_envelopes_newest_first_by_type_and_project",
        "test_watching_asks_for_what_came_after_and_pages_go_back",
    ),
    "integration/test_handful": (),
    "integration/test_http": (
        "test_pages_have_no_gap_or_repetition_while_rows_are_added", "test_rows_of_one_account_are_bounded",
        "test_twenty_concurrent_requests_with_one_key_have_one_effect",
    ),
    "integration/test_leaving": (
        "test_departure_is_refused_while_an_award_binds", "test_erasure_waits_for_every_order_and_not_for_ever",
        "test_two_colleagues_cannot_leave_an_award_to_nobody",
    ),
    "integration/test_letterbox": (
        "test_crash_around_the_mark_loses_no_letter_and_repeats_no_effect[kafka-python-before the mark-replay]",
    ),
    "integration/test_matching": ("test_waves_follow_by_themselves_in_a_window_of_seconds",),
    "integration/test_matching_answers": (
        "test_market_is_learnt_from_ended_rounds", "test_operators_read_the_unlikely_rounds_until_they_end",
    ),
    "integration/test_matching_api": (
        "test_another_mentors_invitation_is_not_found", "test_cards_are_paged",
        "test_invitations_are_paged_newest_first", "test_profile_changed_since_it_was_read_is_not_overwritten",
    ),
    "integration/test_matching_decisions": ("test_who_is_passed_over_is_logged_with_the_rule_that_forbids_it",),
    "integration/test_matching_exposure": ("test_erased_mentor_leaves_no_counter_whether_counted_or_not",),
    "integration/test_matching_overrides": ("test_mentor_left_out_is_never_invited_to_that_round",),
    "integration/test_matching_shelf": ("test_erased_mentor_leaves_no_portrait",),
    "integration/test_monitoring": ("test_rounds_are_counted_by_the_databases_clock",),
    "integration/test_notify": (
        "test_all_notifications_up_to_one_are_read_at_once",
        "test_claim_is_reminded_of_once_by_two_workers_and_never_after_a_quote",
        "test_export_holds_everything_stored_about_the_caller",
        "test_list_is_paged_newest_first",
        "test_mentors_profile_sets_the_time_zone_unless_preferences_do",
        "test_notification_is_marked_read_once_and_only_by_its_recipient",
        "test_one_click_stops_a_kind_of_mail_without_an_account",
        "test_stream_sends_new_notifications_and_resumes_without_a_gap",
    ),
    "integration/test_operators": (
        "test_account_is_found_by_email_name_or_id_with_its_state_alone", "test_trail_is_read_page_by_page",
    ),
    "integration/test_orders": (
        "test_billing_details_are_versioned_and_separate_for_each_side",
        "test_json_holds_the_facts_in_the_readers_language",
        "test_review_is_hidden_until_the_other_side_has_written_one",
    ),
    "integration/test_oversight": (
        "test_reports_are_exported_and_lose_their_text_on_erasure",
        "test_reports_that_wait_come_oldest_first_and_all_newest_first",
        "test_rounds_at_risk_are_paged_soonest_first",
    ),
    "integration/test_programme_mails": ("test_account_is_notified_without_any_name",),
    "integration/test_programmes": (
        "test_colleagues_run_it_until_they_leave_the_organisation", "test_link_of_a_mail_opens_its_programme_alone",
    ),
    "integration/test_programmes_challenges": (
        "test_author_and_owner_withdraw_and_teammates_cannot",
        "test_challenge_is_read_by_everybody_and_changed_with_its_version",
        "test_deleted_challenge_takes_its_wishes_along", "test_pairs_inside_teams_mix_companies",
        "test_picture_is_shown_inside_the_programme_without_its_place",
        "test_published_team_is_told_and_seen_by_its_members",
    ),
    "integration/test_programmes_erasure": (
        "test_participant_without_account_erases_themselves_by_pass",
        "test_person_exports_all_that_is_held_and_nothing_of_others",
        "test_programme_that_nobody_runs_ends_and_forgets_its_people[False]",
        "test_programme_that_nobody_runs_ends_and_forgets_its_people[True]",
    ),
    "integration/test_programmes_files": (
        "test_file_longer_than_a_page_is_complete_and_audited", "test_no_file_holds_answers_or_notes",
        "test_organiser_gets_own_people_only",
    ),
    "integration/test_programmes_invitations": ("test_link_is_renewed_a_few_times_a_day_over_all_programmes",),
    "integration/test_programmes_joining": (
        "test_account_with_an_unproven_address_confirms_it_first", "test_deleted_or_expired_link_opens_nothing",
        "test_link_is_shown_once_and_stored_as_a_digest",
        "test_organiser_makes_and_sees_links_of_the_own_organisation",
        "test_person_who_objected_may_still_join_by_themselves", "test_strangers_are_limited_by_network",
    ),
    "integration/test_programmes_passes": ("test_link_outlives_its_sent_message_which_notify_cannot_read_again",),
    "integration/test_programmes_progress": ("test_update_is_due_again_after_the_setting",),
    "integration/test_programmes_proposal": (
        "test_stopping_worker_gives_its_request_back_and_the_attempt_does_not_count",
        "test_rules_that_cannot_hold_are_named_and_leave_the_older_proposal",
    ),
    "integration/test_programmes_reading": ("test_texts_of_an_erased_person_are_gone",),
    "integration/test_programmes_running": (
        "test_counts_of_sessions_are_paged", "test_organiser_reads_counts_of_own_people_only",
        "test_owner_plans_for_both_and_reads_no_note", "test_person_compares_their_own_answers_and_nobody_else_does",
        "test_two_workers_tell_nobody_twice",
    ),
    "integration/test_queries": ("test_gauges_of_an_empty_service_count_nothing",),
    "integration/test_questions": (
        "test_export_holds_own_questions_verbatim_and_the_clients_answers",
        "test_invited_mentors_read_the_answer_and_its_event_holds_ids", "test_questions_are_paged_newest_first",
        "test_request_repeated_with_its_key_asks_once",
    ),
    "integration/test_quotas": ("test_another_organisation_brings_no_new_quota",),
    "integration/test_quote_abuse": (
        "test_concurrent_claims_stop_exactly_at_the_quota", "test_sketches_end_with_their_quote_and_their_mentor",
    ),
    "integration/test_reads": (
        "test_draft_is_its_mentors_alone_and_ends_with_the_quote",
        "test_invitations_are_found_by_project_and_while_open", "test_mentor_reads_own_quotes_over_all_projects",
        "test_only_review_shows_once_its_period_is_over", "test_projects_are_listed_by_state_with_times_and_tasks",
        "test_rounds_of_several_projects_are_read_at_once",
    ),
    "integration/test_replaced_log": (
        "test_events_of_the_lost_log_are_republished_before_new_ones[while the brokers are down-kafka-python]",
    ),
    "integration/test_revocations": ("test_end_of_a_session_revokes_its_tokens_here_and_there[end_from_another]",),
    "integration/test_second_factor": (
        "test_deeds_need_a_recent_code_and_reads_do_not",
        "test_secret_is_stored_wrapped_and_answers_with_it_are_not_kept",
    ),
    "integration/test_sectors": ("test_preview_is_no_oracle_about_other_organisations",),
    "integration/test_vault": (
        "test_rotation_that_is_killed_while_clients_post_goes_on",
        "test_service_with_another_master_key_does_not_start",
    ),
    "races/test_colleagues": ("test_project_posted_while_a_colleague_leaves_is_not_theirs",),
    "races/test_declining": ("test_five_mentors_who_claim_and_decline_leave_five_free_slots",),
    "races/test_slots": ("test_client_never_reads_a_quote_of_an_open_window",),
}
"""Tests that between them reach every call and every shape of query, by file; all of a file where none is named."""
Count = Callable[[UnitOfWork], Mapping[str, float]]
GAUGES: Mapping[str, Count] = {
    "accounts": count_departures,
    "matching": count_invitations,
    "notify": count_mails,
    "quotes": count_rounds,
}
"""How each service counts its gauges: jobs of a worker, which these tests play themselves."""
UNPLAYED: Mapping[str, str] = {
    "chassis/keys.py:wrap_signing_key": "a migration, once",
    "chassis/letterbox.py:LetterBox._note replace_one": "by its id, if Kafka's log was replaced",
    "chassis/places.py:move": "a migration, once",
}
"""Calls that `PLAYED` need not reach, with the reason, by function, or by function and method."""
EXCEPTIONS: Mapping[str, str] = {
    "chassis/http/commands.py:_prune SORT": "one account's answers, now and then, if they are more than 10 000",
    "chassis/http/revoked.py:Revocations.refresh COLLSCAN": "a new process reads all, some minutes' worth",
    "chassis/letterbox.py:LetterBox._session WHOLE INDEX": "compares all dead letters with those in Kafka",
    "chassis/rewrap.py:count COLLSCAN": "an operator's command about all keys",
    "chassis/rewrap.py:rewrap WHOLE INDEX": "an operator's command about all keys",
    "services/matching/store/exposure.py:waiting_tallies WHOLE INDEX": "a queue, emptied each time",
    "services/matching/store/invitations.py:read_invitations SORT": "a mentor's invitations to open projects are few",
    "services/matching/store/portraits.py:_changed SORT": "a batch by id",
    "services/matching/store/portraits.py:_changed WHOLE INDEX": "a new worker reads every mentor onto its shelf",
    "services/matching/store/portraits.py:forget_missing COLLSCAN": "compares the shelf with every mentor",
    "services/matching/store/profiles.py:admitted_since $sort": "draws lots among those of the last hours",
    "services/matching/store/profiles.py:read_cards SORT": "at most five a project, in an order that says nothing",
    "services/programmes/store/access.py:read_programmes SORT": "one person's programmes are few",
    "services/programmes/store/pairs.py:pairs_of SORT": "one person's pairs in a programme are few",
    "services/projects/store/orders.py:everything_of SORT": "the export of one person's orders, found in two ways",
}
"""What is right in spite of it, with the reason, by function and fault."""

BY_DATA = {"services/matching/store/invitations.py:read_invitations SORT"}
"""Exceptions that the planner needs with some data and not with other."""


def varied(value: Any, number: int, *, ids: bool, unique: Set[str] = frozenset(), changed: bool = False) -> Any:
    """Another value of the same kind: other times and numbers, other values of the ``unique`` fields and, if ``ids``,
    also other ids, addresses and digests, which are the texts with a digit or an @."""
    if isinstance(value, Mapping):
        more = dict[str, Any](ids=ids, unique=unique)
        return {key: varied(inner, number, **more, changed=key in unique) for key, inner in value.items()}
    if isinstance(value, list):
        return [varied(inner, number, ids=ids, unique=unique, changed=changed) for inner in value]
    if isinstance(value, datetime):
        return value + timedelta(seconds=number)
    if isinstance(value, int) and not isinstance(value, bool):
        return value + number
    if isinstance(value, str) and (changed or (ids and any(letter.isdigit() or letter == "@" for letter in value))):
        return f"{value}~{number}"
    return value


def fill(database: Documents, name: str, samples: Sequence[Document]) -> int:
    """Stores copies of the documents, half with the ids of the original in them, and returns how many it holds."""
    rows = rows_of(database, name).with_options(write_concern=WriteConcern(1, j=False))
    unique = {"_id"}
    for index in rows.list_indexes():
        if index.get("unique"):
            unique.add([*index["key"]][-1].rpartition(".")[2])
    copies = list(samples)
    for number in range(1, FILLED):
        sample = samples[number % len(samples)]
        copies.append(varied(sample, number, ids=number % 2 == 0, unique=unique))
    with suppress(BulkWriteError):  # samples of several tests may break a unique index
        rows.insert_many(copies, ordered=False)
    return rows.estimated_document_count()


def invented(command: Mapping[str, Any]) -> Document:
    """A document with what a command asks for, where the tests leave none in its collection."""
    statement = next((command[many][0]["q"] for many in ("updates", "deletes") if many in command), None)
    first = command.get("pipeline", [{}])[0].get("$match")
    return _wanted(statement or first or command.get("filter") or command.get("query") or {}) | {"_id": new_id()}


def _wanted(condition: Mapping[str, Any]) -> Document:
    found: Document = {}
    for key, value in condition.items():
        if key in ("$and", "$or"):
            for one in value:
                found |= _wanted(one)
        elif not key.startswith("$"):
            one = next(iter(value.values())) if isinstance(value, Mapping) else value
            found[key] = one[0] if isinstance(one, list) and one else one
    return found


def faults(plan: Mapping[str, Any]) -> set[str]:
    """What a plan does that grows with the collection: `FAULTS` in the winning plan or in the pipeline behind it.

    A whole index counts, too. Neither counts if a limit ends it and nothing is filtered out before.
    """
    found = set(_stages(plan))
    if "LIMIT" in found:
        found -= {"COLLSCAN", "WHOLE INDEX"}
    return {one.removeprefix(FILTERED) for one in found} & FAULTS


def _stages(plan: Any, *, filtered: bool = False) -> Iterator[str]:
    if isinstance(plan, list):
        for one in plan:
            yield from _stages(one, filtered=filtered)
    elif isinstance(plan, Mapping):
        filtered = filtered or bool(plan.get("filter"))
        scans = plan.get("stage") == "IXSCAN" and not plan["isPartial"]  # a partial index is made for its condition
        bounds = plan["indexBounds"].values() if scans else ()
        whole = bool(bounds) and all(one and WHOLE.issuperset(one) for one in bounds)
        if stage := "WHOLE INDEX" if whole else plan.get("stage"):
            yield f"{FILTERED}{stage}" if filtered else stage
        for key, inner in plan.items():
            if key.startswith("$"):
                yield key
            if key not in ("command", "filter", "parsedQuery", "rejectedPlans"):
                yield from _stages(inner, filtered=filtered)


@dataclass(frozen=True)
class Query:
    """One shape of a query to a collection of a service, with its places and some of its commands."""

    service: str
    collection: str
    places: Set[Place]
    commands: Sequence[Document]

    @property
    def once(self) -> bool:
        """Whether only a migration asks it."""
        return any(place.partition(":")[0].endswith("/migrations.py") for place in self.places)
    def excepted(self, fault: str) -> set[str]:
        """The exceptions that name this fault of the query."""
        return {f"{function_of(place)} {fault}" for place in self.places} & EXCEPTIONS.keys()


def without_queries(place: Place) -> bool:
    """Whether a place is in a migration, which runs once and reads everything, or in rules, which know no database."""
    path = place.partition(":")[0]
    return path.endswith("/migrations.py") or (path.startswith("services/") and "/model/" in path)


def spared(place: Place, text: str) -> bool:
    """Whether the call is no query, or one of `UNPLAYED`."""
    function, method = function_of(place), text.partition("(")[0].rpartition(".")[2]
    return function in NOT_OF_MONGO or not UNPLAYED.keys().isdisjoint({function, f"{function} {method}"})


def function_of(place: Place) -> str:
    """The file and the function of a place."""
    path, _, _, function = place.split(":")
    return f"{path}:{function}"


@dataclass(frozen=True)
class Run:
    """What the tests in `PLAYED` asked, and what they stored, by service and collection."""

    queries: Sequence[Query]
    documents: Mapping[str, Mapping[str, Sequence[Document]]]

    @property
    def lasting(self) -> list[Query]:
        """All but those of migrations, which run once, and to the own collection of a service of the tests."""
        return [one for one in self.queries if not one.once and (one.service in COMPOSE or one.collection != "lamps")]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("queries")
    file = folder / "queries.json"
    names = [f"tests/{path}.py{test and '::'}{test}" for path, tests in PLAYED.items() for test in tests or [""]]
    options = ["-p", "tests.kit.queries", f"--queries={file}", f"--basetemp={folder / 'run'}", "-q", "-x", "-n", "0"]
    command = [sys.executable, "-m", "pytest", *options, *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-1_000:]
    noted = json_util.loads(file.read_text(), json_options=json_util.JSONOptions(tz_aware=True, document_class=dict))
    queries = [Query(one["service"], one["collection"], {*one["places"]}, one["commands"]) for one in noted["queries"]]
    return Run(queries, noted["documents"])


@pytest.fixture(scope="module")
def databases(played: Run, mongo_uri: str) -> Iterator[Mapping[str, Documents]]:
    """A database for each service, with its indexes, filled with `FILLED` documents in each collection it searches."""
    prefix, found = f"test_{new_id().replace('-', '_')}_", dict[str, Documents]()
    searched = {(query.service, query.collection) for query in played.lasting}
    for service in sorted({service for service, _ in searched}):
        found[service] = connect(mongo_uri, prefix + service, app="test")
        COMPOSE.get(service, OTHER)(SETTINGS).ensure_indexes(found[service])
    for service, name in sorted(searched):
        asked = [one for one in played.lasting if (one.service, one.collection) == (service, name)]
        samples = played.documents[service].get(name) or [invented(one) for query in asked for one in query.commands]
        assert fill(found[service], name, samples) > FILLED // 2, f"copies of documents in {name} of {service} collide"
    yield found
    for database in found.values():
        drop(database)
        database.client.close()


def explained(database: Documents, name: str, command: Document) -> set[str]:
    """The faults of a command to this collection, as MongoDB plans it."""
    own = rows_of(database, name).database
    return faults(own.command({"explain": command, "verbosity": "queryPlanner"}, codec_options=ANY_DATE))


def test_every_call_that_searches_is_played(played: Run) -> None:
    reached = {place for query in played.queries for place in query.places}
    missing = {
        place: text
        for place, text in places().items()
        if place not in reached and not without_queries(place) and not spared(place, text)
    }
    assert missing == {}, "add a test that reaches it to PLAYED"


def test_every_query_runs_on_an_index(played: Run, databases: Mapping[str, Documents]) -> None:
    wrong, needed = [], set[str]()
    for query in played.lasting:
        for command in query.commands:
            for fault in explained(databases[query.service], query.collection, command):
                needed |= query.excepted(fault)
                if not query.excepted(fault):
                    wrong.append((fault, query.service, query.collection, command, sorted(query.places)))
    assert wrong == []
    assert needed | BY_DATA == EXCEPTIONS.keys(), "these exceptions are not needed"


@pytest.mark.parametrize(("name", "count"), GAUGES.items())
def test_gauges_of_an_empty_service_count_nothing(database: Documents, name: str, count: Count) -> None:
    counted = dict(count(Running(name, database).work))
    counted.pop("releve_quotes_an_invitation", None)  # a share, which is assumed until it is learnt
    assert set(counted.values()) == {0}
    assert outbox.depth(database) == 0


@pytest.mark.parametrize(
    ("fault", "command"),
    [
        ("COLLSCAN", {"find": "rows", "filter": {"colour": "red"}}),
        ("COLLSCAN", {"find": "rows", "filter": {"colour": "red"}, "limit": 1}),
        ("COLLSCAN", {"find": "rows", "filter": {}}),
        ("COLLSCAN", {"update": "rows", "updates": [{"q": {"colour": "red"}, "u": {"$set": {"size": 1}}}]}),
        ("COLLSCAN", {"delete": "rows", "deletes": [{"q": {"colour": "red"}, "limit": 0}]}),
        ("COLLSCAN", {"findAndModify": "rows", "query": {"colour": "red"}, "remove": True}),
        ("COLLSCAN", {"distinct": "rows", "key": "colour", "query": {"colour": "red"}}),
        ("SORT", {"find": "rows", "filter": {"owner": "a"}, "sort": {"colour": 1}}),
        ("$sort", {"aggregate": "rows", "pipeline": [{"$group": {"_id": 0}}, {"$sort": {"_id": 1}}], "cursor": {}}),
        ("SKIP", {"find": "rows", "filter": {"owner": "a"}, "skip": 10}),
        ("WHOLE INDEX", {"find": "rows", "filter": {"colour": "red"}, "sort": {"owner": 1}, "limit": 5}),
    ],
)  # fmt: skip
def test_queries_without_an_index_are_found(new_database: Documents, fault: str, command: Document) -> None:
    new_database.rows.create_index([("owner", ASCENDING)])
    fill(new_database, "rows", [{"_id": "1", "owner": "a", "colour": "red", "size": 1}])
    assert fault in explained(new_database, "rows", command)


@pytest.mark.parametrize(
    "command",
    [
        {"find": "rows", "filter": {"owner": "a", "colour": "red"}},
        {"find": "rows", "filter": {}, "sort": {"owner": 1}, "limit": 5},
        {"update": "rows", "updates": [{"q": {"_id": "1"}, "u": {"$set": {"size": 1}}}]},
    ],
)
def test_queries_on_an_index_are_in_order(new_database: Documents, command: Document) -> None:
    new_database.rows.create_index([("owner", ASCENDING)])
    fill(new_database, "rows", [{"_id": "1", "owner": "a", "colour": "red", "size": 1}])
    assert explained(new_database, "rows", command) == set()
