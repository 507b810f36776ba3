"""The rules of the accounts service: passwords, e-mail addresses, registration, tokens, signing keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from disposable_email_domains import blocklist
from email_inspector.free_providers import is_free_domain
from email_validator import EmailNotValidError
from hypothesis import given
from hypothesis import strategies as st

from chassis.facts import Refusal
from contracts.facts import AccountChanged
from services.accounts.model import (
    FREE_ATTEMPTS,
    WAITS_S,
    Account,
    RefreshToken,
    Session,
    SigningKey,
    check_password,
    common_passwords,
    email_key,
    first_ring,
    is_public_domain,
    normal_email,
    normal_password,
    register,
)

MAILBOXES = Path("services/accounts/model/mailboxes.txt")

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMAIL = "thomas.martin@example.org"
MINUTES = timedelta(minutes=1)
DAYS = timedelta(days=1)


def complaint(password: str, email: str = EMAIL) -> str | None:
    """The reason why a password is refused, or None."""
    try:
        check_password(password, email, common_passwords())
    except Refusal as refusal:
        (error,) = refusal.errors
        return error["message"] if (refusal.name, error["field"]) == ("invalid", "password") else repr(refusal)
    return None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "une-phrase-assez-longue-1",
        "Vx9#kq2!mZr7",
        "trois petits chats",
        "пароль длинный и свой",
        "a secret that nobody knows",
    ],
)
def test_long_original_password_is_accepted(password: str) -> None:
    assert complaint(password) is None


def test_password_needs_twelve_characters_not_bytes() -> None:
    assert complaint("Vx9#kq2!mZr") == "Give at least 12 characters."
    assert complaint("éàüöñçéàüöñ") == "Give at least 12 characters."
    assert complaint("e\u0301" * 4 + "Vx9#kq2") == "Give at least 12 characters.", (
        "a combining accent does not count as a character"
    )
    assert complaint("éàüöñçéàüöñk") is None


@pytest.mark.parametrize(
    "password",
    [
        "1q2w3e4r5t6y",
        "manchesterunited",
        "ManchesterUnited",
        "M4nch3sterUn1ted",
        "Password2024!",
        "P@ssw0rd1234",
        "2024!motdepasse",
        "vacances2026!",
        "liverpool123",
        "password12345",
        "jesuslovesme",
        "internazionale",
        "MarseilleSoleil",
        "ＰＡＳＳＷＯＲＤ1234",
    ],
)
def test_common_password_is_refused_in_every_variant(password: str) -> None:
    assert complaint(password) == "This password is among the common ones."


def test_list_has_tens_of_thousands_of_breached_passwords() -> None:
    assert len(common_passwords()) > 90_000
    assert {"qwertyuiop", "motdepasse", "azerty", "janvier"} <= common_passwords()


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "ababababcabab",
        "xkqxxkqkxqkx",
        "chatonchaton!chatonchaton!",
        "lapin7lapin7l",
        "abcdefghijklm",
        "mlkjihgfedcba",
        "azertyuiopqsd",
        "AzertyuiopQsd",
        "987654321098",
        "hgfd4567poiu",
    ],
)
def test_repetitive_or_keyboard_pattern_password_is_refused(password: str) -> None:
    assert complaint(password) == "This password repeats itself or runs along the keyboard."


@pytest.mark.parametrize("password", ["thomasmartin-au-travail", "my name: Thomas.Martin", "x9 THOMAS_MARTIN x9"])
def test_password_containing_the_email_local_part_is_refused(password: str) -> None:
    assert complaint(password) == "This password contains your e-mail's name."
    assert complaint(password, "thomas.martin+shop@example.org") == "This password contains your e-mail's name."
    assert complaint(password, "helene@example.org") is None


def test_very_short_email_local_part_may_occur_in_a_password() -> None:
    assert complaint("quelques algues vertes", "al@example.org") is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_every_text_is_accepted_or_refused_without_a_crash(password: str) -> None:
    taken = complaint(password) is None
    assert not taken or len(normal_password(password)) >= 12


@pytest.mark.parametrize(
    "same", ["Thomas.Martin@Example.ORG", "  thomas.martin@example.org ", "THOMAS.MARTIN@EXAMPLE.ORG"]
)
def test_emails_are_compared_case_insensitively(same: str) -> None:
    assert email_key(same) == EMAIL


def test_unicode_and_punycode_domains_are_the_same_email() -> None:
    assert email_key("a@xn--bcher-kva.example") == email_key("a@Bücher.example")


def test_different_mailboxes_have_different_keys() -> None:
    assert len({email_key(text) for text in ("strasse@a.example", "straße@a.example", "str+asse@a.example")}) == 3


def test_local_part_keeps_its_spelling() -> None:
    assert normal_email("Thomas.Martin@Example.ORG") == "Thomas.Martin@example.org"


@pytest.mark.parametrize("text", ["thomas", "a@b@example.org", "a@localhost", "a b@example.org", "", "a@example..org"])
def test_invalid_email_cannot_register_but_has_a_lookup_key(text: str) -> None:
    with pytest.raises(EmailNotValidError):
        normal_email(text)
    assert email_key(text) == text.strip().lower()


@pytest.mark.parametrize(
    "domain",
    [
        "yopmail.com",
        "hotmail.be",
        "skynet.be",
        "mailinator.com",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "sfr.fr",
        "neuf.fr",
        "bbox.fr",
        "laposte.net",
        "numericable.fr",
        "proximus.be",
        "belgacom.net",
        "telenet.be",
        "scarlet.be",
        "voo.be",
        "bluewin.ch",
        "hispeed.ch",
        "gmx.de",
        "gmx.fr",
        "web.de",
        "t-online.de",
        "freenet.de",
        "libero.it",
        "virgilio.it",
        "tiscali.it",
        "ziggo.nl",
        "kpnmail.nl",
        "btinternet.com",
        "wp.pl",
        "seznam.cz",
        "sapo.pt",
        "telefonica.net",
        "pt.lu",
        "gmail.com",
        "googlemail.com",
        "outlook.fr",
        "live.fr",
        "yahoo.fr",
        "icloud.com",
        "me.com",
        "proton.me",
        "pm.me",
        "tuta.com",
        "tutanota.com",
        "hey.com",
        "fastmail.com",
        "zoho.com",
        "mail.ru",
        "yandex.com",
        "aol.com",
        "msn.com",
        "ymail.com",
    ],
)  # fmt: skip
def test_public_mailbox_domain_verifies_no_organisation(domain: str) -> None:
    assert is_public_domain(domain)
    account = Account("a1", f"t@{domain}", f"t@{domain}", "hash", "client", "Thomas", "fr", START)
    assert dict(account.verify(b"secret", is_public_domain, START)[1][0].data) == {"blind_domain": None}


def test_subdomain_of_a_public_domain_is_public() -> None:
    assert is_public_domain("mx1.inbox.yopmail.com")


@pytest.mark.parametrize(
    "domain",
    [
        "nestle.com",
        "nestle-waters.com",
        "danone.com",
        "renault.com",
        "totalenergies.com",
        "orange.com",
        "vittel.com",
        "edf.fr",
        "laposte.fr",
        "swisscom.com",
        "siemens.com",
        "acme.example",
        "notyopmail.com",
        "xn--bcher-kva.example",
        "com",
        "fr",
        "co.uk",
    ],
)  # fmt: skip
def test_company_domain_verifies_its_organisation(domain: str) -> None:
    assert not is_public_domain(domain)


def test_supplement_lists_only_domains_that_the_packages_lack() -> None:
    ours = [line for line in MAILBOXES.read_text().splitlines() if not line.startswith("#")]
    listed = [domain for domain in ours if domain in blocklist or is_free_domain(domain)]
    assert listed == [], "take these lines out"
    assert ours == sorted(set(ours))


def test_registration_event_holds_role_and_language_but_no_name() -> None:
    wish = {"email": "T@example.org", "role": "mentor", "display_name": "Thomas", "locale": "fr"}
    account, facts = register("a1", wish, "hash", START)
    assert (account.id, account.email, account.email_key) == ("a1", "T@example.org", "t@example.org")
    assert [(fact.name, dict(fact.data)) for fact in facts] == [
        ("account.registered", {"role": "mentor", "locale": "fr"})
    ]


def test_only_name_and_language_can_be_revised() -> None:
    account = Account("a1", "t@example.org", "t@example.org", "hash", "mentor", "Thomas", "fr", START, version=3)
    revised, facts = account.revise({"locale": "en", "role": "client", "email": "x@example.org"})
    assert facts == [AccountChanged(locale="en")]
    assert account.revise({"display_name": "Tom", "locale": "fr"})[1] == [], "a change of name publishes no event"
    assert (revised.locale, revised.display_name) == ("en", "Thomas")
    assert (revised.role, revised.email, revised.version) == ("mentor", "t@example.org", 3)


def test_lockout_starts_at_tenth_failure_and_grows_to_fifteen_minutes() -> None:
    assert set(WAITS_S[:FREE_ATTEMPTS]) == {0}
    assert FREE_ATTEMPTS == 10
    waits = WAITS_S[FREE_ATTEMPTS:]
    assert waits[0] == 5
    assert list(waits) == sorted(set(waits))
    assert waits[-1] == 900


def a_token(**changes: Any) -> RefreshToken:
    return replace(RefreshToken("d", "s", issued_at=START, expires_at=START + DAYS), **changes)


def test_refresh_token_is_valid_before_its_expiry_only() -> None:
    assert a_token().is_unexpired(START + DAYS - timedelta(milliseconds=1))
    assert not a_token().is_unexpired(START + DAYS)


GRACE = timedelta(seconds=30)


def test_refresh_token_leaked_once_its_successor_was_used_and_grace_is_over() -> None:
    assert not a_token(key="k").leaked(START, GRACE)
    used = a_token(key="k", used_at=START)
    assert not used.leaked(START + 29 * DAYS, GRACE), "a browser that lost the answer is not signed out"
    superseded = replace(used, superseded_at=START)
    assert not superseded.leaked(START + GRACE - timedelta(milliseconds=1), GRACE)
    assert superseded.leaked(START + GRACE, GRACE)


def test_refresh_token_of_an_older_version_has_only_the_grace() -> None:
    assert not a_token().leaked(START + DAYS, GRACE)
    assert not a_token(used_at=START).leaked(START + GRACE - timedelta(milliseconds=1), GRACE)
    assert a_token(used_at=START).leaked(START + GRACE, GRACE)


def test_refreshed_session_never_outlives_its_absolute_life() -> None:
    session = Session("s", "a", START, START, START).extended(START, 30 * DAYS, 90 * DAYS)
    assert session.expires_at == START + 30 * DAYS
    late = session.extended(START + 80 * DAYS, 30 * DAYS, 90 * DAYS)
    assert (late.refreshed_at, late.expires_at) == (START + 80 * DAYS, START + 90 * DAYS)
    assert not late.is_over(START + 90 * DAYS - MINUTES, 90 * DAYS)
    assert late.is_over(START + 90 * DAYS, 90 * DAYS)


LIFE, TOKEN_LIFE = 30 * DAYS, 10 * MINUTES


class Forge:
    """Creates keys named k1, k2, …"""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, signs_from: datetime) -> SigningKey:
        self.made += 1
        return SigningKey(f"k{self.made}", "pem", signs_from)


def names(ring: Any) -> list[str]:
    return [key.id for key in ring.keys]


def test_next_key_is_published_long_before_it_signs() -> None:
    ring = first_ring(Forge(), LIFE, START)
    assert names(ring) == ["k1", "k2"]
    assert ring.signing(START).id == "k1"
    assert ring.signing(START + LIFE - MINUTES).id == "k1"
    assert ring.signing(START + LIFE).id == "k2"


def test_former_key_stays_published_until_its_last_token_expires() -> None:
    forge = Forge()
    ring = first_ring(forge, LIFE, START)
    assert ring.due_at(TOKEN_LIFE) == START + LIFE + TOKEN_LIFE
    ring.rotate(forge, LIFE, TOKEN_LIFE, START + LIFE + TOKEN_LIFE)
    assert names(ring) == ["k2", "k3"]
    assert ring.keys[1].signs_from == START + 2 * LIFE
    assert ring.due_at(TOKEN_LIFE) == START + 2 * LIFE + TOKEN_LIFE


def test_late_rotated_key_still_waits_before_it_signs() -> None:
    forge = Forge()
    ring = first_ring(forge, LIFE, START)
    late = START + 5 * LIFE
    assert ring.signing(late).id == "k2", "while no worker runs, the last key keeps signing"
    ring.rotate(forge, LIFE, TOKEN_LIFE, late)
    assert ring.signing(late).id == "k2"
    assert ring.signing(late + LIFE - TOKEN_LIFE - MINUTES).id == "k2"
    assert ring.signing(late + LIFE - TOKEN_LIFE).id == "k3"


@given(st.lists(st.integers(0, 100 * 24 * 60), min_size=1, max_size=40))
def test_valid_tokens_keep_their_key_and_two_keys_are_published(pauses: list[int]) -> None:
    forge, now, living = Forge(), START, []
    ring = first_ring(forge, LIFE, START)
    for pause in pauses:
        now += pause * MINUTES
        living.append((ring.signing(now).id, now + TOKEN_LIFE))
        if ring.due_at(TOKEN_LIFE) <= now:
            ring.rotate(forge, LIFE, TOKEN_LIFE, now)
        assert len(ring.keys) == 2
        assert {name for name, ends in living if ends > now} <= set(names(ring))
