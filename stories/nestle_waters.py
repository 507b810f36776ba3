"""The story of Nestlé Waters, an anonymous client, and Thomas, who learns its name only once he is chosen."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from chassis.broker import Broker
from contracts.story import BRIEF, CONTACT, SOLUTION, TITLE, TOPICS
from stories.people import Person, client, mentor, pause
from stories.timeline import StoryBroken, Timeline, Watcher

WINDOW = "PT10S"
ORGANISATION = {
    "name": "Nestlé Waters",
    "aliases": ["NWMT"],
    "domains": ["nestle-waters.com"],
    "people": ["Hélène Marchand-Duval"],
    "products": ["Perrier", "Vittel"],
    "sector": "agroalimentaire",
    "size": "group",
    "contact": CONTACT,
}
LEAKY = "Former les équipes de Nestle-Waters à la création de sites et au CRM ; écrire à contact@nestle-waters.com."
OTHERS = [("Inès", "fr"), ("Karim", "fr"), ("Emma", "en"), ("Louis", "fr"), ("Sofia", "en")]


@dataclass
class Cast:
    """The story's participants and results, for checks after the story."""

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
    """Plays the story and prints it as a timeline. Returns whether every step succeeded."""
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
        out("\n  Every step held: five sealed quotes, one choice, and one mentor who knows the client.\n")
    return timeline.held


def perform(url: str, timeline: Timeline) -> Cast:
    """Plays the story's steps. Raises `StoryBroken` at the first that fails."""
    with timeline.step("Nestlé Waters signs up and describes itself, visible to the platform only"):
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
        "title": TITLE,
        "topics": TOPICS,
        "languages": ["fr"],
        "budget": {"amount": 500_000, "currency": "EUR"},
        "window": WINDOW,
        "close_early": False,
    }
    with timeline.step("A brief that names the client is refused, and each leak is shown") as lines:
        leaks = expect(cast.client.post("/api/projects", project | {"brief": LEAKY}), 422)["leaks"]
        lines.append("found: " + ", ".join(f"{leak['text']} ({leak['kind']})" for leak in leaks))
        assert {leak["kind"] for leak in leaks} == {"name", "email"}
    with timeline.step(f"The anonymous brief is posted; the window is {WINDOW[2:-1]} s") as lines:
        posted = expect(cast.client.post("/api/projects", project | {"brief": BRIEF}), 201)
        timeline.subject = cast.project_id = posted["id"]
        lines.append(f"collecting until {posted['closes_at']}")
    with timeline.step("The best mentors are invited", "project.posted", "mentors.invited") as lines:
        invitations = [person.invitation(cast.project_id) for person in cast.mentors]
        assert all(invitation["brief"]["brief"] == BRIEF for invitation in invitations)
        notification = cast.thomas.notification("invited", cast.project_id)
        lines += [f"Thomas reads: {notification['title']}", f"because: {invitations[0]['why'][0]}"]


def _quote(cast: Cast, timeline: Timeline) -> None:
    with timeline.step("Thomas claims a slot while he writes", "slot.claimed"):
        path = f"/api/rounds/{cast.project_id}/claim"
        cast.thomas.until(f"/api/rounds/{cast.project_id}", lambda round: round["slot_free"])
        expect(cast.thomas.post(path), 201)
    with timeline.step("Five mentors submit sealed quotes, each with a solution", *["quote.submitted"] * 5) as lines:
        for person, euros in zip(cast.mentors[:5], (3900, 4200, 3600, 4800, 4000), strict=True):
            answer = expect(person.quote(cast.project_id, euros, SOLUTION), 201)
            cast.quote_ids[person.name] = answer["id"]
        lines.append(f"receipt of the last: {answer['receipt']['digest'][:16]}…")
    with timeline.step("A sixth quote is refused") as lines:
        refused = expect(cast.mentors[5].quote(cast.project_id, 3000, SOLUTION), 409)
        lines.append(f"409 {refused['type'].rsplit(':', 1)[-1]}")
        assert refused["type"].endswith("round-full")
    with timeline.step("Until the window ends, the client sees only the number of quotes") as lines:
        round = expect(cast.client.get(f"/api/rounds/{cast.project_id}"), 200)
        assert round["received"] == 5, round
        sealed = expect(cast.client.get(f"/api/quotes?project_id={cast.project_id}"), 409)
        lines.append(f"{round['received']} received; reading them: 409 {sealed['type'].rsplit(':', 1)[-1]}")


def _end(cast: Cast, timeline: Timeline, stream: Any) -> None:
    with timeline.step("The anonymity window ends; the client is notified immediately", "window.closed") as lines:
        for notification in stream:
            cast.heard.append(notification)
            if notification["kind"] == "window-ended" and notification["project_id"] == cast.project_id:
                lines.append(f"on the event stream: {notification['title']}")
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
    with timeline.step("Before the choice, no mentor may see who the client is"):
        for person in cast.mentors:
            expect(person.get(f"/api/projects/{project_id}/client"), 404)
    with timeline.step("The client accepts Thomas's quote", "project.awarded", "quotes.settled"):
        expect(nestle.post(f"/api/projects/{project_id}/acceptance", {"quote_id": cast.quote_ids["Thomas"]}), 200)
    with timeline.step("Thomas learns who the client is; all others still get 404") as lines:
        shown = expect(thomas.get(f"/api/projects/{project_id}/client"), 200)
        assert shown["organisation"]["name"] == "Nestlé Waters"
        lines.append(f"Thomas reads: {shown['organisation']['name']}, {shown['contact']['name']}")
        for person in cast.others:
            expect(person.get(f"/api/projects/{project_id}/client"), 404)
    with timeline.step("Each mentor is notified of the outcome, in their own language") as lines:
        lines.append(f"Thomas: {thomas.notification('chosen', project_id)['title']}")
        for person in cast.others[:4]:
            lines.append(f"{person.name}: {person.notification('not-chosen', project_id)['title']}")


def expect(answer: Any, status: int) -> Any:
    """The body of an answer. Raises AssertionError if the answer has another status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url.path}: {answer.text[:400]}"
    return answer.json()
