"""The mails that were sent, decoded: `make mails`, or `python -m deploy.local.mails [--to TEXT] [--last N] [FOLDER]`.

Newest last, headers and plain text. Without FOLDER it reads the mails of what `make run` runs.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

from deploy.local.running import NothingRuns, data_folder, running

SHOWN = ("From", "To", "Date", "Subject")


@dataclass(frozen=True)
class Mail:
    """One mail as a person reads it."""

    number: int
    headers: tuple[tuple[str, str], ...]
    text: str

    @property
    def to(self) -> str:
        """The recipient's address."""
        return dict(self.headers)["To"]


def numbered(folder: Path) -> list[tuple[int, Path]]:
    """The files of the mails by their number, oldest first."""
    return sorted((int(path.name.partition("-")[0]), path) for path in folder.glob("[0-9]*-*.eml"))


def read(folder: Path, to: str = "") -> Iterator[Mail]:
    """The mails, newest first; with ``to`` those alone whose recipient holds this text."""
    for number, path in reversed(numbered(folder)):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        headers = tuple((name, printable(str(message[name] or ""))) for name in SHOWN)
        if to.lower() in dict(headers)["To"].lower():
            body = message.get_body(("plain", "html"))
            text = body.get_content() if body is not None else ""
            yield Mail(number, headers, "\n".join(printable(line) for line in text.splitlines()))


def printable(text: str) -> str:
    """Text of somebody else's making, as a terminal may show it: nothing in it moves the cursor."""
    return "".join(sign if sign.isprintable() or sign in "\t\u00a0\u202f" else "·" for sign in text)


def show(mail: Mail) -> str:
    """The mail as a block of text."""
    head = "\n".join(f"{name + ':':9}{text}" for name, text in mail.headers)
    body = "\n".join(f"  {line}".rstrip() for line in mail.text.strip().splitlines())
    return f"── {mail.number:04d} {'─' * 68}\n{head}\n\n{body}\n"


def main(arguments: Sequence[str], environ: Mapping[str, str], say: Callable[[str], None] = print) -> int:
    """The command's status: 0, or 1 with one line of what is wrong."""
    parser = argparse.ArgumentParser("deploy.local.mails", description="The mails that were sent, newest last.")
    parser.add_argument("--to", default="", help="only mails to an address that holds this text")
    parser.add_argument("--last", type=int, default=20, help="how many of the newest are shown (20)")
    parser.add_argument("folder", nargs="?", type=Path, help="where the mails are; without it, those of `make run`")
    asked = parser.parse_args(arguments)
    try:
        folder = asked.folder or Path(running(data_folder(environ))["mails"])
    except NothingRuns as error:
        print(f"relève: {error}", file=sys.stderr)
        return 1
    if not folder.is_dir():
        print(f"relève: there is no folder {folder}.", file=sys.stderr)
        return 1
    found = list(islice(read(folder, asked.to), max(0, asked.last)))
    for mail in reversed(found):
        say(show(mail))
    whose = f" to an address with {asked.to!r}" if asked.to else ""
    say(f"{len(found)} of {len(numbered(folder))} mails shown." if found else f"No mail{whose} yet.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
