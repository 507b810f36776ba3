"""Nestlé Waters, anonymous, is coached by Thomas, who learns for whom only once he is chosen."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from chassis.broker import Broker
from stories.people import Person, client, mentor, pause
from stories.timeline import StoryBroken, Timeline, Watcher

WINDOW = "PT10S"
TOPICS = ["website-creation", "social-networks", "crm", "digital-activations"]
ORGANISATION = {
    "name": "Nestlé Waters",
    "aliases": ["NWMT"],
    "domains": ["nestle-waters.com"],
    "people": ["Hélène Marchand-Duval"],
    "products": ["Perrier", "Vittel"],
    "sector": "agroalimentaire",
    "size": "group",
    "contact": {
        "name": "Hélène Marchand-Duval",
        "email": "helene.marchand@nestle-waters.com",
        "phone": "+33 1 70 00 00 42",
    },
}
LEAKY = "Former les équipes de Nestle-Waters à la création de sites et au CRM ; écrire à contact@nestle-waters.com."
BRIEF = (
    "Nous souhaitons que de jeunes professionnels accompagnent nos équipes marketing : création de sites web, "
    "réseaux sociaux, CRM et activations digitales. Deux ateliers par mois pendant un trimestre, en français."
)
SOLUTION = (
    "Je propose un diagnostic d'une demi-journée, puis six ateliers pratiques : un site témoin monté ensemble, une "
    "ligne éditoriale pour les réseaux sociaux, un CRM pris en main sur vos propres cas, et deux activations mesurées. "
    "Chaque atelier laisse une fiche d'une page et un exercice corrigé."
)
OTHERS = [("Inès", "fr"), ("Karim", "fr"), ("Emma", "en"), ("Louis", "fr"), ("Sofia", "en")]


@dataclass
class Cast:
    """Who took part, and what came of it: for those who want to look closer afterwards."""

    client: Person
    thomas: Person
    others: list[Person]
    project_id: str = ""
    quote_ids: dict[str, str] = field(default_factory=dict)
    heard: list[Any] = field(default_factory=list)

    @property
    def mentors(self) -> list[Person]:
        """Thomas and the others."""
        return [self.thomas, *self.others]


def play(url: str, kafka: str | Broker, out: Callable[[str], None] = print) -> bool:
    """Plays the story and prints it as a timeline; whether every step held."""
    watcher = Watcher(kafka)
    timeline = Timeline(watcher, out)
    out("\n  Nestlé Waters looks for a mentor, and stays anonymous\n")
    try:
        cast = perform(url, timeline)
        pause(cast.mentors)
    except StoryBroken as broken:
        out(f"\n  The story broke at: {broken}\n")
    finally:
        watcher.close()
    if timeline.held:
        out("\n  Every step held: five sealed quotes, one choice, and one mentor who knows for whom.\n")
    return timeline.held


def perform(url: str, timeline: Timeline) -> Cast:
    """The story's steps; `StoryBroken` at the first that does not hold."""
    with timeline.step("Nestlé Waters signs up and describes itself, for the platform alone"):
        nestle = client(url, ORGANISATION, "Hélène")
    with timeline.step("Thomas, MBA in business intelligence, and five more young mentors sign up"):
        thomas = mentor(url, "Thomas", [*TOPICS, "business-intelligence"], headline="MBA en business intelligence")
        others = [mentor(url, name, TOPICS[:3], locale) for name, locale in OTHERS]
    cast = Cast(nestle, thomas, others)
    _post(cast, timeline)
    with ExitStack() as stack:
        stream = stack.enter_context(nestle.listening())
        _quote(cast, timeline)
        _end(cast, timeline, stream)
    _choose(cast, timeline)
    return cast


def _post(cast: Cast, timeline: Timeline) -> None:
    project = {
        "title": "Accompagner nos équipes marketing vers le numérique",
        "topics": TOPICS,
        "languages": ["fr"],
        "budget": {"amount": 500_000, "currency": "EUR"},
        "window": WINDOW,
        "close_early": False,
    }
    with timeline.step("A brief that names the client is refused, with the places shown") as lines:
        leaks = expect(cast.client.post("/api/projects", project | {"brief": LEAKY}), 422)["leaks"]
        lines.append("found: " + ", ".join(f"{leak['text']} ({leak['kind']})" for leak in leaks))
        assert {leak["kind"] for leak in leaks} == {"name", "email"}
    with timeline.step(f"The brief without a name is posted; the window is {WINDOW[2:-1]} s") as lines:
        posted = expect(cast.client.post("/api/projects", project | {"brief": BRIEF}), 201)
        timeline.subject = cast.project_id = posted["id"]
        lines.append(f"collecting until {posted['closes_at']}")
    with timeline.step("The best mentors are invited", "project.posted", "mentors.invited") as lines:
        invitations = [person.invitation(cast.project_id) for person in cast.mentors]
        assert all(invitation["brief"]["brief"] == BRIEF for invitation in invitations)
        told = cast.thomas.notification("invited", cast.project_id)
        lines += [f"Thomas reads: {told['title']}", f"because: {invitations[0]['why'][0]}"]


def _quote(cast: Cast, timeline: Timeline) -> None:
    with timeline.step("Thomas keeps a slot while he writes", "slot.claimed"):
        path = f"/api/rounds/{cast.project_id}/claim"
        cast.thomas.until(f"/api/rounds/{cast.project_id}", lambda round: round["slot_free"])
        expect(cast.thomas.post(path), 201)
    with timeline.step("Five mentors hand in sealed quotes, each with a solution", *["quote.submitted"] * 5) as lines:
        for person, euros in zip(cast.mentors[:5], (3900, 4200, 3600, 4800, 4000), strict=True):
            answer = expect(person.quote(cast.project_id, euros, SOLUTION), 201)
            cast.quote_ids[person.name] = answer["id"]
        lines.append(f"receipt of the last: {answer['receipt']['digest'][:16]}…")
    with timeline.step("A sixth quote is refused") as lines:
        refused = expect(cast.mentors[5].quote(cast.project_id, 3000, SOLUTION), 409)
        lines.append(f"409 {refused['type'].rsplit(':', 1)[-1]}")
        assert refused["type"].endswith("round-full")
    with timeline.step("Until the window ends, the client sees how many and nothing more") as lines:
        round = expect(cast.client.get(f"/api/rounds/{cast.project_id}"), 200)
        assert round["received"] == 5, round
        sealed = expect(cast.client.get(f"/api/quotes?project_id={cast.project_id}"), 409)
        lines.append(f"{round['received']} received; reading them: 409 {sealed['type'].rsplit(':', 1)[-1]}")


def _end(cast: Cast, timeline: Timeline, stream: Any) -> None:
    with timeline.step("The anonymity window ends; the client is told on the spot", "window.closed") as lines:
        for news in stream:
            cast.heard.append(news)
            if news["kind"] == "window-ended" and news["project_id"] == cast.project_id:
                lines.append(f"on the event stream: {news['title']}")
                break


def _choose(cast: Cast, timeline: Timeline) -> None:
    thomas, nestle, project_id = cast.thomas, cast.client, cast.project_id
    with timeline.step("The client reads five quotes and five cards, and only has to choose") as lines:
        nestle.until(f"/api/projects/{project_id}", lambda project: project["state"] == "choosing")
        quotes = expect(nestle.get(f"/api/quotes?project_id={project_id}"), 200)["items"]
        cards = nestle.until(f"/api/mentors?project_id={project_id}", lambda page: page["items"])
        assert len(quotes) == len(cards) == 5
        names = {card["id"]: card["display_name"] for card in cards}
        lines += [f"{names[q['mentor_id']]:8} {q['price']['amount'] // 100} € for {q['days']} days" for q in quotes]
    with timeline.step("Before the choice nobody may ask who the client is"):
        for person in cast.mentors:
            expect(person.get(f"/api/projects/{project_id}/client"), 404)
    with timeline.step("The client accepts Thomas's quote", "project.awarded", "quotes.settled"):
        expect(nestle.post(f"/api/projects/{project_id}/acceptance", {"quote_id": cast.quote_ids["Thomas"]}), 200)
    with timeline.step("Thomas learns for whom; everybody else still gets 404") as lines:
        shown = expect(thomas.get(f"/api/projects/{project_id}/client"), 200)
        assert shown["organisation"]["name"] == "Nestlé Waters"
        lines.append(f"Thomas reads: {shown['organisation']['name']}, {shown['contact']['name']}")
        for person in cast.others:
            expect(person.get(f"/api/projects/{project_id}/client"), 404)
    with timeline.step("Each mentor is told how it ended, in their own language") as lines:
        lines.append(f"Thomas: {thomas.notification('chosen', project_id)['title']}")
        for person in cast.others[:4]:
            lines.append(f"{person.name}: {person.notification('not-chosen', project_id)['title']}")


def expect(answer: Any, status: int) -> Any:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url.path}: {answer.text[:400]}"
    return answer.json()
