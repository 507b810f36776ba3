"""A history from a seed: people act, time passes, events are delivered, processes die, in an order set by the seed."""

from tests.kit.services import Running
from tests.simulation.driver import Driver, Steps
from tests.simulation.ending import check_end, check_promises
from tests.simulation.people import MENTORS, People
from tests.simulation.stage import Stage
from tests.simulation.watch import Watch

MOST_PROJECTS = 3


class Simulation(Driver):
    """One history of a market's projects."""

    def __init__(self, stage: Stage, seed: int) -> None:
        world, clock = stage.world, stage.clock
        super().__init__(world.services.values(), clock, seed)
        self._stage, self._world = stage, world
        self._crowd = People(world, clock, self._chance)
        self._watch = Watch(world, clock, self._crowd)
        self._projects = self._chance.randint(1, MOST_PROJECTS)
        self.ends: list[str] = []
        """How the projects ended."""

    def _begin(self) -> None:
        self._stage.clear()
        self._post()

    def _people(self) -> Steps:
        stories = self._watch.stories
        if len(stories) < self._projects:
            yield 1.0, self._post
        if self._watch.open():
            yield 12.0, self._mentor
        yield 0.1 + len([one for one in stories.values() if one.state == "closed"]), self._client
        if self._crowd.can_ask_again():
            yield 0.5, lambda: self._say("people", self._crowd.ask_again())

    def _settling(self) -> bool:
        if self._watch.open() and self._chance.random() < 0.75:
            self._mentor()
            return True
        if any(one.state != "open" for one in self._watch.stories.values()) and self._chance.random() < 0.4:
            self._client()
            return True
        return False

    def _after(self, service: Running, subject: str) -> bool:
        return subject in self._watch.stories and self._watch.after(service, subject)

    def _check(self) -> None:
        check_promises(self._log, [one.effects for one in self._processes.values()], self._world)
        self.ends = [check_end(self._world, story) for story in self._watch.stories.values()]

    # One step of a person.

    def _post(self) -> None:
        said, project = self._crowd.post()
        self._say("client", said)
        self._watch.posted(project)
        self._quiet["projects"] = False

    def _mentor(self) -> None:
        story = self._chance.choice(self._watch.open())
        account = self._chance.choice(story.know_of_it if self._chance.random() < 0.95 else MENTORS)
        ends_at = story.ends_at
        said, service = self._crowd.mentor_acts(story.posted, account)
        self._say("mentor", said)
        if said.endswith("revise: 200"):
            assert self._clock.moment < ends_at, "revised after the window's end"
        self._changed(service, [story.posted.id])

    def _client(self) -> None:
        story = self._chance.choice(list(self._watch.stories.values()))
        self._say("client", self._crowd.client_acts(story.posted, story.state))
        self._changed(self._world.projects, [story.posted.id])
