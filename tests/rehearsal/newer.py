"""A newer version of quotes: this tree with one more, optional field in `quote.submitted`."""

import shutil
from pathlib import Path

FIELD = "edition"
CHANGES = {
    "contracts/events.py": (
        "    received = WholeNumber(required=True, validate=validate.Range(1, SLOTS))\n",
        f"    {FIELD} = fields.String(allow_none=True, load_default=None)\n",
    ),
    "contracts/facts.py": ("    received: int\n", f'    {FIELD}: str | None = "second"\n'),
}
"""By file: an existing line, and the line that the newer version adds below it."""
PARTS = ("chassis", "contracts", "services", "deploy", ".dockerignore")


def make_newer(root: Path, target: Path) -> Path:
    """Copies the sources of the images into `target` with these changes; raises ValueError if a line has changed."""
    for part in PARTS:
        if (root / part).is_dir():
            shutil.copytree(root / part, target / part, ignore=shutil.ignore_patterns("__pycache__", "secrets"))
        else:
            shutil.copy(root / part, target / part)
    for file, (line, below) in CHANGES.items():
        text = (target / file).read_text()
        if text.count(line) != 1:
            raise ValueError(f"{file} does not hold once: {line.strip()}")
        (target / file).write_text(text.replace(line, line + below))
    return target
