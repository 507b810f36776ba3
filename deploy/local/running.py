"""What a command of `make` is told of the system that it is about: the environment, then what `make run` runs."""

import json
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def known_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The RELEVE_ variables of ``environ``; those of the engines and the secrets also from what runs with its data.

    Where the engines are named in the environment, nothing is taken from the system that runs here.
    """
    given = {name: value for name, value in environ.items() if name.startswith("RELEVE_")}
    if given.keys() & {"RELEVE_KAFKA", "RELEVE_MONGO_URI"}:
        return given
    data = Path(given.get("RELEVE_DATA") or ROOT / ".releve")
    try:
        state = json.loads((data / "state.json").read_text())
        drawn = json.loads((data / "secrets.json").read_text())
    except (OSError, ValueError):
        return given
    return {"RELEVE_KAFKA": state["kafka"], "RELEVE_MONGO_URI": state["mongo_uri"], **drawn, **given}
