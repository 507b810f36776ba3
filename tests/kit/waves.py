"""Settings for systems whose tests play with every mentor that they know."""

from collections.abc import Mapping
from typing import Final

FIXED: Final[Mapping[str, str]] = {"RELEVE_LEARNT_FROM": "1000000000"}
"""Waves of a fixed size: so much is never learnt of how mentors answer that waves follow the chance of five quotes."""
