"""A colleague runs a programme while they belong to the organisation; a guest opens it, and nothing else, by a mail."""

import re
from pathlib import Path

import httpx

from stories.nestle_waters import ORGANISATION, expect
from stories.people import Person, client
from tests.kit.waiting import until
from tests.stories.mails import mails_to, text_of
from tests.stories.running import Running

PROGRAMME = {
    "name": "Passerelles", "kind": "pairing", "organisations": ["PWN Paris"], "host": "PWN Paris", "language": "fr",
    "purpose": "Apprendre les usages numériques entre collègues.",
}  # fmt: skip


def test_colleague_runs_a_programme_that_a_guest_opens_by_mail(system: Running, mails: Path) -> None:
    claire = client(system.url, ORGANISATION, "Claire")
    paul = Person(system.url, "client", "Paul").join()
    here, elsewhere = (expect(claire.post("/api/programmes", PROGRAMME), 201)["id"] for _ in range(2))
    path = f"/api/programmes/{here}"
    expect(paul.get(path), 404)
    token = expect(claire.post("/api/organisations/me/invitations", {"role": "member"}), 201)["token"]
    expect(paul.post(f"/api/organisations/invitations/{token}"), 200)
    until(lambda: paul.get(path).status_code, 20, lambda status: status == 200)

    address = f"anne-{here.lower()}@example.org"
    person = {"ref": "E1", "name": "Anne Vidal", "email": address, "side": "mentee", "languages": ["fr"]}
    assert expect(paul.post(f"{path}/participants", [person]), 200)["accepted"] == 1
    [mail] = until(lambda: mails_to(mails, address), 30)
    text = text_of(mail)
    assert text.startswith("PWN Paris vous invite dans le programme « Passerelles »")
    assert "Bonjour Anne Vidal," in text
    assert str(PROGRAMME["purpose"]) in text
    link = re.search(r"/pair#(\S+)", text)
    assert link

    with httpx.Client(base_url=system.url, timeout=20) as anne:
        opened = anne.post("/api/programmes/passes", json={"token": link[1]})
        assert opened.status_code == 201, opened.text
        anne.headers["Authorization"] = f"Bearer {opened.json()['access_token']}"
        assert anne.get(path).json()["my_part"] == ["participant"]
        assert anne.get(f"/api/programmes/{elsewhere}").status_code == 404
        for other in ("/api/projects", "/api/accounts/me", "/api/notifications"):
            assert anne.get(other).status_code == 401
        assert anne.post("/api/programmes/joins", json={"token": "x"}).status_code in (404, 422)
        anne.headers["Authorization"] = "Bearer forged"
        assert anne.post("/api/programmes/joins", json={"token": "x"}).status_code == 401

    assert claire.call("DELETE", f"/api/organisations/me/members/{paul.id}").status_code == 204
    until(lambda: paul.get(path).status_code, 20, lambda status: status == 404)
    for secret in (link[1], "Anne Vidal", address):
        assert not [log.name for log in system.logs.glob("*.log") if secret in log.read_text(errors="replace")]
