"""A person as notify knows them: language, time zone, and which notifications they opted out of. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from chassis.facts import Refusal, wrong
from contracts.market import DEFAULT_ZONE
from services.notify.model.audience import KINDS, NEEDED
from services.notify.model.deliveries import DIGEST
from services.notify.model.texts import DEFAULT_LANGUAGE

DIGESTS = ("at-once", "daily")
DIGEST_AT = time(8)


@dataclass(frozen=True)
class QuietHours:
    """Local hours in which no mail is sent; ``start`` is later than ``end`` if they span midnight."""

    on: bool
    start: time = time(20)
    end: time = time(8)


@dataclass(frozen=True)
class Person:
    """Language, time zone and preferences. ``quiet`` is None if the person keeps the default of the settings.

    ``chosen_zone`` comes from the preferences, ``profile_zone`` from a mentor's profile; None if unset.
    """

    id: str
    language: str = DEFAULT_LANGUAGE
    role: str | None = None
    chosen_zone: str | None = None
    profile_zone: str | None = None
    in_app_off: frozenset[str] = frozenset()
    email_off: frozenset[str] = frozenset()
    quiet: QuietHours | None = None
    digest: str = DIGESTS[0]
    digest_at: time = DIGEST_AT

    @property
    def zone(self) -> str:
        """The time zone for dates, quiet hours and the digest."""
        return self.chosen_zone or self.profile_zone or DEFAULT_ZONE

    @property
    def gathers_until(self) -> time | None:
        """The local time of the daily digest; None if each mail is sent immediately."""
        return self.digest_at if self.digest == "daily" else None

    def wants(self, kind: str, channel: str) -> bool:
        """Whether the person accepts this kind of notification on a channel, ``in_app`` or ``email``."""
        return kind not in (self.in_app_off if channel == "in_app" else self.email_off)

    def preferring(self, wish: Mapping[str, Any]) -> "Person":
        """Replaces the preferences; omitted ones return to their defaults.

        Refused as ``invalid`` if it switches off in-app a kind in `NEEDED`.
        """
        kinds: Mapping[str, Mapping[str, bool]] = wish.get("kinds", {})
        off = {
            channel: frozenset(kind for kind in kinds if not kinds[kind].get(channel, True))
            for channel in ("in_app", "email")
        }
        held = sorted(off["in_app"] & NEEDED)
        if held:
            message = "The window needs it: it stays on in-app."
            raise Refusal("invalid", errors=[wrong(f"kinds.{kind}.in_app", "needed", message) for kind in held])
        quiet = wish.get("quiet_hours")
        return replace(
            self,
            in_app_off=off["in_app"],
            email_off=off["email"],
            quiet=quiet and QuietHours(quiet["on"], _clock(quiet["start"]), _clock(quiet["end"])),
            chosen_zone=wish.get("timezone"),
            digest=wish.get("digest", DIGESTS[0]),
            digest_at=_clock(wish["digest_at"]) if "digest_at" in wish else DIGEST_AT,
        )

    def preferences(self, default: QuietHours) -> dict[str, Any]:
        """The preferences in full, as the API shows them."""
        quiet = self.quiet or default
        return {
            "kinds": {
                kind: {"in_app": self.wants(kind, "in_app"), "email": self.wants(kind, "email")} for kind in KINDS
            },
            "quiet_hours": {"on": quiet.on, "start": f"{quiet.start:%H:%M}", "end": f"{quiet.end:%H:%M}"},
            "timezone": self.zone,
            "digest": self.digest,
            "digest_at": f"{self.digest_at:%H:%M}",
        }


def stopped_by(kind: str) -> list[str]:
    """The kinds that end by mail when a person unsubscribes from a mail of this kind; a digest holds several."""
    return [one for one in KINDS if one not in NEEDED and one != "programme"] if kind == DIGEST else [kind]


def _clock(text: str) -> time:
    return time.fromisoformat(text)
