"""A person as notify knows them: language, zone, and what they would rather not be told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from chassis.facts import Refusal
from contracts.market import DEFAULT_ZONE
from services.notify.model.audience import KINDS, NEEDED
from services.notify.model.texts import DEFAULT_LANGUAGE

DIGESTS = ("at-once", "daily")
DIGEST_AT = time(8)


@dataclass(frozen=True)
class QuietHours:
    """When mails wait, by the person's own clock; ``start`` may be later than ``end``, over midnight."""

    on: bool
    start: time = time(20)
    end: time = time(8)


@dataclass(frozen=True)
class Person:
    """``quiet`` is None where the person left it at the setting's hours.

    ``chosen_zone`` is that of the preferences, ``profile_zone`` that of a mentor's profile; None where they name none.
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
        """The time zone whose clock counts for dates, quiet hours and the daily mail."""
        return self.chosen_zone or self.profile_zone or DEFAULT_ZONE

    @property
    def gathers_until(self) -> time | None:
        """When the day's mails come as one, by the person's own clock; None where each comes at once."""
        return self.digest_at if self.digest == "daily" else None

    def wants(self, kind: str, channel: str) -> bool:
        """Whether this kind of news may reach the person by ``in_app`` or ``email``."""
        return kind not in (self.in_app_off if channel == "in_app" else self.email_off)

    def preferring(self, wish: Mapping[str, Any]) -> "Person":
        """The person with new preferences; what is not said is at its default again.

        ``invalid`` when it switches off in-app what the window needs.
        """
        kinds: Mapping[str, Mapping[str, bool]] = wish.get("kinds", {})
        off = {
            channel: frozenset(kind for kind in kinds if not kinds[kind].get(channel, True))
            for channel in ("in_app", "email")
        }
        held = sorted(off["in_app"] & NEEDED)
        if held:
            message = "The window needs it: it stays on in-app."
            raise Refusal("invalid", errors=[{"field": f"kinds.{kind}.in_app", "message": message} for kind in held])
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


def _clock(text: str) -> time:
    return time.fromisoformat(text)
