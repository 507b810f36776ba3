"""Finds the system that a command of `make` works on: named in the environment, or run by `make run`."""

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from deploy.local.masters import key_files

ROOT = Path(__file__).resolve().parents[2]


class NothingRuns(Exception):
    """No system runs on this data folder. The text is one line that says what to do."""


def data_folder(environ: Mapping[str, str]) -> Path:
    """The data folder of the system that `make run` runs."""
    return Path(environ.get("RELEVE_DATA") or ROOT / ".releve").absolute()


def running(data: Path) -> dict[str, str]:
    """Addresses of the system that runs on ``data``: `url`, `kafka`, `mongo_uri`, `mails`; raises `NothingRuns`."""
    try:
        state: dict[str, str] = json.loads((data / "state.json").read_text())
        urllib.request.urlopen(f"{state['url']}/healthz", timeout=3).close()
    except (OSError, ValueError) as error:
        raise NothingRuns(f"Nothing runs with the data in {data}: start it with `make run`.") from error
    return state


def known_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The RELEVE_ variables of ``environ``, completed by the local system's engines and secrets.

    If the environment names engines, nothing is taken from the local system.
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
    found = {"RELEVE_KAFKA": state["kafka"], "RELEVE_MONGO_URI": state["mongo_uri"], **drawn, **key_files(data)}
    return without_replaced(found, given) | given


def without_replaced(found: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """``found`` without the files of secrets whose value is given: a file would win over it."""
    return {name: value for name, value in found.items() if name.removesuffix("_FILE") not in given}
