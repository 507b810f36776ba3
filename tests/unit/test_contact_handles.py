"""Handles are found with their sign or after their site; code, packages and tools are not."""

import pytest

from contracts.scan import contact_data


def found(text: str) -> list[tuple[str, str]]:
    return [(leak.kind, leak.text) for leak in contact_data(text)]


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("@acme_insta", "@acme_insta"),
        ("Twitter : @thomas", "@thomas"),
        ("@nestle.fr", "@nestle.fr"),
        ("@acme/insta", "@acme"),
        ("insta : acme_paris", "acme_paris"),
        ("LinkedIn: thomas-dupont-4b", "thomas-dupont-4b"),
        ("Skype : live_acme75", "live_acme75"),
        ("Discord : thomas#1234", "thomas#1234"),
        ("/in/thomas-dupont", "/in/thomas-dupont"),
        ("LinkedIn : in/thomas-dupont", "in/thomas-dupont"),
        ("t.me/acme", "t.me/acme"),
        ("malt.fr/profile/thomas", "malt.fr/profile/thomas"),
        ("github.com/acme", "github.com/acme"),
        ("linktr.ee/acme", "linktr.ee/acme"),
    ],
)
def test_handle_is_found(text: str, handle: str) -> None:
    assert found(f"Retrouvez-nous, {text} et merci.") == [("handle", handle)]


@pytest.mark.parametrize(
    "text",
    [
        "@media print", "@media (min-width: 600px)", "@keyframes x", "@property", "@font-face", "@import url",
        "@layer base",
        "@app.route('/')", "@Override", "@pytest.fixture", "@Component({", "@retry(3)", "@cached\ndef f",
        "@angular/core",
        "@types/node", "@nestjs/common", "@click=\"go\"", "@param x", "@Autowired", "@here", "@everyone", "@copilot",
        "@github",
        "@ 500 €", "@2x", "check in/check-out", "opt-in/opt-out", "sign in/sign-up", "Instagram : stories",
        "LinkedIn : publications", "Twitter : 2 par jour", "Facebook : 3 posts", "compte : client",
    ],
)  # fmt: skip
def test_code_packages_and_tools_are_no_handle(text: str) -> None:
    assert found(f"Nous avons {text} en place.") == []
