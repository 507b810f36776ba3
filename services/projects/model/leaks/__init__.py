"""Where a text says who the client is: the client's own names, people, products and numbers, and contact data.

Pure: no clock, no I/O. A leak that is missed tells every mentor who the client is, a false one costs the client a
rephrasing with the place shown; yet a brief full of false ones teaches people to ignore the check. Hence:

- the organisation's name, aliases, products and domain labels are found whatever case, accents, hyphens, spaces or
  spaced letters, with word boundaries (a change of case or from letter to digit is one too: `#NestléWaters2026`),
  and with a plural or genitive "s";
- a legal form or "Group", "France" at the end of a name is optional;
- a word of a longer name counts alone if it has four letters or more and is not a common word of business; an
  acronym in it ("BNP") only in capitals;
- names of one or two letters, and names that are function words ("But"), only in capitals and as exact words;
- a surname counts alone from four letters on, if no common word; otherwise only after a title or an initial
  ("Mme Petit", "J. Petit"). A first name alone never counts.
"""

from services.projects.model.leaks.finding import MASK, FieldLeak, find_leaks, redact
from services.projects.model.leaks.identity import Identity

__all__ = ["MASK", "FieldLeak", "Identity", "find_leaks", "redact"]
