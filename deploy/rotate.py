"""Rotates the master keys while everything runs: `python -m deploy.rotate`, or `make rotate-keys`.

It adds a version to each service's key file and rewraps every stored key under it. Running services read the file again
by themselves and open both versions. A run that was cut off is continued by the next one. `--retire` removes the
versions before the newest, once nothing stored needs them; `--dry-run` changes nothing.
"""

import argparse
import json
import os
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.masters import parse, text_of
from contracts.parts import ROTATED, part_of, variable_of
from deploy.docker import ROOT
from deploy.local.running import known_settings

Say = Callable[[str], None]
SETTLED_S = 30.0
"""Time after which no transaction holds a key that was wrapped before a version was added; see `chassis.unit`."""


class Stopped(Exception):
    """The rotation cannot go on. The text is one line that says what to do."""


@dataclass(frozen=True)
class Owner:
    """A service with a master key: its file, and what runs a command of its app and returns the last line's JSON."""

    name: str
    file: Path | None
    run: Callable[[str], Mapping[str, object]]

    def keys(self) -> dict[int, bytes]:
        """The master keys in its file. Raises `Stopped`."""
        assert self.file is not None
        try:
            return parse(self.file.read_text())
        except (OSError, ValueError) as error:
            raise Stopped(f"the master keys in {self.file} cannot be read: {error}") from error

    def counts(self) -> dict[str, int]:
        """The number of its stored keys by version."""
        found = self.run("keys")["versions"]
        assert isinstance(found, dict)
        return found

    def rewrap(self, side: str = "rewrap") -> tuple[int, dict[str, int]]:
        """Rewraps its keys; how many, and the numbers by version afterwards. Raises `Stopped` if some do not open.

        The service writes a row to its audit trail; the ``side`` says whether older versions will be retired.
        """
        found = self.run(side)
        if found["unopened"]:
            raise Stopped(f"{self.name}: {found['unopened']} stored keys do not open: {UNOPENED}")
        assert isinstance(found["versions"], dict)
        assert isinstance(found["rewrapped"], int)
        return found["rewrapped"], found["versions"]


UNOPENED = "they keep their version; give back the version of the master key that they name (docs/operations.md)"


def rotate(owners: Sequence[Owner], say: Say, dry: bool = False) -> None:
    """Adds a version and rewraps, or finishes a rotation that was cut off. Raises `Stopped`."""
    current = {owner.name: max(owner.keys()) for owner in owners}
    older = {owner.name: _older(owner.counts(), current[owner.name]) for owner in owners}
    unfinished = any(older.values()) or len(set(current.values())) > 1
    target = max(current.values()) + (0 if unfinished else 1)
    say(f"Master keys: {'continuing with' if unfinished else 'rotating to'} version {target}")
    if dry:
        for owner in owners:
            say(f"  {owner.name}: at version {current[owner.name]}; {_told(owner.counts())}")
        say("Nothing was changed.")
        return
    for owner in owners:
        if current[owner.name] < target:
            write_in_place(owner, {**owner.keys(), target: secrets.token_bytes(32)})
    for owner in owners:
        done, versions = owner.rewrap()
        say(f"  ✓ {owner.name}: {done} keys rewrapped; {_told(versions)}")
    say("Older versions stay in the files for backups of before; remove them with RETIRE=1 (docs/operations.md).")


def retire(owners: Sequence[Owner], say: Say, dry: bool = False, wait: Callable[[float], None] = time.sleep) -> None:
    """Removes all versions but the newest from each file, if no stored key needs them. Raises `Stopped`."""
    for owner in owners:
        assert owner.file is not None
        keys = owner.keys()
        gone = sorted(keys)[:-1]
        if not gone or dry:
            plan = f"would remove version {', '.join(map(str, gone))}" if gone else "has one version"
            say(f"  {owner.name}: {plan}; {_told(owner.counts())}")
            continue
        rest = owner.file.stat().st_mtime + SETTLED_S - time.time()
        if rest > 0:
            say(f"  {owner.name}: {rest:.0f} s until every transaction from before the rotation has ended")
            wait(rest)
        _, versions = owner.rewrap("retire")
        if _older(versions, max(keys)):
            raise Stopped(f"{owner.name}: {_told(versions)}; rotate again before older versions are removed")
        write_in_place(owner, {max(keys): keys[max(keys)]})
        say(f"  ✓ {owner.name}: version {max(keys)} only")


def rewrap_all(owners: Sequence[Owner], say: Say, dry: bool = False) -> None:
    """Rewraps under what the named key service uses now: its keys are rotated there."""
    for owner in owners:
        say(f"  {owner.name}: {_told(owner.counts())}" if dry else f"  ✓ {owner.name}: {_told(owner.rewrap()[1])}")


def write_in_place(owner: Owner, keys: Mapping[int, bytes]) -> None:
    """Writes the file under the same inode, because containers mount the file itself; its mode stays."""
    assert owner.file is not None
    mode, text = owner.file.stat().st_mode & 0o777, text_of(keys).encode()
    owner.file.chmod(mode | 0o200)
    try:
        file = os.open(owner.file, os.O_WRONLY)
        try:
            os.pwrite(file, text, 0)  # one write: a reader that sees half of it waits for the rest (`chassis.masters`)
            os.ftruncate(file, len(text))
            now = time.time()
            os.utime(file, (now, now))  # `retire` counts from here by this same clock; a network disk has its own
            os.fsync(file)
        finally:
            os.close(file)
    finally:
        owner.file.chmod(mode)


def owners_of(environ: Mapping[str, str], containers: Sequence[str] = ()) -> list[Owner]:
    """The services with master keys: of the system that `make run` runs or the environment names, or in containers.

    ``containers`` is the command of compose with its files. Raises `Stopped`.
    """
    settings = dict(environ) if containers else {**environ, **known_settings(environ)}
    found = []
    for secret in ROTATED:
        name = secret.removeprefix("master_key_")
        variable = f"{variable_of(secret)}_FILE"
        if containers:
            file: Path | None = Path(environ.get("RELEVE_SECRETS") or ROOT / "deploy/secrets") / secret
            command = [*containers, "run", "--rm", "--no-deps", "-T", f"{name}-http"]
        else:
            if not settings.get("RELEVE_MONGO_URI"):
                raise Stopped("nothing runs here: start it (make run), or set RELEVE_MONGO_URI and the other settings")
            file = Path(settings[variable]) if settings.get(variable) else None
            command = [sys.executable, "-m", f"{part_of(name).package}.app"]
        if file is None and not settings.get("RELEVE_KEY_SERVICE"):
            raise Stopped(f"{variable} is not set: only master keys in files can be rotated")
        found.append(Owner(name, file, _runner(name, command, settings)))
    return found


def _runner(name: str, command: Sequence[str], settings: Mapping[str, str]) -> Callable[[str], Mapping[str, object]]:
    def run(side: str) -> Mapping[str, object]:
        done = subprocess.run([*command, side], cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise Stopped(f"{name}: `{side}` failed (see above); nothing is lost, run the command again")
        said: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
        return said

    return run


def _older(counts: Mapping[str, int], version: int) -> int:
    return sum(number for by, number in counts.items() if by != str(version))


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} keys under version {by}" for by, number in sorted(counts.items())) or "no keys stored"


def main(arguments: Sequence[str], environ: Mapping[str, str], say: Say = print) -> int:
    """Runs the command; returns 0, or 1 after printing one line that says what to do."""
    parser = argparse.ArgumentParser("deploy.rotate", description="Rotates the master keys while everything runs.")
    parser.add_argument("--dry-run", action="store_true", help="show what would happen")
    parser.add_argument("--retire", action="store_true", help="remove the versions that nothing stored needs any more")
    parser.add_argument("--containers", help="the command of compose with its files")
    asked = parser.parse_args(arguments)
    try:
        owners = owners_of(environ, shlex.split(asked.containers or ""))
        step = rewrap_all if environ.get("RELEVE_KEY_SERVICE") else retire if asked.retire else rotate
        step(owners, say, asked.dry_run)
        return 0
    except Stopped as stopped:
        print(f"relève: {stopped}", file=sys.stderr)
    except KeyboardInterrupt:
        print("relève: cut off; run the command again, and it goes on", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
