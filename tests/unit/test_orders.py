"""The rules of an order: content, tax and total, and its texts in both languages."""

import re
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.facts import Refusal
from contracts.events import CONTRACT
from services.projects.clients.pdf import render
from services.projects.model.orders import REGIMES, Vat, check_billing, vat_under
from services.projects.store.orders import completion
from services.projects.views.paper import LANGUAGES, file_name, money, notes, sheet, texts, vat_note
from services.quotes.model import Quote, Receipt, Terms, accepted
from tests.kit.orders import CLIENT, IDENTITY, KEYS, MENTOR, NOW, TERMS, order


def refused(details: dict[str, Any], role: str) -> set[str]:
    with pytest.raises(Refusal) as refusal:
        check_billing(details, role)
    return {error["field"] for error in refusal.value.errors}


# Price and tax.


@pytest.mark.parametrize(
    ("price", "tax"), [(390_000, 78_000), (1, 0), (2, 0), (3, 1), (12, 2), (13, 3), (99_999, 20_000)]
)
def test_standard_tax_is_rounded_half_up_to_the_cent(price: int, tax: int) -> None:
    assert order(regime="standard", price={"amount": price, "currency": "EUR"}).amounts == (tax, price + tax)


@pytest.mark.parametrize("regime", [regime for regime in REGIMES if regime != "standard"])
def test_no_other_regime_adds_tax(regime: str) -> None:
    assert order(regime=regime).amounts == (0, 390_000)


def test_total_is_missing_without_the_mentors_vat_regime() -> None:
    assert order(regime=None).amounts is None
    assert order(regime=None).vat is None


@given(st.integers(1, 10**12))
def test_the_total_is_the_price_and_its_tax(price: int) -> None:
    tax, total = order(regime="standard", price={"amount": price, "currency": "EUR"}).amounts or (0, 0)
    assert total - price == tax
    assert abs(tax * 100 - price * 20) <= 50


# Details that each party may give.


def test_each_party_gives_only_its_own_details() -> None:
    check_billing(MENTOR | {"vat_regime": "franchise"}, "mentor")
    check_billing(CLIENT, "client")
    assert refused(MENTOR, "mentor") == {"vat_regime"}
    assert refused(MENTOR | {"vat_regime": "exempt", "purchase_order": "x"}, "mentor") == {"purchase_order"}
    assert refused(CLIENT | {"vat_regime": "exempt"}, "client") == {"vat_regime"}


@pytest.mark.parametrize("regime", ["standard", "reverse-charge"])
def test_vat_regime_with_a_number_requires_that_number(regime: str) -> None:
    assert refused(MENTOR | {"vat_regime": regime}, "mentor") == {"vat_number"}
    check_billing(MENTOR | {"vat_regime": regime, "vat_number": "FR32912345678"}, "mentor")


# Content.


def test_acceptance_event_holds_exactly_what_the_order_needs() -> None:
    receipt = Receipt(nonce="secret", digest=TERMS["digest"], received_at=NOW, jws="signed")
    fact = accepted(Quote("q1", "p", TERMS["account"], TERMS["mentor_id"], Terms.of(TERMS), receipt, NOW))
    assert fact.name == "quote.accepted"
    assert CONTRACT.load(fact.name, CONTRACT.dump(fact.name, fact.data)) == TERMS | {"received_at": NOW}


def test_order_holds_both_parties_terms_and_digest() -> None:
    issued = order()
    assert (issued.id, issued.organisation, issued.number, issued.revision) == ("p", "org", 12, 0)
    assert asdict(issued.client) == {"name": "Nestlé Waters", "contact": IDENTITY.contact, "billing": CLIENT}
    assert (issued.mentor.billing or {})["legal_name"] == "Thomas Łuk"
    assert {name: getattr(issued, name) for name in ("price", "days", "starts_on")} == {
        name: TERMS[name] for name in ("price", "days", "starts_on")
    }
    assert issued.quote.digest == TERMS["digest"]
    assert issued.missing == []


def test_party_without_details_is_missing_until_it_gives_them() -> None:
    assert order(client=None, regime=None).missing == ["client", "mentor"]
    change = completion("mentor", MENTOR | {"vat_regime": "exempt"}, NOW)
    assert Vat(**change["vat"]) == vat_under(MENTOR | {"vat_regime": "exempt"}) == Vat("exempt", 0)
    assert completion("client", CLIENT, NOW).keys() == {"client.billing", "revised_at"}


# Texts.


def test_both_languages_have_the_same_texts_and_placeholders() -> None:
    french, english = (texts(language) for language in LANGUAGES)
    assert french.keys() == english.keys()
    for name in french:
        assert re.findall("{.*?}", str(french[name])) == re.findall("{.*?}", str(english[name])), name


def test_every_order_states_that_no_payment_is_taken() -> None:
    assert notes(order(), "fr")[0] == "Aucun paiement n’est encaissé par Relève."
    assert notes(order(), "en")[0] == "Relève takes no payment."
    assert len(notes(order(), "en")) == 2
    assert len(notes(order(client=None, regime=None), "en")) == 4


@pytest.mark.parametrize(
    ("regime", "french", "english"),
    [
        ("franchise", "TVA non applicable, art. 293 B du CGI.", "VAT not applicable, article 293 B"),
        ("standard", "TVA au taux normal de 20 %.", "VAT at the standard rate of 20%."),
        ("reverse-charge", "Autoliquidation", "Reverse charge"),
        ("exempt", "Exonération de TVA", "Exempt from VAT"),
        (None, "régime de TVA : la facture le précise", "The mentor has not stated a VAT regime yet"),
    ],
)
def test_each_vat_regime_has_its_legal_note(regime: str | None, french: str, english: str) -> None:
    assert french in vat_note(order(regime=regime), "fr")
    assert english in vat_note(order(regime=regime), "en")


@pytest.mark.parametrize(
    ("amount", "currency", "french", "english"),
    [
        (390_000, "EUR", "3 900,00 €", "€3,900.00"),
        (5, "EUR", "0,05 €", "€0.05"),
        (390_000, "JPY", "390 000 JPY", "JP¥390,000"),
        (1_234, "TND", "1,234 TND", "TND1.234"),
    ],
)
def test_money_uses_its_currencys_minor_units(amount: int, currency: str, french: str, english: str) -> None:
    assert money(amount, currency, "fr").replace("\u202f", " ").replace("\xa0", " ") == french
    assert money(amount, currency, "en").replace("\xa0", "") == english


def test_dates_and_amounts_follow_the_language() -> None:
    french, english = (sheet(order(regime="standard"), language, KEYS) for language in LANGUAGES)
    assert (french["title"], english["title"]) == ("Confirmation de commande n° 12", "Order confirmation no. 12")
    assert (french["days"], english["days"]) == ("6,5 jours", "6.5 days")
    assert (french["starts_on"], english["starts_on"]) == ("7 décembre 2026", "7 December 2026")
    assert [label for label, _ in english["totals"]] == ["Price before tax", "VAT 20%", "Total including VAT"]
    assert english["totals"][-1][1] == "€4,680.00"
    assert sheet(order(days=1), "en", KEYS)["days"] == "1 day"
    assert file_name(order(), "fr") == "commande-12.pdf"


def test_dates_are_days_in_paris_time() -> None:
    assert ["Issued on", "26 November 2026"] in sheet(order(), "en", KEYS)["facts"]


def test_order_shows_client_reference_and_missing_details() -> None:
    assert ["Référence du client", "PO-7"] in sheet(order(), "fr", KEYS)["facts"]
    client, mentor = sheet(order(client=None, regime=None), "en", KEYS)["parties"]
    assert (client["name"], mentor["name"]) == ("Nestlé Waters", "Mentor card card-of-thomas")
    assert client["missing"] == mentor["missing"] == "Billing details not given so far: the invoice completes them."


def test_order_document_holds_no_account_id() -> None:
    assert "account-of-thomas" not in str(sheet(order(), "fr", KEYS))


@pytest.mark.parametrize(
    "hostile", ['#import "x": *', "$ x $", "]] #panic()", "= Titre", "\x01\u202e", "😀 你好", "x" * 5_000, "\\" * 50]
)
def test_user_text_is_typeset_literally_and_never_as_markup(hostile: str) -> None:
    made = order(CLIENT | {"legal_name": hostile}, proposal=hostile * 3)
    assert render(made, "fr", KEYS).startswith(b"%PDF-")
    assert render(made, "fr", KEYS) == render(made, "fr", KEYS)
