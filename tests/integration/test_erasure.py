"""What each service does when an account is erased or an e-mail is verified, on a real MongoDB."""

from datetime import timedelta

import pytest

from chassis.erasure import erased_of
from chassis.events import Event
from chassis.ids import new_id
from chassis.mongo import Document, Documents
from chassis.places import rows_of
from chassis.unit import Unit
from contracts.blind import domain_digest
from services.projects.model.project import ABANDONED
from services.projects.store.vault import CLIENTS
from services.quotes import handlers as quotes_handlers
from services.quotes import store as quotes_store
from services.quotes.model import Quote, Terms
from stories.people import in_days
from tests.kit.databases import everything as rows_by_name
from tests.kit.examples import ACCEPTED, ORGANISATION, PROFILE, card, posted_data
from tests.kit.market import seat
from tests.kit.matching import Matching
from tests.kit.projects import Projects
from tests.kit.services import Running


def erasure_events(service: Running, account: str) -> list[Document]:
    """The service's events about the erasure."""
    return service.payloads(account, "erasure.done")


def everything(database: Documents) -> str:
    """Everything stored, except for events that have been or will be published."""
    return "\n".join(str(rows) for name, rows in rows_by_name(database).items() if name not in ("outbox", "inbox"))


# projects


@pytest.fixture
def projects(database: Documents) -> Projects:
    return Projects(database)


def test_erased_clients_name_and_brief_are_deleted_and_mentors_notified(projects: Projects) -> None:
    projects.invite("a")
    projects.hear("account.erased", "client", role="client")
    left = everything(projects.database)
    for text in ("Nestlé", "nestle-waters", "Hélène", "Accompagner", "jeunes professionnels"):
        assert text not in left, text
    (row,) = projects.database.outbox.find({"name": "project.cancelled"})
    assert row["payload"] == {"reason": ABANDONED, "by": "departure"}
    assert erasure_events(projects, "client") == [{"service": "projects"}]
    assert projects.call("client", "PUT", "/api/organisations/me", ORGANISATION).status_code == 401
    assert projects.database.organisations.count_documents({}) == 0


def test_client_leaving_while_choosing_refuses_all_quotes(projects: Projects) -> None:
    quotes = [{"quote_id": "q", "account": "a", "mentor_id": "card-a"}]
    closed = {"reason": "deadline", "closed_at": projects.now, "quotes": quotes, "digests": []}
    projects.hear("window.closed", projects.id, **closed)
    projects.hear("account.erased", "client", role="client")
    assert [row["payload"] for row in projects.database.outbox.find({"name": "project.refused"})] == [
        {"reason": ABANDONED, "by": "departure"}
    ]


def test_quotes_arriving_after_their_client_left_are_refused_immediately(projects: Projects) -> None:
    past = projects.now - timedelta(seconds=1)
    projects.database.projects.update_one({"_id": projects.id}, {"$set": {"closes_at": past}})
    projects.hear("account.erased", "client", role="client")
    assert projects.database.outbox.count_documents({"name": "project.cancelled"}) == 0
    quotes = [{"quote_id": "q", "account": "a", "mentor_id": "card-a"}]
    projects.hear("window.closed", projects.id, reason="deadline", closed_at=past, quotes=quotes, digests=[])
    assert projects.database.outbox.count_documents({"name": "project.refused"}) == 1


def test_leaving_client_leaves_no_answer_and_no_reason(projects: Projects) -> None:
    projects.invite("a")
    question = projects.asked("a", "Sur quel outil travaillez-vous ?")
    assert projects.answer(question["id"], "Avec celui de ma cousine.").status_code == 200
    cancelled = projects.call("client", "POST", f"/api/projects/{projects.id}/cancellation", {"reason": "Je déménage."})
    assert cancelled.status_code == 200
    projects.hear("account.erased", "client", role="client")
    left = everything(projects.database)
    assert "Sur quel outil" in left, "the question belongs to the mentor"
    assert "cousine" not in left
    assert "Je déménage" not in left


def test_award_whose_last_client_leaves_is_completed_with_its_order(projects: Projects) -> None:
    quotes = [{"quote_id": "q", "account": "a", "mentor_id": "card-a"}]
    closed = {"reason": "deadline", "closed_at": projects.now, "quotes": quotes, "digests": []}
    projects.hear("window.closed", projects.id, **closed)
    accepted = projects.call("client", "POST", f"/api/projects/{projects.id}/acceptance", {"quote_id": "q"})
    assert accepted.status_code == 200
    projects.hear("account.erased", "client", role="client")
    ((completed,),) = [[row["payload"] for row in projects.database.outbox.find({"name": "project.completed"})]]
    assert completed == {"account": "a", "client": "client"}
    of = {"quote_id": "q", "account": "a", "mentor_id": "card-a", "received_at": projects.now}
    projects.hear("quote.accepted", projects.id, **ACCEPTED, **of)
    order = projects.call("a", "GET", f"/api/projects/{projects.id}/order")
    assert (order.status_code, (order.json or {})["client"]["name"]) == (200, "Nestlé Waters")
    assert rows_of(projects.database, CLIENTS).count_documents({}) == 0


def test_organisation_outlives_a_leaving_owner_and_gets_another_owner(projects: Projects) -> None:
    join = {"members": {"account": "client-2", "role": "member"}}
    projects.database.organisations.update_one({}, {"$push": join, "$inc": {"version": 1}})
    projects.hear("account.erased", "client", role="client")
    (organisation,) = projects.database.organisations.find()
    assert organisation["members"] == [{"account": "client-2", "role": "owner", "display_name": ""}]
    assert organisation["due_at"] <= projects.now, "its projects are updated next"
    (project,) = projects.database.projects.find()
    assert project["state"] == "collecting"
    assert project["brief"].startswith("Que de jeunes")
    assert erasure_events(projects, "client") == [{"service": "projects"}]


def test_leaving_client_takes_its_wordings_along(projects: Projects) -> None:
    projects.invite("a")
    projects.answer(projects.asked("a", "Est-ce Nestlé Waters ?")["id"], "Non.", question="Quelle est votre cantine ?")
    projects.hear("account.erased", "client", role="client")
    assert "cantine" not in everything(projects.database)


def test_leaving_mentors_questions_are_deleted_and_the_mentor_cannot_be_chosen(projects: Projects) -> None:
    projects.invite("a", "b")
    question = projects.asked("a", "Sur quel outil travaillez-vous ?")
    projects.answer(question["id"])
    quotes = [{"quote_id": f"q-{who}", **card(who)} for who in "ab"]
    closed = {"reason": "deadline", "closed_at": projects.now, "quotes": quotes, "digests": []}
    projects.hear("window.closed", projects.id, **closed)
    projects.hear("account.erased", "a", role="mentor")
    assert "Sur quel outil" not in everything(projects.database)
    path = f"/api/projects/{projects.id}/acceptance"
    assert projects.call("client", "POST", path, {"quote_id": "q-a"}).status_code == 409
    assert projects.call("client", "POST", path, {"quote_id": "q-b"}).status_code == 200
    assert erasure_events(projects, "a") == [{"service": "projects"}]


def test_late_events_do_not_restore_an_erased_mentor(projects: Projects) -> None:
    projects.hear("account.erased", "a", role="mentor")
    projects.invite("a")
    assert projects.ask("a").status_code == 401
    assert projects.database.invitations.count_documents({}) == 0
    quotes = [{"quote_id": "q", "account": "a", "mentor_id": "card-a"}]
    closed = {"reason": "deadline", "closed_at": projects.now, "quotes": quotes, "digests": []}
    projects.hear("window.closed", projects.id, **closed)
    assert (projects.database.projects.find_one() or {})["state"] == "unfilled"


def verified(projects: Projects) -> bool:
    return bool((projects.call("client", "GET", "/api/organisations/me").json or {})["verified"])


def confirm(projects: Projects, domain: str | None) -> None:
    blind = domain and domain_digest(projects.config.blind_secret, "client", domain)
    projects.hear("account.verified", "client", blind_domain=blind)


@pytest.mark.parametrize(
    ("domain", "proves"),
    [("nestle-waters.com", True), ("nestle.waters.com", False), ("nestlewaters.com", False), (None, False)],
)
def test_organisation_is_verified_by_mail_at_one_of_its_domains(
    projects: Projects, domain: str | None, proves: bool
) -> None:
    assert not verified(projects)
    confirm(projects, domain)
    assert verified(projects) is proves


def test_verification_follows_the_named_domain_even_if_added_later(projects: Projects) -> None:
    confirm(projects, "waters.example")
    for domains, proven in ((["waters.example", "x.org"], True), (["x.org"], False)):
        projects.call("client", "PUT", "/api/organisations/me", ORGANISATION | {"domains": domains})
        assert verified(projects) is proven


def test_change_to_an_email_elsewhere_withdraws_the_verification(projects: Projects) -> None:
    for domain, proven in (("nestle-waters.com", True), ("elsewhere.example", False), ("nestle-waters.com", True)):
        confirm(projects, domain)
        assert verified(projects) is proven


def test_digest_made_for_one_account_proves_nothing_for_another(projects: Projects) -> None:
    blind = domain_digest(projects.config.blind_secret, "somebody-else", "nestle-waters.com")
    projects.hear("account.verified", "client", blind_domain=blind)
    assert not verified(projects)


# quotes


class Quotes(Running):
    """A round with a quote of "a", a claim of "b" and a quote of "c"."""

    def __init__(self, database: Documents) -> None:
        super().__init__("quotes", database)
        self.hear("project.posted", "p", **posted_data("client", posted_at=self.now))
        self.invite("a", "b", "c")
        self.work.run(self._fill)

    def invite(self, *accounts: str) -> None:
        self.hear("mentors.invited", "p", wave=1, mentors=[card(account) for account in accounts])

    def _fill(self, unit: Unit) -> None:
        round = quotes_store.find_round(unit, "p")
        assert round is not None
        facts = round.claim(seat("b"), unit.now)
        for who in "ac":
            facts += round.submit(seat(who), f"q-{who}", "d" * 64, in_days(90), unit.now)
            price = {"amount": 1, "currency": "EUR"}
            terms = Terms(price, 3, in_days(30), f"Une idée de {who}", in_days(90))
            quotes_store.save_quote(unit, Quote(f"q-{who}", "p", who, f"card-{who}", terms, None, unit.now))
        quotes_store.save_round(unit, round, facts)

    def slots(self) -> list[str]:
        return sorted(slot["account"] for slot in (self.database.rounds.find_one() or {})["slots"])

    def close(self) -> None:
        past = self.now - timedelta(seconds=1)
        self.database.rounds.update_one({}, {"$set": {"closes_at": past, "accepts_until": past}})
        self.fire("p")


@pytest.fixture
def quotes(database: Documents) -> Quotes:
    return Quotes(database)


def test_leaving_mentor_frees_the_slot_while_the_window_is_open(quotes: Quotes) -> None:
    quotes.hear("account.erased", "a", role="mentor")
    assert quotes.slots() == ["b", "c"]
    assert quotes.payloads("p", "quote.withdrawn") == [{"quote_id": "q-a", "account": "a"}]
    quotes.hear("account.erased", "b", role="mentor")
    assert quotes.slots() == ["c"]
    assert quotes.payloads("p", "slot.released") == [{"account": "b"}]
    assert "Une idée de a" not in everything(quotes.database)
    assert "Une idée de c" in everything(quotes.database)
    assert erasure_events(quotes, "a") == [{"service": "quotes"}]


def test_undecided_quote_is_deleted_with_its_mentor_but_digests_stay(quotes: Quotes) -> None:
    quotes.close()
    quotes.hear("account.erased", "a", role="mentor")
    round = quotes.database.rounds.find_one() or {}
    assert [slot["account"] for slot in round["slots"]] == ["c"]
    assert len(round["digests"]) == 2
    assert quotes.payloads("p", "quote.withdrawn") == []
    assert [row["_id"] for row in quotes.database.quotes.find()] == ["q-c"]


def test_accepted_quote_keeps_its_terms_without_an_account(quotes: Quotes) -> None:
    quotes.close()
    row = {"price": {"amount": 1, "currency": "EUR"}, "outcome": "accepted"}
    quotes.database.quotes.update_one({"_id": "q-a"}, {"$set": row})
    quotes.database.rounds.update_one({}, {"$set": {"settled": True}})
    quotes.hear("account.erased", "a", role="mentor")
    kept = quotes.database.quotes.find_one({"_id": "q-a"}) or {}
    assert (kept["account"], kept["proposal"], kept["price"]["amount"]) == ("", "", 1)
    assert "receipt" not in kept


def test_award_to_somebody_who_has_left_settles_nothing(quotes: Quotes) -> None:
    quotes.close()
    quotes.hear("account.erased", "a", role="mentor")
    quotes.hear("project.awarded", "p", quote_id="q-a", account="a", client="client")
    assert quotes.payloads("p", "quote.missing") == [{"quote_id": "q-a"}]
    assert quotes.payloads("p", "quotes.settled") == quotes.payloads("p", "quote.accepted") == []
    receipt = {"nonce": "0" * 64, "digest": "d" * 64, "received_at": quotes.now, "jws": "x"}
    quotes.database.quotes.update_one({"_id": "q-c"}, {"$set": {"receipt": receipt}})
    quotes.hear("project.awarded", "p", 2, quote_id="q-c", account="c", client="client")
    (settled,) = quotes.payloads("p", "quotes.settled")
    assert [quote["outcome"] for quote in settled["quotes"]] == ["accepted"]
    assert len(quotes.payloads("p", "quote.accepted")) == 1
    quotes.hear("project.awarded", "p", 3, quote_id="q-a", account="a", client="client")
    assert len(quotes.payloads("p", "quote.missing")) == 1, "the round is settled"


def test_quote_and_its_mentors_concurrent_erasure_are_not_both_stored(quotes: Quotes) -> None:
    quotes.invite("d")
    tries: list[Unit] = []

    def submit(unit: Unit) -> None:
        round = quotes_store.find_round(unit, "p")
        assert round is not None
        facts = round.submit(seat("d"), "q-d", "d" * 64, in_days(90), unit.now)
        terms = Terms({"amount": 1, "currency": "EUR"}, 3, in_days(30), "Une idée de d", in_days(90))
        quotes_store.save_quote(unit, Quote("q-d", "p", "d", "card-d", terms, None, unit.now))
        quotes_store.save_round(unit, round, facts)

    def erase(unit: Unit) -> None:
        unit.find("erasures", {"_id": "d"})  # this transaction's snapshot is from before the quote
        tries.append(unit)
        if len(tries) == 1:
            quotes.work.run(submit)
        gone = Event(new_id(), "account.erased", "d", 1, quotes.now, {"role": "mentor"})
        quotes_handlers.erase_person(gone, unit, None)

    quotes.work.run(erase)
    assert len(tries) == 2
    assert "Une idée de d" not in everything(quotes.database)
    assert quotes.slots() == ["a", "b", "c"]


def test_late_invitation_does_not_admit_an_erased_mentor(quotes: Quotes) -> None:
    quotes.hear("account.erased", "d", role="mentor")
    quotes.invite("d", "e")
    assert quotes.database.invitations.count_documents({"account": "d"}) == 0
    assert quotes.database.invitations.count_documents({"account": "e"}) == 1


# matching


@pytest.fixture
def matching(database: Documents) -> Matching:
    return Matching(database, wave=1)


def test_erased_mentor_is_on_no_shortlist(matching: Matching) -> None:
    for account in "ab":
        matching.profile(account, school=f"École de {account}")
    matching.post("p")
    ((first,),) = matching.waves("p")
    other = next(account for account in "ab" if account != first)
    matching.hear("account.erased", other, 1, role="mentor")
    matching.pass_time("p")
    assert matching.waves("p") == [{first}]
    assert f"École de {other}" not in everything(matching.database)
    assert erasure_events(matching, other) == [{"service": "matching"}]
    assert matching.call(other, "PUT", "/api/mentors/me", PROFILE).status_code == 401
    matching.hear("account.erased", first, 1, role="mentor")
    assert matching.database.invitations.count_documents({}) == 0


def test_erased_client_causes_no_more_invitations_and_leaves_no_brief(matching: Matching) -> None:
    for account in "ab":
        matching.profile(account)
    matching.post("p", avoid_client=["Nestlé"])
    matching.hear("account.erased", "client", 1, role="client")
    matching.pass_time("p")
    assert len(matching.waves("p")) == 1
    assert "jeunes professionnels" not in everything(matching.database)
    matching.post("late")
    assert matching.waves("late") == [], "a brief that arrives after its client was erased"
    assert "jeunes professionnels" not in everything(matching.database)


def test_brief_is_deleted_with_its_last_client_in_any_order(matching: Matching) -> None:
    matching.profile("a")
    for number, (first, second) in enumerate([("shared", "erased"), ("erased", "shared")]):
        project, ann, bob = f"p{number}", f"ann-{number}", f"bob-{number}"
        matching.post(project, client=ann, clients=[ann, bob])
        for what in (first, second):
            assert "jeunes professionnels" in everything(matching.database)
            if what == "shared":
                matching.hear("project.shared", project, 2, clients=[ann], ended=False)
            else:
                matching.hear("account.erased", ann, 1, role="client")
        assert "jeunes professionnels" not in everything(matching.database), (first, second)
    matching.post("p", client="cleo", clients=["cleo", "dan"])
    matching.hear("account.erased", "cleo", 1, role="client")
    assert "jeunes professionnels" in everything(matching.database), "dan still has the project"
    matching.hear("project.shared", "p", 2, clients=[], ended=True)
    assert "jeunes professionnels" not in everything(matching.database), "no client is left"


def test_suspended_mentor_is_not_invited_until_reinstated(matching: Matching) -> None:
    matching.profile("a")
    matching.hear("account.suspended", "a", 2)
    matching.post("p1")
    assert matching.waves("p1") == []
    matching.hear("account.reinstated", "a", 3)
    matching.post("p2")
    assert matching.waves("p2") == [{"a"}]


def test_newest_of_suspension_and_reinstatement_wins(matching: Matching) -> None:
    matching.profile("a")
    matching.hear("account.reinstated", "a", 3)
    matching.hear("account.suspended", "a", 2)
    matching.post("p")
    assert matching.waves("p") == [{"a"}]


# the chassis


def test_service_remembers_an_erasure_and_confirms_it_again_on_redelivery(matching: Matching) -> None:
    for _ in range(2):
        matching.hear("account.erased", "a", 1, role="mentor")
    assert erasure_events(matching, "a") == [{"service": "matching"}] * 2
    assert matching.work.run(lambda unit: erased_of(unit, ["a", "b"])) == {"a"}
