"""Finds where a text identifies the client: names, people, products, numbers and contact data.

Pure: no clock, no I/O. A missed leak reveals the client to every mentor. A false positive costs the client a
rephrasing, with the place shown; too many of them teach people to ignore the check. Hence:

- the organisation's name, aliases, products and domain labels are found regardless of case, accents, hyphens, spaces
  or spaced letters, at word boundaries (a change of case or from letter to digit is one too: `#NestléWaters2026`),
  and with a plural or genitive "s";
- a legal form or "Group", "France" at the end of a name is optional;
- a single word of a longer name counts if it has four letters or more and is not a common business word; an
  acronym in it ("BNP") counts only in capitals;
- names of one or two letters, and names that are function words ("But"), count only in capitals and as exact words;
- a surname of four letters or more counts alone if it is not a common word; otherwise only after a title or an
  initial ("Mme Petit", "J. Petit"). A first name alone never counts.
"""

from services.projects.model.leaks.finding import MASK, FieldLeak, find_leaks, redact
from services.projects.model.leaks.identity import Identity

__all__ = ["MASK", "FieldLeak", "Identity", "find_leaks", "redact"]
