"""Constants of the market that every service shares."""

from zoneinfo import ZoneInfo

SLOTS = 5
"""Maximum number of quotes in a round; the client receives as many."""
SIZES = ("micro", "small", "medium", "large", "group")
"""Sizes of an organisation. Mentors learn only its size and its sector (`contracts.sectors`)."""
ENDED_BY = ("client", "moderation", "departure")
"""Who ends a project early: its client, an operator, or the departure of the client's last account."""
DEFAULT_ZONE = "Europe/Paris"
"""The time zone of a person who has not chosen one."""
DAYS_ARE_MEANT_IN = ZoneInfo("Europe/Paris")
"""The time zone in which a date without a time is meant."""
MOST_EXCLUDED = 20
"""Maximum number of names that a mentor or a client keeps away from. A long list is a probe, not a wish."""
