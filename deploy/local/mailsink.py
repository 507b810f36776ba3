"""A mail server that stores mails in a folder: `python -m deploy.local.mailsink PORT FOLDER`.

Each mail becomes `NNNN-<to>.eml`, numbered in the order of arrival. It listens on 127.0.0.1 alone.
"""

import asyncio
import os
import re
import signal
import sys
from email.utils import formatdate
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Folder:
    """Stores each mail as a file, written atomically."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        numbers = (int(mail.name.partition("-")[0]) for mail in path.glob("[0-9]*-*.eml"))
        self.number = max(numbers, default=0)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Writes one file per recipient; aiosmtpd calls it by this name."""
        content = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self.deliver(recipient, content)
        return "250 delivered"

    def deliver(self, recipient: str, content: bytes) -> Path:
        """Writes one mail and returns its path."""
        self.number += 1
        name = re.sub(r"[^A-Za-z0-9@._+-]", "_", recipient)[:100].lstrip(".")
        path = self.path / f"{self.number:04d}-{name}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(f"Delivered-To: {name}\r\nReceived: here; {formatdate()}\r\n".encode() + content)
        os.replace(draft, path)
        return path


async def serve(port: int, folder: Path) -> None:
    """Listens until SIGTERM or SIGINT."""
    kept = Folder(folder)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(lambda: SMTP(kept, enable_SMTPUTF8=True, hostname="localhost"), "127.0.0.1", port)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
