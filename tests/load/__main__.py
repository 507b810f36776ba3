"""`make load`: projects arrive through the gateway at a fixed rate; ARGS takes the options below.

Without an address it starts its own system and stops it afterwards. Exit status: 0 if every objective was met; 1 if
one was missed, with a line for each; 2 if the test could not run.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from types import FrameType

from chassis.settings import BadSetting
from deploy.local.process import StartError
from tests.load import objectives, target
from tests.load.plan import BASELINE, LADDER
from tests.load.players import GeneratorFailed
from tests.load.run import Options, run

STEPS = (200_000, 400_000, 800_000, 1_600_000)
SOAK_A_DAY = 1_000 * BASELINE


def parser() -> argparse.ArgumentParser:
    """The parser of the command's options."""
    found = argparse.ArgumentParser(prog="make load", description=(__doc__ or "").partition("\n\n")[0])
    where = found.add_mutually_exclusive_group()
    where.add_argument("--url", help="a gateway that runs already, such as https://localhost:8443")
    where.add_argument("--running", action="store_true", help="what `make run` runs (RELEVE_DATA)")
    found.add_argument("--ca", default="", help="a file with the authority of the gateway's certificate")
    found.add_argument("--i-own-this-address", action="store_true", help="the address is another machine's, and yours")
    found.add_argument("--seconds", type=float, default=60, help="of each level (60)")
    found.add_argument("--levels", default=",".join(map(str, LADDER)), metavar="A,B,…",
                       help="projects a day at which every objective must hold (100 to 100 000)")  # fmt: skip
    found.add_argument("--steps", default=",".join(map(str, STEPS)), metavar="A,B,…",
                       help="projects a day beyond 100 000, until an objective breaks; none: \"\"")  # fmt: skip
    found.add_argument("--soak", type=float, metavar="MINUTES", help="one rate for so long, instead of the levels")
    found.add_argument("--a-day", type=int, default=SOAK_A_DAY, help="projects a day of the soak (100 000)")
    found.add_argument("--smoke", action="store_true", help="six projects in some seconds, to see that it works")
    found.add_argument("--objectives", type=Path, help="a JSON file that changes tests/load/objectives.json")
    found.add_argument("--mentors-a-wave", type=int, default=20, help="RELEVE_WAVE_SIZE of the system at most (20)")
    found.add_argument("--bystanders", type=int, default=200, help="mentors that fit less well, to be ranked too (200)")
    found.add_argument("--clients", type=int, default=30)
    found.add_argument("--seed", type=int, default=1, help="of the arrivals and the stories")
    found.add_argument("--out", type=Path, default=Path("build/load"), help="where the report goes (build/load)")
    return found


def rates(text: str) -> tuple[int, ...]:
    """Parses rates in projects a day, such as `100,1000`; raises ValueError for other text."""
    try:
        found = tuple(int(rate) for rate in text.split(",") if rate.strip())
    except ValueError:
        found = (0,)
    if any(rate < 1 for rate in found):
        raise ValueError(f"projects a day are whole numbers above nought, by commas, not {text!r}")
    return found


def main(
    arguments: Sequence[str],
    say: Callable[[str], None] = lambda line: print(line, flush=True),
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Returns the command's exit status."""
    given = parser().parse_args(arguments)
    try:
        wanted = objectives.read(given.objectives)
        options = Options(
            out=given.out, seconds=given.seconds, levels=rates(given.levels), steps=rates(given.steps),
            soak_minutes=given.soak, a_day=given.a_day, smoke=given.smoke, seed=given.seed,
            mentors_a_wave=given.mentors_a_wave, clients=given.clients, bystanders=given.bystanders, objectives=wanted,
        )  # fmt: skip
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="releve-load-", ignore_cleanup_errors=True))
            return run(stack.enter_context(_target(given, Path(folder) / "data", say, environ)), options, say)
    except (target.NotYours, GeneratorFailed, StartError, BadSetting, ValueError, OSError) as error:
        say(f"✗ {error}")
        return 2


def _target(
    given: argparse.Namespace, data: Path, say: Callable[[str], None], environ: Mapping[str, str]
) -> AbstractContextManager[target.Target]:
    if given.running:
        found = target.running(Path(environ.get("RELEVE_DATA") or ".releve").absolute())
        return nullcontext(found)
    if given.url:
        url = given.url.rstrip("/")
        target.check_address(url, owned=given.i_own_this_address)
        return nullcontext(target.named(url, given.ca, environ))
    say("… a system of its own starts")
    return target.own(data, say, environ)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # the first signal starts the orderly shutdown; later ones are ignored
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
