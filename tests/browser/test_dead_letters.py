"""Dead letters, by the operators' pages alone, in both languages, with scripts and without.

A poisoned event in a real topic is listed, replayed in vain, and dropped; one whose cause is mended is replayed.
"""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from chassis.broker import Broker
from chassis.broker.clients import Record
from chassis.dead_letters import DeadLetter, DeadLetters
from chassis.events import Envelope, encode, source_of
from chassis.ids import new_id
from contracts.events import CONTRACT
from contracts.topics import topic_of
from deploy.dlq import DeadLetterBox
from deploy.local.system import System
from stories.people import PASSWORD, Person
from tests.kit.browser import Tab, enrol, mentions, person
from tests.kit.waiting import until

SECRET = "Atelier Brume propose 12345 euros"


def message(service: str, name: str, payload: dict[str, str]) -> tuple[str, Record]:
    subject = new_id()
    sent = Envelope(new_id(), source_of(service), name, 1, subject, 1, datetime.now(UTC), payload)
    key, value, headers = encode(sent)
    return subject, Record(topic_of(service), 0, 0, key, value, headers, -1)


def poison(broker: Broker) -> str:
    """Publishes a project without its fields, which no service can read; returns its subject."""
    subject, made = message("projects", "project.posted", {"title": SECRET})
    producer = broker.producer()
    producer.send(made.topic, key=made.key, value=made.value, headers=list(made.headers)).get(timeout=20)
    producer.close(timeout=5)
    return subject


def mended(broker: Broker) -> str:
    """Sets an event aside in matching whose cause is mended by now; returns its subject."""
    subject, made = message("accounts", "account.suspended", {})
    letters = DeadLetters(broker, "matching")
    letters.put(made, DeadLetter("matching", 5, "handler failed: builtins.ValueError"))
    letters.close()
    return subject


def open_letter(tab: Tab, service: str, subject: str) -> None:
    """Opens the letter about this subject once its service has listed it."""

    def there() -> bool:
        tab.go(f"/ops/dead-letters?service={service}")
        return tab.page.locator(".row", has_text=subject).count() > 0

    until(there, what=f"a dead letter of {service}")
    tab.page.locator(".row a", has_text=subject).first.click()
    expect(tab.page.locator("#letter")).to_contain_text(subject)


def decide(tab: Tab, kind: str) -> None:
    """Asks for a deed with a reason."""
    tab.page.locator(f".deeds a[href$='/{kind}']").click()
    tab.page.locator("#reason").fill("Le défaut est corrigé.")
    tab.page.locator("main form .button").first.click()
    expect(tab.page).to_have_url(re.compile(rf"\?done={kind}$"))


def becomes(tab: Tab, text: str, *, scripts: bool) -> None:
    """Waits until the page says so: by itself where scripts run, otherwise by reading it again."""
    shown = tab.page.locator("#letter")
    if scripts:
        expect(shown).to_contain_text(text)
    else:
        until(lambda: tab.page.reload() and text in shown.inner_text().replace("\u00a0", " "), what=text)


@pytest.mark.parametrize(
    ("locale", "scripts", "again", "dropped", "replayed"),
    [
        ("fr", True, "il a échoué de nouveau", "Écarté", "Rejoué"),
        ("en", False, "it failed again", "Dropped", "Replayed"),
    ],
)
def test_operator_drops_a_poisoned_event_and_replays_one_whose_cause_is_mended(
    browser: Browser, system: System, hired: Person, locale: str, scripts: bool, again: str, dropped: str, replayed: str
) -> None:
    broker = Broker(system.kafka)
    poisoned, sound = poison(broker), mended(broker)
    hired.call("PATCH", "/api/accounts/me", {"locale": locale})
    options = {"locale": locale, "java_script_enabled": scripts}
    with person(browser, f"http://127.0.0.1:{system.operators_port}", **options) as tab:
        enrol(tab, hired.email, PASSWORD)
        open_letter(tab, "quotes", poisoned)
        expect(tab.page.locator("#letter")).to_contain_text("breaks the schema at")
        decide(tab, "replay")
        becomes(tab, again, scripts=scripts)
        decide(tab, "drop")
        becomes(tab, dropped, scripts=scripts)
        open_letter(tab, "matching", sound)
        decide(tab, "replay")
        becomes(tab, replayed, scripts=scripts)
        tab.go("/ops/audit?service=quotes")
        expect(tab.page.locator(".row", has_text="Le défaut est corrigé.").first).to_contain_text(poisoned)
        assert mentions(tab.received, ["Brume", "12345"]) == [], "a page holds a payload"
    for service, subject, state in (("quotes", poisoned, "dropped"), ("matching", sound, "replayed")):
        every = DeadLetterBox(broker, service, CONTRACT, "test", lambda *row: None).letters()
        assert [one.state for one in every if one.header("ce_subject") == subject] == [state]
