"""Prints the Secrets that the manifests mount, from the files of deploy/secrets, for `kubectl apply -n releve -f -`.

`python -m deploy.kubernetes.secrets --mongo HOSTS [--replica-set NAME] [--folder FOLDER]`: HOSTS are MongoDB's members,
as `host:port`, separated by commas. They replace the address that the files name for compose. The output holds every
password: it belongs into a pipe or a sealed store, never into a file of this tree.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import yaml

from deploy.kubernetes.files import base
from deploy.kubernetes.objects import Object, named, secret_name
from deploy.prepare import FOLDER

ADMIN_URI = "mongo_admin_uri"
"""The only mounted file that deploy/secrets lacks: it is composed of the administrator's password and the hosts."""


def mounted() -> list[str]:
    """The files that the pods of the base mount, each from the Secret of its name."""
    found = dict.fromkeys(_files(list(base().values())))
    return sorted(found)


def secrets(folder: Path, hosts: str, replica_set: str) -> list[Object]:
    """The Secrets. Raises OSError if a file of `folder` is missing.

    Trailing line ends are left out, because KEDA would take them for a part of a password.
    """
    texts = {name: _text(folder, name, hosts, replica_set) for name in mounted()}
    return [named("Secret", secret_name(name), type="Opaque", stringData={name: text}) for name, text in texts.items()]


def _text(folder: Path, name: str, hosts: str, replica_set: str) -> str:
    if name == ADMIN_URI:
        password = (folder / "mongo_admin").read_text().strip()
        return f"mongodb://admin:{password}@{hosts}/?{urlencode({'replicaSet': replica_set, 'authSource': 'admin'})}"
    text = (folder / name).read_text().strip()
    return _moved(text, hosts, replica_set) if name.endswith("_mongo") else text


def _moved(uri: str, hosts: str, replica_set: str) -> str:
    """The URI with other hosts, and the same user."""
    parts = urlsplit(uri)
    query = dict(parse_qsl(parts.query)) | {"replicaSet": replica_set}
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{hosts}", query=urlencode(query)))


def _files(found: object) -> Iterator[str]:
    if isinstance(found, Mapping):
        if isinstance(secret := found.get("secret"), Mapping) and "items" in secret:
            yield from (item["key"] for item in secret["items"])
        for value in found.values():
            yield from _files(value)
    elif isinstance(found, Sequence) and not isinstance(found, str):
        for value in found:
            yield from _files(value)


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns 0, or 1 after printing one error line."""
    parser = argparse.ArgumentParser("deploy.kubernetes.secrets", description="Prints the Secrets of the manifests.")
    parser.add_argument("--mongo", required=True, metavar="HOSTS", help="MongoDB's members, host:port,host:port")
    parser.add_argument("--replica-set", default="rs0")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args(arguments)
    try:
        yaml.safe_dump_all(secrets(asked.folder, asked.mongo, asked.replica_set), sys.stdout, sort_keys=False)
    except OSError as error:
        print(f"No Secrets are printed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
