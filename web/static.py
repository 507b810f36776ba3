"""Static files at addresses with a digest of their content: browsers keep them for a year, and never an old one."""

import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort

FOLDER = Path(__file__).parent / "static"
A_YEAR = "public, max-age=31536000, immutable"


@cache
def content(name: str) -> bytes:
    """A file's content; a style sheet names other files by their addresses."""
    found = (FOLDER / name).read_bytes()
    if not name.endswith(".css"):
        return found
    return re.sub(rb'url\("([^"/]+)"\)', lambda match: f'url("{address(match[1].decode())}")'.encode(), found)


@cache
def digest(name: str) -> str:
    """The short digest of a file's content."""
    return hashlib.sha256(content(name)).hexdigest()[:12]


def address(name: str) -> str:
    """The address of a static file."""
    return f"/static/{digest(name)}/{name}"


def serve(app: Flask) -> None:
    """Adds the route of the static files."""
    names = {path.name for path in FOLDER.iterdir() if path.is_file()}

    @app.get("/static/<version>/<name>", endpoint="static")
    def file(version: str, name: str) -> Response:
        if name not in names or version != digest(name):
            abort(404)
        answer = Response(content(name), content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
        answer.headers["Cache-Control"] = A_YEAR
        return answer
