"""A spreadsheet, mails without accounts, an objection and an invitation link, through the gateway."""

import re
from pathlib import Path

import httpx

from stories.nestle_waters import ORGANISATION, expect
from stories.people import Person, client
from tests.kit.waiting import until
from tests.stories.mails import mails_to, text_of
from tests.stories.running import Running

PROGRAMME = {
    "name": "Passerelles", "kind": "pairing", "organisations": ["Entreprise"], "language": "fr",
    "purpose": "Apprendre les usages numériques entre collègues.",
}  # fmt: skip
INES, MARC = "ines.moreau@entreprise.example", "marc.dubois@entreprise.example"


def test_spreadsheet_becomes_people_who_agree_object_and_join(system: Running, mails: Path, root: Path) -> None:
    claire = client(system.url, ORGANISATION, "Claire")
    path = f"/api/programmes/{expect(claire.post('/api/programmes', PROGRAMME), 201)['id']}"
    example = (root / "docs/examples/participants.csv").read_text(encoding="utf-8-sig")
    excel = example.encode("cp1252")

    def upload(query: str = "") -> dict[str, object]:
        sent = {"Content-Type": "text/csv"}
        answer = claire.http.post(f"{path}/participants{query}", content=excel, headers=sent)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    assert upload("?check=true")["accepted"] == upload()["accepted"] == 10

    def opened(address: str, number: int = 1) -> httpx.Client:
        """A person without an account, who has opened the link of their latest mail."""
        found = until(lambda: mails_to(mails, address), 30, lambda found: len(found) >= number)
        link = re.search(r"/pair#(\S+)", text_of(found[-1]))
        assert link
        answer = httpx.post(f"{system.url}/api/programmes/passes", json={"token": link[1]}, timeout=20)
        assert answer.status_code == 201, answer.text
        key = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.Client(base_url=system.url, timeout=20, headers=key)

    with opened(INES) as ines, opened(MARC) as marc:
        assert ines.get(f"{path}/me").json()["offers"] == ["social-networks", "linkedin", "video-editing"]
        assert ines.post(f"{path}/agreement", json={}).json()["state"] == "agreed"
        assert marc.post(f"{path}/objection", json={"reason": "no-time"}).status_code == 204
        assert marc.get(f"{path}/me").status_code == 404
    until(lambda: mails_to(mails, MARC), 30, lambda found: len(found) == 2)
    rejected = upload("?partial=true")["rejected"]
    assert isinstance(rejected, list)
    assert [one["code"] for one in rejected].count("objected") == 1
    counts = expect(claire.get(f"{path}/participants"), 200)["counts"]
    assert (counts["mentors"], counts["mentees"], counts["agreed"], counts["objected"]) == (5, 4, 1, 1)

    wish = {"side": "mentee", "cap": 2, "domain": "entreprise.example"}
    link = expect(claire.post(f"{path}/links", wish), 201)
    nadia = {"token": link["token"], "name": "Nadia Roux", "email": "nadia.roux@entreprise.example", "wants": ["SEO"]}
    with httpx.Client(base_url=system.url, timeout=20) as nobody:
        assert nobody.post("/api/programmes/joins", json=nadia).json() == {"state": "to-confirm"}
        elsewhere = nobody.post("/api/programmes/joins", json=nadia | {"email": "nadia@example.org"})
        assert elsewhere.json()["type"] == "urn:releve:problem:wrong-domain"
    with opened(nadia["email"]) as confirmed:
        assert confirmed.get(f"{path}/me").json()["wants"] == ["seo"]
    everywhere = expect(claire.post(f"{path}/links", {"side": "mentor"}), 201)
    thomas = Person(system.url, "mentor", "Thomas").join()
    joined = thomas.post("/api/programmes/joins", {"token": everywhere["token"], "name": "Thomas"})
    assert expect(joined, 202) == {"state": "joined"}
    assert expect(thomas.get(f"{path}/me"), 200)["email"] == thomas.email
    for secret in ("Moreau", "Dubois", INES, MARC, nadia["email"], link["token"]):
        assert not [log.name for log in system.logs.glob("*.log") if secret in log.read_text(errors="replace")]
