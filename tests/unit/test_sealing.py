"""Encryption of stored values, master keys and the hook of a key service."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from chassis import keyring, masters
from chassis.keyring import Keyring
from chassis.masters import MasterKeys
from chassis.mongo import is_outage
from chassis.sealing import PADDED_TO, KeysAway, Unopened, new_key, place, seal, unseal
from chassis.settings import BadSetting

ONE, TWO = "11" * 32, "22" * 32
WHERE = place("projects", "vault", "project-1", "client")
CLIENT = {"organisation": {"name": "Nestlé Waters"}, "contact": {"email": "camille@example.com"}}
SETTING = "RELEVE_MASTER_KEY_PROJECTS"


def ring(text: str = ONE) -> Keyring:
    return Keyring("projects", MasterKeys(SETTING, text))


def test_value_opens_with_its_key_at_its_place() -> None:
    key = new_key()
    assert unseal(key, seal(key, CLIENT, WHERE), WHERE) == CLIENT


@pytest.mark.parametrize(
    "elsewhere",
    [
        place("projects", "vault", "project-2", "client"),
        place("projects", "vault", "project-1", "contact"),
        place("accounts", "vault", "project-1", "client"),
        place("projects", "vault", 'project-1","client'),
    ],
)
def test_value_moved_to_another_place_does_not_open(elsewhere: str) -> None:
    key = new_key()
    with pytest.raises(Unopened):
        unseal(key, seal(key, CLIENT, WHERE), elsewhere)


def test_every_changed_bit_keeps_it_from_opening() -> None:
    key = new_key()
    sealed = seal(key, CLIENT, WHERE)
    for at in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[at] ^= 1 << at % 8
        with pytest.raises(Unopened):
            unseal(key, bytes(changed), WHERE)
    for short in (b"", sealed[:5], sealed[:-1], sealed[:12]):
        with pytest.raises(Unopened):
            unseal(key, short, WHERE)


def test_ciphertext_tells_neither_words_nor_the_length_of_a_name() -> None:
    key = new_key()
    short, long = (seal(key, {"name": name}, WHERE) for name in ("Axa", "Compagnie de Saint-Gobain"))
    assert len(short) == len(long) == PADDED_TO + 12 + 16
    assert b"Axa" not in short
    assert seal(key, CLIENT, WHERE) != seal(key, CLIENT, WHERE)


def test_wrapped_key_opens_only_at_its_place_and_version() -> None:
    keys, key = ring(f"1:{ONE} 2:{TWO}"), new_key()
    stored = keys.wrap(key, WHERE)
    assert (stored["by"], stored["for"], key in stored["data"]) == ("2", WHERE, False)
    assert keys.unwrap(stored, WHERE) == key
    for wrong in (stored | {"by": "1"}, stored | {"by": "3"}, stored | {"by": "x"}):
        with pytest.raises(Unopened):
            keys.unwrap(wrong, WHERE)
    with pytest.raises(Unopened):
        keys.unwrap(stored, place("projects", "vault", "project-2", "client"))


def test_key_that_is_stored_readable_is_refused() -> None:
    with pytest.raises(Unopened, match="not wrapped"):
        ring().unwrap("-----BEGIN PRIVATE KEY-----", WHERE)


def test_both_versions_open_while_a_rotation_runs(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(ONE + "\n")
    keys, key = Keyring("projects", MasterKeys(SETTING, ONE, str(file))), new_key()
    older = keys.wrap(key, WHERE)
    file.write_text(masters.text_of({1: bytes.fromhex(ONE), 2: bytes.fromhex(TWO)}))
    newer = keys.wrap(key, WHERE)
    assert (older["by"], newer["by"], keys.version) == ("1", "2", "2")
    assert keys.unwrap(older, WHERE) == keys.unwrap(newer, WHERE) == key
    assert ring(f"2:{TWO}").unwrap(keys.rewrap(older), WHERE) == key
    file.write_text(f"1:{ONE}\n2:{TWO[:10]}")  # half written
    assert keys.wrap(key, WHERE)["by"] == "2"
    os.unlink(file)
    assert keys.wrap(key, WHERE)["by"] == "2"


@pytest.mark.parametrize("text", ["short", "1:" + "zz" * 32, f"1:{ONE} 1:{TWO}", f"0:{ONE}", f"{ONE} {TWO}"])
def test_malformed_master_key_is_one_line_without_the_key(text: str) -> None:
    with pytest.raises(BadSetting) as refused:
        ring(text)
    assert SETTING in str(refused.value)
    assert text not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_master_key_names_its_setting() -> None:
    with pytest.raises(BadSetting, match="RELEVE_MASTER_KEY_PROJECTS is not set"):
        keyring.read("projects", {})


class Elsewhere:
    """A key service as a company would write one; it records what it is asked."""

    def __init__(self, service: str, region: str) -> None:
        self.version, self.away, self._service, self._region = f"arn:{region}/7", False, service, region
        self._kept: dict[bytes, tuple[bytes, str]] = {}

    def wrap(self, key: bytes, place: str) -> tuple[str, bytes]:
        handle = f"{self._service}-{len(self._kept)}".encode()
        self._kept[handle] = (key, place)
        return self.version, handle

    def unwrap(self, wrapped: bytes, place: str, version: str) -> bytes:
        if self.away:
            raise KeysAway
        key, kept_for = self._kept[wrapped]
        assert (kept_for, version) == (place, self.version)
        return key


def elsewhere(service: str, environ: Mapping[str, str]) -> Elsewhere:
    return Elsewhere(service, environ["COMPANY_REGION"])


def test_another_key_service_can_be_named() -> None:
    hook = {"RELEVE_KEY_SERVICE": f"{__name__}:elsewhere", "COMPANY_REGION": "eu-west-3"}
    keys, key = keyring.read("projects", hook), new_key()
    stored = keys.wrap(key, WHERE)
    assert (stored["by"], stored["data"]) == ("arn:eu-west-3/7", b"projects-0")
    assert keys.unwrap(stored, WHERE) == key


@pytest.mark.parametrize("hook", ["nowhere:make", "chassis.keyring:nothing", "chassis.keyring", ":"])
def test_key_service_that_cannot_be_imported_is_one_line(hook: str) -> None:
    with pytest.raises(BadSetting, match=r"RELEVE_KEY_SERVICE=.* is module:function"):
        keyring.read("projects", {"RELEVE_KEY_SERVICE": hook})


def test_key_service_that_does_not_answer_is_an_outage() -> None:
    service = Elsewhere("projects", "eu")
    keys = Keyring("projects", service, most=1)
    stored, other = keys.wrap(new_key(), WHERE), keys.wrap(new_key(), WHERE)
    keys.unwrap(stored, WHERE)
    service.away = True
    assert len(keys.unwrap(stored, WHERE)) == 32, "an unwrapped key is kept in memory"
    with pytest.raises(KeysAway) as away:
        keys.unwrap(other, WHERE)
    assert is_outage(away.value)
    service.away = False
    keys.unwrap(other, WHERE)
    service.away = True
    with pytest.raises(KeysAway):
        keys.unwrap(stored, WHERE)  # no more keys than `most` are kept


def test_stored_key_names_no_plain_bytes() -> None:
    stored = ring().wrap(b"k" * 32, WHERE)
    assert json.loads(stored["for"]) == ["projects", "vault", "project-1", "client"]
    assert b"kkkk" not in stored["data"]
