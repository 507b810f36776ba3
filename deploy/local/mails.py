"""Prints sent mails, decoded: `make mails`, or `python -m deploy.local.mails [--to TEXT] [--last N] [FOLDER]`.

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
    """One mail, decoded."""

    number: int
    headers: tuple[tuple[str, str], ...]
    text: str

    @property
    def to(self) -> str:
        """The recipient's address."""
        return dict(self.headers)["To"]


def numbered(folder: Path) -> list[tuple[int, Path]]:
    """The files of the mails, by number, oldest first."""
    return sorted((int(path.name.partition("-")[0]), path) for path in folder.glob("[0-9]*-*.eml"))


def read(folder: Path, to: str = "") -> Iterator[Mail]:
    """The mails, newest first; with ``to``, only those whose recipient contains this text."""
    for number, path in reversed(numbered(folder)):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[arg-type]
        assert isinstance(message, EmailMessage)
        headers = tuple((name, printable(str(message[name] or ""))) for name in SHOWN)
        if to.lower() in dict(headers)["To"].lower():
            body = message.get_body(("plain", "html"))
            text = body.get_content() if body is not None else ""
            yield Mail(number, headers, "\n".join(printable(line) for line in text.splitlines()))


def printable(text: str) -> str:
    """Untrusted text, made safe for a terminal: without control characters."""
    return "".join(sign if sign.isprintable() or sign in "\t\u00a0\u202f" else "·" for sign in text)


def show(mail: Mail) -> str:
    """Formats a mail as text."""
    head = "\n".join(f"{name + ':':9}{text}" for name, text in mail.headers)
    body = "\n".join(f"  {line}".rstrip() for line in mail.text.strip().splitlines())
    return f"── {mail.number:04d} {'─' * 68}\n{head}\n\n{body}\n"


def main(arguments: Sequence[str], environ: Mapping[str, str], say: Callable[[str], None] = print) -> int:
    """Runs the command; returns its exit status: 0, or 1 after printing one error line."""
    parser = argparse.ArgumentParser("deploy.local.mails", description="The mails that were sent, newest last.")
    parser.add_argument("--to", default="", help="only mails to addresses that contain this text")
    parser.add_argument("--last", type=int, default=20, help="number of newest mails to show (20)")
    parser.add_argument("folder", nargs="?", type=Path, help="the folder of the mails; by default that of `make run`")
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
