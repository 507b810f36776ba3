"""What Relève is made of: `python -m deploy.supply sbom|audit|pin`.

- ``sbom`` writes a list of packages (CycloneDX) for each part and for the embedded default into build/sbom. An image
  holds its own at /venv/sbom.json.
- ``audit`` asks the vulnerability database of the package registry about every locked package (pip-audit).
- ``pin`` prints the digests of the engines' images as settings, read from the container engine after a pull.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.parts import PARTS
from deploy.docker import ROOT, DockerError, docker

LOCKS = {
    **{part.name: ROOT / part.folder / "requirements.txt" for part in PARTS},
    "embedded": ROOT / "deploy/local/requirements.txt",
    "tools": ROOT / "deploy/tools/requirements.txt",
}
"""The locked packages of each image, and of the embedded default."""
OUT = ROOT / "build" / "sbom"
IMAGE = re.compile(r"\$\{(RELEVE_IMAGE_[A-Z]+):-([a-z0-9./-]+:[A-Za-z0-9._-]+)\}")


@dataclass(frozen=True)
class Audited:
    """The audit of one lock file: vulnerable packages in words, and how many packages have no data."""

    vulnerable: Sequence[str]
    unknown: int
    packages: int


def write_sboms(folder: Path = OUT, names: Iterable[str] = LOCKS) -> list[Path]:
    """Writes a list of packages for each of these lock files; raises CalledProcessError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name in names:
        file = folder / f"{name}.json"
        command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", "--of", "JSON"]
        subprocess.run([*command, "-o", file, LOCKS[name]], check=True, capture_output=True)
        files.append(file)
    return files


def audit(lock: Path) -> Audited:
    """Audits one lock file; raises CalledProcessError if the registry does not answer."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off"]
    done = subprocess.run([*command, "--format=json", "-r", lock], capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise subprocess.CalledProcessError(done.returncode, command, stderr=done.stderr)
    return read_audit(done.stdout)


def read_audit(text: str) -> Audited:
    """Reads pip-audit's JSON."""
    packages = json.loads(text)["dependencies"]
    vulnerable = [
        f"{one['name']} {one['version']}: {found['id']}, fixed in {' or '.join(found['fix_versions']) or 'no version'}"
        for one in packages
        for found in one.get("vulns", ())
    ]
    return Audited(vulnerable, sum("skip_reason" in one for one in packages), len(packages))


def images() -> Iterator[tuple[str, str]]:
    """The setting and the default image of each engine in the compose files."""
    for file in (ROOT / "deploy/compose.yaml", ROOT / "deploy/monitoring/compose.yaml"):
        yield from dict(IMAGE.findall(file.read_text())).items()


def digest(image: str) -> str:
    """``name@sha256:…`` of a pulled image; raises DockerError."""
    docker("pull", "--quiet", image)
    found = json.loads(docker("image", "inspect", "--format", "{{json .RepoDigests}}", image))
    if not found:
        raise DockerError(f"{image} has no digest: it did not come from a registry")
    return str(found[0])


def main(arguments: Sequence[str]) -> int:
    """Runs the command. Returns 1 for a vulnerable package or an error, 2 if the data about a package are missing."""
    parser = argparse.ArgumentParser("deploy.supply", description="Lists, audits and pins what Relève is made of.")
    parser.add_argument("what", choices=("sbom", "audit", "pin"))
    asked = parser.parse_args(arguments)
    try:
        if asked.what == "sbom":
            for file in write_sboms():
                print(file.relative_to(ROOT))
            return 0
        if asked.what == "pin":
            for setting, image in images():
                print(f"{setting}={digest(image)}", flush=True)
            return 0
        return _audit_all()
    except subprocess.CalledProcessError as error:
        print(f"{asked.what}: {(error.stderr or '').strip().splitlines()[-1:] or ['no answer']}", file=sys.stderr)
    except DockerError as error:
        print(f"Images are not pinned: {error}", file=sys.stderr)
    return 1


def _audit_all() -> int:
    unknown = vulnerable = 0
    for name, lock in LOCKS.items():
        found = audit(lock)
        known = found.packages - found.unknown
        print(f"{name:12} {known} of {found.packages} packages audited, {len(found.vulnerable)} findings", flush=True)
        for line in found.vulnerable:
            print(f"  {line}")
        unknown += found.unknown
        vulnerable += len(found.vulnerable)
    if unknown:
        print("The registry gives no vulnerability data for some packages: audit where it does.", file=sys.stderr)
    return 1 if vulnerable else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
