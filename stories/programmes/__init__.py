"""Casts of three mentoring programmes, with the files from which their organisers enrol them.

| module | programme | how people are enrolled |
|---|---|---|
| `pwn` | 20 women executives with 20 young mentors, in two languages | a spreadsheet: semicolons, Windows-1252 |
| `orange` | a committee of 12 with young employees | JSON |
| `axa` | four companies of 25 people, four challenges | an invitation link per company |

Every name is invented; e-mails are at domains of example.org that are unique per run.
"""
