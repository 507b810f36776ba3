"""What every service takes for granted of the market."""

from zoneinfo import ZoneInfo

SLOTS = 5
"""Quotes a round can hold, and the client receives."""
SIZES = ("micro", "small", "medium", "large", "group")
"""How large an organisation is: with its trade, all that mentors learn of it."""
DEFAULT_ZONE = "Europe/Paris"
"""The time zone of a person who has named none."""
DAYS_ARE_MEANT_IN = ZoneInfo("Europe/Paris")
"""A date without a time means the day there."""
