"""Builds the OpenAPI document and its HTML page if they are missing or outdated."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from contracts.parts import PARTS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "api"
DOCUMENT, PAGE, STAMP = FOLDER / "openapi.json", FOLDER / "docs.html", FOLDER / "sources.sha256"
SOURCES = ("chassis", "contracts", "deploy/gateway", "services/__init__.py", *(p.folder for p in PARTS if p.in_api))


class NotBuilt(RuntimeError):
    """The document cannot be built from the code. The text is the last line of the error output."""


def built() -> Path:
    """The folder with both files, rebuilt if a source has changed. Raises NotBuilt."""
    if not is_current():
        command = [sys.executable, "-m", "deploy.gateway.openapi"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotBuilt(f"the API's document cannot be built: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return FOLDER


def is_current() -> bool:
    """Whether both files exist and match the current sources."""
    return DOCUMENT.is_file() and PAGE.is_file() and STAMP.is_file() and STAMP.read_text() == _fingerprint()


def write(document: str, page: str) -> None:
    """Writes both files, each atomically, because several processes may do so concurrently."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in ((DOCUMENT, document), (PAGE, page), (STAMP, _fingerprint())):
        made = file.with_name(f"{file.name}.{os.getpid()}")
        made.write_text(text, encoding="utf-8")
        made.replace(file)


def _fingerprint() -> str:
    found = hashlib.sha256()
    for source in SOURCES:
        top = ROOT / source
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(ROOT)}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()
