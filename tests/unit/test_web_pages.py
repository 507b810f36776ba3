"""What pages do with the API's answers, without a browser and without the services."""

import pytest
from flask.testing import FlaskClient
from opentelemetry import context

from services.matching.views import CODES
from services.notify.model.audience import KINDS
from tests.kit.pages import OURS, StandIn, opened, refused
from web.api import Answer, Api, Away
from web.present import EXPOSURE, KIND


@pytest.mark.parametrize(("locale", "prefix"), [("fr", "Erreur\u00a0: "), ("en", "Error: ")])
def test_title_of_a_form_to_mend_says_so_first(locale: str, prefix: str) -> None:
    page, _ = opened({("POST", "/api/accounts/password-reset"): refused(422, "invalid")}, locale=locale)
    assert "<title>" + prefix in page.post("/forgotten", data={"email": "x"}, headers=OURS).text
    assert "<title>" + prefix not in page.get("/forgotten").text


def test_too_many_sign_ins_are_said_on_the_form() -> None:
    page, _ = opened({("POST", "/api/sessions"): refused(429, "rate-limited")})
    answer = page.post("/sign-in", data={"email": "a@example.org", "password": "x"}, headers=OURS)
    assert answer.status_code == 422
    assert "Trop d’essais" in answer.text


def test_parallel_calls_belong_to_the_trace_of_their_page() -> None:
    token = context.attach(context.set_value("page", "one"))
    try:
        assert Api("http://stand-in.invalid").together([lambda: context.get_value("page")] * 3) == ["one"] * 3
    finally:
        context.detach(token)


def test_names_of_skills_are_in_order_and_unknown_ones_stay() -> None:
    skills = [{"id": "crm", "fr": "CRM", "en": "CRM"}, {"id": "seo", "fr": "Référencement", "en": "Search engines"}]
    page, _ = opened(
        {
            ("GET", "/api/skills"): Answer(200, {"items": skills, "next_cursor": None}),
            ("POST", "/api/projects/preview"): refused(422, "invalid"),
        },
        "client",
    )
    form = {"_do": "check", "topics": ["seo", "gone", "crm"], "brief": "Nous cherchons un mentor."}
    text = page.post("/projects/new", data=form, headers=OURS).text
    chosen = [text.index(f"<span>{name}</span>") for name in ("Référencement", "gone", "CRM")]
    assert chosen == sorted(chosen)


def test_notification_leads_a_mentor_to_the_invitation_of_its_project() -> None:
    told = {"id": "n1", "kind": "invited", "project_id": "p1"}
    page, api = opened(
        {
            ("POST", "/api/notifications/n1/read"): Answer(200, told),
            ("GET", "/api/invitations"): Answer(200, {"items": [{"id": "i7", "project_id": "p1"}]}),
        },
        "mentor",
    )
    assert page.get("/notifications/n1").location == "/invitations/i7"
    assert [target for _, target, _, _ in api.asked if "invitations" in target] == ["/api/invitations?project_id=p1"]


COUNTS = {"eligible": 31, "invited": 0, "others_first": 26, "cap": 4, "paused": 0, "away": 0, "left_out": 1}


@pytest.mark.parametrize(("locale", "said"), [
    ("fr", ["octobre 2026", "Possible pour vous\u00a0: 31 projets", "Un opérateur vous a laissé de côté"]),
    ("en", ["October 2026", "Possible for you: 31 projects", "An operator left you out"]),
])  # fmt: skip
def test_mentor_reads_how_often_and_why_not(locale: str, said: list[str]) -> None:
    months = Answer(200, {"months": [{"month": "2026-10", **COUNTS}]})
    text = opened({("GET", "/api/mentors/exposure"): months}, "mentor", locale=locale)[0].get("/exposure").text
    assert [one for one in said if one not in text] == []
    assert "<dd>26</dd>" in text
    assert "<dd>0</dd>" in text, "no invitation is said"
    assert text.count("<dt>") == 4, "reasons that never were are left out"
    nothing = opened({("GET", "/api/mentors/exposure"): Answer(200, {"months": []})}, "mentor")[0]
    assert "Rien à lire encore" in nothing.get("/exposure").text


def test_every_count_of_a_month_has_a_name() -> None:
    assert set(EXPOSURE) == set(CODES.values())


UNSUBSCRIBE = ("POST", "/api/notifications/unsubscribe/t0k3n")


@pytest.mark.parametrize(("locale", "asked", "said"), [
    ("fr", "Ne plus les recevoir", "Un autre devis est choisi"),
    ("en", "Stop receiving them", "Another quote is chosen"),
])  # fmt: skip
def test_link_of_a_mail_asks_first_and_then_stops_its_kind(locale: str, asked: str, said: str) -> None:
    page, api = opened({UNSUBSCRIBE: Answer(200, {"kinds": ["not-chosen"]})}, locale=locale)
    assert asked in page.get("/unsubscribe/t0k3n").text
    assert api.asked == [], "scanners follow links"
    assert said in page.post("/unsubscribe/t0k3n", headers=OURS).text
    assert [(method, target) for method, target, _, _ in api.asked] == [UNSUBSCRIBE]


def test_provider_of_mail_unsubscribes_in_one_click_from_nowhere() -> None:
    page, _ = opened({UNSUBSCRIBE: Answer(200, {"kinds": ["not-chosen"]})})
    assert page.post("/unsubscribe/t0k3n", data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert page.post("/unsubscribe/used", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert page.post("/language", data={"lang": "en"}).status_code == 403, "all other forms are from our own pages"


def test_every_kind_of_notification_has_a_name() -> None:
    assert set(KIND) == set(KINDS)


def test_colleague_joins_and_then_tells_a_name() -> None:
    member = {"id": "me", "role": "member"}
    page, api = opened(
        {
            ("POST", "/api/organisations/invitations/t0k3n"): Answer(200, {}),
            ("GET", "/api/organisations/me/members"): Answer(200, {"items": [member]}),
            ("PUT", "/api/organisations/me/members/me"): [
                refused(422, "invalid", errors=[{"field": "display_name", "code": "not-a-name"}]),
                Answer(200, {**member, "display_name": "Zoé"}),
            ],
        },
        "client",
    )
    joined = page.post("/join-organisation", data={"token": "https://x/join-organisation#t0k3n"}, headers=OURS)
    text = page.get(joined.location).text
    assert 'name="display_name" type="text" value="Zoé"' in text, "the account's name is proposed"
    wrong = page.post("/organisation/people/me", data={"display_name": "www.zoe.example"}, headers=OURS)
    assert (wrong.status_code, "Un nom, sans lien" in wrong.text) == (422, True)
    assert 'value="www.zoe.example"' in wrong.text, "what was typed stays"
    named = page.post("/organisation/people/me", data={"display_name": "Zoé"}, headers=OURS)
    assert named.location == "/organisation/people?done=named"
    assert api.bodies("PUT", "/api/organisations/me/members/me")[-1] == {"display_name": "Zoé"}


OPEN = {"id": "i1", "role": "member", "expires_at": "2031-03-04T09:00:00Z"}
WITHDRAW = ("DELETE", "/api/organisations/me/invitations/i1")


def people_page(role: str, *withdrawing: Answer) -> tuple[FlaskClient, StandIn]:
    lists = {"members": [{"id": "me", "role": role}], "invitations": [OPEN]}
    answers = {("GET", f"/api/organisations/me/{name}"): Answer(200, {"items": found}) for name, found in lists.items()}
    return opened({**answers, WITHDRAW: [*withdrawing]}, "client")


def test_owner_takes_back_an_open_link() -> None:
    page, api = people_page("owner", Answer(204, None), refused(404, "not-found"))
    assert "Lien pour un membre" in page.get("/organisation/people").text
    where = "/organisation/people/invitations/i1/withdraw"
    assert "mène plus nulle part" in page.get(page.post(where, headers=OURS).location).text
    assert "il a servi" in page.get(page.post(where, headers=OURS).location).text, "the second time there is none"
    assert [(method, path) for method, path, _, _ in api.asked].count(WITHDRAW) == 2


def test_member_sees_open_links_but_cannot_take_them_back() -> None:
    page, _ = people_page("member")
    text = page.get("/organisation/people").text
    assert "Lien pour un membre" in text
    assert "/withdraw" not in text


NAMED = {"leaks": [{"field": "brief", "start": 3, "end": 9, "text": "Acme", "kind": "name", "certain": True}],
         "topics": [{"id": "crm", "fr": "CRM", "en": "CRM"}]}  # fmt: skip
UNTOPICAL = {"field": "topics", "code": "wrong-length", "params": {"min": 1, "max": 20}}


@pytest.mark.parametrize("advised", [Answer(200, NAMED), refused(422, "invalid")])
def test_posting_refused_for_another_reason_never_says_that_nothing_names_the_client(advised: Answer) -> None:
    page, _ = opened(
        {
            ("GET", "/api/skills"): Answer(200, {"items": [], "next_cursor": None}),
            ("POST", "/api/projects/preview"): advised,
            ("POST", "/api/projects"): refused(422, "invalid", errors=[UNTOPICAL]),
        },
        "client",
    )
    answer = page.post("/projects/new", data={"_do": "post", "brief": "La Acme cherche un mentor."}, headers=OURS)
    assert answer.status_code == 422
    assert "Rien ici ne vous nomme" not in answer.text
    assert "Choisissez au moins un sujet" in answer.text
    if advised.ok:
        assert "Un passage dirait qui vous êtes." in answer.text
        assert "Sujets proposés" in answer.text


def test_same_message_at_one_field_is_said_once() -> None:
    leak = {"field": "brief", "code": "identity-leak"}
    page, _ = opened(
        {
            ("GET", "/api/skills"): Answer(200, {"items": [], "next_cursor": None}),
            ("POST", "/api/projects"): refused(422, "identity-leak", errors=[leak, leak], leaks=NAMED["leaks"]),
        },
        "client",
    )
    answer = page.post("/projects/new", data={"_do": "post", "topics": "crm", "brief": "Acme"}, headers=OURS)
    assert answer.text.count("Ce passage dirait qui vous êtes.") == 2  # in the summary, and at the field
    assert "Un passage dirait qui vous êtes." in answer.text, "the places are those of the refusal"


def test_start_page_of_a_chosen_mentor_leads_to_the_project() -> None:
    won = {"id": "p1", "state": "awarded", "title": "Un fichier clients"}
    page, api = opened(
        {
            ("GET", "/api/invitations"): Answer(200, {"items": []}),
            ("GET", "/api/mentors/me"): Answer(200, {"id": "m"}),
            ("GET", "/api/projects"): Answer(200, {"items": [won]}),
        },
        "mentor",
    )
    text = page.get("/home").text
    assert 'href="/projects/p1"' in text
    assert "Votre devis est choisi" in text
    assert "Rien ne vous attend" not in text
    assert any(target.startswith("/api/projects?") and "state=awarded" in target for _, target, _, _ in api.asked)


def test_search_that_finds_no_skill_says_so() -> None:
    skills = Answer(200, {"items": [], "next_cursor": None})
    page, _ = opened({("GET", "/api/skills"): skills, ("GET", "/api/skills/search"): skills}, "mentor")
    text = page.post("/profile/skills", data={"topic": "<xyz>"}, headers=OURS).text
    assert "Rien de nouveau pour « &lt;xyz&gt; »" in text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Rien de nouveau" not in page.post("/profile/skills", data={"topic": " "}, headers=OURS).text


@pytest.mark.parametrize(("state", "counts"), [("sent", True), ("closed", False), ("cancelled", False)])
def test_invitation_counts_down_only_while_it_is_open(state: str, counts: bool) -> None:
    one = {"id": "i1", "state": state, "closes_at": "2999-01-01T00:00:00Z", "brief": {"title": "T", "client": "c"}}
    page, _ = opened({("GET", "/api/invitations"): Answer(200, {"items": [one], "next_cursor": None})}, "mentor")
    assert ("2999-01-01" in page.get("/invitations").text) == counts


def test_saved_organisation_leads_on_to_posting() -> None:
    page, _ = opened({("GET", "/api/organisations/sectors"): Answer(200, {"items": [], "next_cursor": None})}, "client")
    assert 'href="/projects/new"' in page.get("/organisation?done=saved").text
    assert "Enregistrer et publier un projet" in page.get("/organisation?first=1").text


def test_order_names_both_sides() -> None:
    order = {"number": 1, "project_id": "p1", "title": "T", "issued_at": "2026-11-30T06:00:00Z", "revision": 0,
             "client": {"name": "Kerbrat", "billing": None}, "mentor": {"id": "m2", "billing": None},
             "price": {"amount": 240000, "currency": "EUR"}, "days": 5, "starts_on": "2026-12-10", "scope": "S",
             "notes": [], "missing": [], "vat": None, "total": None}  # fmt: skip
    cards = {"items": [{"id": "m1", "display_name": "Lina"}, {"id": "m2", "display_name": "Noor Hadjar"}]}
    answers = {
        ("GET", "/api/projects/p1/order"): Answer(200, order),
        ("GET", "/api/mentors"): Answer(200, cards),
    }
    text = opened(answers, "client")[0].get("/projects/p1/order").text
    assert "Noor Hadjar" in text
    assert "Lina" not in text
    assert "<p>Zoé</p>" in opened(answers, "mentor")[0].get("/projects/p1/order").text, "a mentor reads its own name"


WAITING = {
    ("GET", "/api/projects/p1"): Answer(200, {"id": "p1", "state": "collecting"}),
    ("GET", "/api/rounds/p1"): Answer(
        200, {"state": "open", "received": 1, "slots": 5, "closes_at": "2031-03-04T09:00:00.000Z", "extended": False}
    ),
}


@pytest.mark.parametrize(("outlook", "chance", "ran_out", "said"), [
    ("likely", 0.934, False, "Cinq devis à temps\u00a0: probable"),
    ("unlikely", 0.31, True, "Tous les mentors qui conviennent ont reçu votre projet"),
])  # fmt: skip
def test_waiting_client_reads_the_chance_of_five_quotes(outlook: str, chance: float, ran_out: bool, said: str) -> None:
    known = Answer(200, {"chance": chance, "outlook": outlook, "ran_out": ran_out})
    page, _ = opened({**WAITING, ("GET", "/api/mentors/chance"): known}, "client")
    text = page.get("/projects/p1/live").text
    assert said in text
    assert f"{100 * chance:.0f}\u202f%" in text


@pytest.mark.parametrize(("outlook", "extends_to", "offered"), [
    ("unlikely", "2031-03-05T09:00:00.000Z", True),
    ("uncertain", "2031-03-05T09:00:00.000Z", True),
    ("likely", "2031-03-05T09:00:00.000Z", False),
    ("unlikely", None, False),
])  # fmt: skip
def test_extension_is_offered_where_five_are_not_likely_and_the_round_allows_it(
    outlook: str, extends_to: str | None, offered: bool
) -> None:
    known = Answer(200, {"chance": 0.5, "outlook": outlook, "ran_out": False})
    round_ = {**WAITING["GET", "/api/rounds/p1"].body, "extends_to": extends_to}
    answers = {**WAITING, ("GET", "/api/mentors/chance"): known, ("GET", "/api/rounds/p1"): Answer(200, round_)}
    page, _ = opened(answers, "client")
    assert ('action="/projects/p1/extension"' in page.get("/projects/p1/live").text) == offered


@pytest.mark.parametrize(("answer", "done"), [
    (Answer(200, {"closes_at": "2031-03-05T09:00:00.000Z"}), "extended"),
    (refused(409, "not-extendable"), "not-extended"),
])  # fmt: skip
def test_client_extends_the_window_and_reads_whether_it_worked(answer: Answer, done: str) -> None:
    page, api = opened({**WAITING, ("POST", "/api/rounds/p1/extension"): answer}, "client")
    assert page.post("/projects/p1/extension", headers=OURS).location == f"/projects/p1?done={done}"
    assert api.bodies("POST", "/api/rounds/p1/extension") == [{}]


def test_waiting_goes_on_while_the_service_of_the_chance_is_away() -> None:
    page, _ = opened({**WAITING, ("GET", "/api/mentors/chance"): Away("503")}, "client")
    text = page.get("/projects/p1/live").text
    assert "1 sur 5" in text.replace("\u00a0", " ")
    assert "Cinq devis à temps" not in text
