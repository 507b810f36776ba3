"""The message of `make run` once everything runs: URLs, files and sample accounts."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.running import ROOT
from deploy.local.system import PEOPLE as FILE


def keep(data: Path, people: Mapping[str, Any]) -> None:
    """Saves the sample accounts for the next start on the same data."""
    (data / FILE).write_text(json.dumps(people, indent=1, ensure_ascii=False) + "\n")


def lines(port: int, data: Path, mails: Path, logs: Path) -> list[str]:
    """The lines of the message, with the sample accounts if this data has any."""
    url = f"http://localhost:{port}"
    other = "" if data == ROOT / ".releve" else f" RELEVE_DATA={shlex.quote(str(data))}"
    said = [
        f"Relève runs: open {url} in a browser; Ctrl-C stops it",
        "",
        f"  API documentation  {url}/api/docs",
        f"  mails              make mails{other}   (as files: {mails})",
        f"  events             make events{other}",
        f"  logs               {logs}",
    ]
    try:
        people = json.loads((data / FILE).read_text())
    except (OSError, ValueError):
        return said
    states = ", ".join(people["projects"])
    return [
        *said,
        "",
        f"  enter at {url}/sign-in with one button, or with the password {people['password']}, as",
        f"    {people['client']}  a client, with projects {states}",
        f"    {people['mentor']}  a mentor, invited to each of them, chosen in two",
        f"    {', '.join(people['others'])}  four more mentors",
        *([f"    {people['operator']}  an operator"] if "operator" in people else []),
    ]
