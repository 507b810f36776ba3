"""Races for the five slots of a round, each run a hundred times: one consistent winner, seen alike by all readers."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.kit.answers import outcome
from tests.kit.examples import CLIENT, mentor
from tests.kit.market import Market
from tests.kit.oracle.agreement import check_round
from tests.kit.racing import TIMES, Balance, at_once, side_by_side


def test_one_of_fifth_and_sixth_quote_gets_the_last_slot(market: Market) -> None:
    early = market.rounds(TIMES // 2, quoted=4)
    late = market.rounds(TIMES // 2, quoted=4, close_early=False)
    balance = Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        round = [*early, *late][number]
        calls = [lambda one=one: outcome(market.quote(round.id, one)) for one in (5, 6)]  # type: ignore[misc]
        answers = at_once(pool, *calls, lead=balance.lead)
        assert sorted(answers) == ["201", "window-ended" if round.close_early else "round-full"]
        replay = check_round(market, round.id, 5, 6)
        assert len(replay.live) == 5
        assert replay.names.count("window.closed") == round.close_early
        winner = 5 + answers.index("201")
        assert mentor(round.id, winner) in replay.live
        balance.won(f"mentor {winner}", first=winner == 5)

    side_by_side(TIMES, race)
    balance.assert_both_won()


def test_mentor_claiming_and_quoting_concurrently_holds_one_slot_with_a_quote(market: Market) -> None:
    rounds, balance = market.rounds(TIMES, quoted=3), Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        project = rounds[number].id
        claim, quote = at_once(
            pool,
            lambda: outcome(market.claim(project, 4)),
            lambda: outcome(market.quote(project, 4)),
            lead=balance.lead,
        )
        assert quote == "201"
        assert claim in ("201", "already-quoted")
        replay = check_round(market, project, 4)
        assert (len(replay.live), replay.claims) == (4, set())
        assert replay.names[3:] == (["slot.claimed"] if claim == "201" else []) + ["quote.submitted"]
        balance.won("claim" if claim == "201" else "quote", first=claim == "201")

    side_by_side(TIMES, race)
    balance.assert_both_won()


def test_last_slot_goes_to_either_a_claim_or_a_quote(market: Market) -> None:
    early = market.rounds(TIMES // 2, quoted=4)
    late = market.rounds(TIMES // 2, quoted=4, close_early=False)
    balance = Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        round = [*early, *late][number]
        claim, quote = at_once(
            pool,
            lambda: outcome(market.claim(round.id, 5)),
            lambda: outcome(market.quote(round.id, 6)),
            lead=balance.lead,
        )
        over = "window-ended" if round.close_early else "round-full"
        assert (claim, quote) in (("201", "round-full"), (over, "201"))
        replay = check_round(market, round.id, 5, 6)
        assert len(replay.live) + len(replay.claims) == 5
        assert replay.claims == ({mentor(round.id, 5)} if claim == "201" else set())
        balance.won("claim" if claim == "201" else "quote", first=claim == "201")

    side_by_side(TIMES, race)
    balance.assert_both_won()


def test_quote_is_withdrawn_before_the_fifth_or_not_at_all(market: Market) -> None:
    rounds, balance = market.rounds(TIMES, quoted=4), Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        project = rounds[number].id
        withdrawn, quoted = at_once(
            pool,
            lambda: outcome(market.withdraw(project, 1)),
            lambda: outcome(market.quote(project, 5)),
            lead=balance.lead,
        )
        assert quoted == "201"
        assert withdrawn in ("204", "window-ended")
        replay = check_round(market, project, 1, 5)
        assert len(replay.live) == (4 if withdrawn == "204" else 5)
        assert (replay.closed is None) == (withdrawn == "204")
        balance.won("withdrawal" if withdrawn == "204" else "fifth quote", first=withdrawn == "204")

    side_by_side(TIMES, race)
    balance.assert_both_won()


def test_twenty_concurrent_requests_with_one_key_submit_one_quote(market: Market) -> None:
    rounds, tally = market.rounds(TIMES, quoted=2), Counter[str]()
    key = {"Idempotency_Key": "the same"}

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        project = rounds[number].id
        answers = at_once(pool, *[lambda: market.quote(project, 3, **key)] * 20)
        names = [outcome(answer) for answer in answers]
        assert set(names) <= {"201", "idempotency-running"}
        replay = check_round(market, project, 3)
        assert replay.names == ["quote.submitted"] * 3
        kept = [market.quote(project, 3, **key), *(answer for answer in answers if answer.status_code == 201)]
        assert len({answer.text for answer in kept}) == 1
        assert kept[0].get_json()["id"] == replay.live[mentor(project, 3)]
        assert market.quotes.database.quotes.count_documents({"project_id": project}) == 3
        tally.update(names)

    side_by_side(TIMES, race, racers=20, lanes=2)
    print("tally:", dict(tally))
    assert tally["201"] >= TIMES


def test_client_never_reads_a_quote_of_an_open_window(market: Market) -> None:
    rounds, balance = market.rounds(TIMES, quoted=4), Balance()

    def race(number: int, pool: ThreadPoolExecutor) -> None:
        project = rounds[number].id
        path = f"/api/quotes?project_id={project}"
        read, quoted = at_once(
            pool,
            lambda: market.quotes.call(CLIENT, "GET", path),
            lambda: market.quote(project, 5),
            lead=balance.lead,
        )
        assert outcome(quoted) == "201"
        sealed = outcome(read) == "quotes-sealed"
        assert sealed or len(read.get_json()["items"]) == 5
        balance.won("reader" if sealed else "fifth quote", first=sealed)

    side_by_side(TIMES, race)
    balance.assert_both_won()
