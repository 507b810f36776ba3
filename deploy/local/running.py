"""What a command of `make` is told of the system that it is about: the environment, then what `make run` runs."""

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class NothingRuns(Exception):
    """`make run` runs nothing with this data; the text is one line for a person to act on."""


def data_folder(environ: Mapping[str, str]) -> Path:
    """Where what `make run` runs keeps its data."""
    return Path(environ.get("RELEVE_DATA") or ROOT / ".releve").absolute()


def running(data: Path) -> dict[str, str]:
    """Where things are of what runs with ``data``: `url`, `kafka`, `mongo_uri`, `mails`; raises `NothingRuns`."""
    try:
        state: dict[str, str] = json.loads((data / "state.json").read_text())
        urllib.request.urlopen(f"{state['url']}/healthz", timeout=3).close()
    except (OSError, ValueError) as error:
        raise NothingRuns(f"Nothing runs with the data in {data}: start it with `make run`.") from error
    return state


def known_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The RELEVE_ variables of ``environ``; those of the engines and the secrets also from what runs with its data.

    Where the engines are named in the environment, nothing is taken from the system that runs here.
    """
    given = {name: value for name, value in environ.items() if name.startswith("RELEVE_")}
    if given.keys() & {"RELEVE_KAFKA", "RELEVE_MONGO_URI"}:
        return given
    data = data_folder(given)
    try:
        state = json.loads((data / "state.json").read_text())
        drawn = json.loads((data / "secrets.json").read_text())
    except (OSError, ValueError):
        return given
    return {"RELEVE_KAFKA": state["kafka"], "RELEVE_MONGO_URI": state["mongo_uri"], **drawn, **given}
