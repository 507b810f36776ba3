"""From what a person typed to the body of a call, and from a refusal back to messages at the fields."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from web.api import Answer
from web.refusals import CODES, REFUSALS, ROWS
from web.words import Words


@dataclass
class Form:
    """A form as typed. `errors` has messages by field, `problem` a sentence about the whole."""

    values: MultiDict[str, str] = field(default_factory=MultiDict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    problem: str = ""

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def all(self, name: str) -> list[str]:
        """Every value of a field that may occur several times."""
        return self.values.getlist(name)

    def has(self, name: str, value: str) -> bool:
        """Whether a box is ticked."""
        return value in self.values.getlist(name)

    @property
    def wrong(self) -> bool:
        """Whether it must be shown again."""
        return bool(self.errors or self.problem)

    def miss(self, name: str, message: str) -> None:
        """Adds a message at a field, once: two places with the same fault need one sentence."""
        if message not in self.errors.setdefault(name, []):
            self.errors[name].append(message)

    def refused(self, answer: Answer, words: Words, names: Mapping[str, str] | None = None) -> "Form":
        """Takes over the refusal of a call; `names` maps the API's fields to those of this form."""
        for error in answer.errors:
            of_api = str(error.get("field", ""))
            own = (names or {}).get(of_api) or (names or {}).get(of_api.split(".")[0]) or of_api.split(".")[0]
            self.miss(own, field_message(error, words))
        if not self.errors or answer.problem not in ("invalid", ""):
            self.problem = refusal(answer, words)
        return self


def typed(form: MultiDict[str, str]) -> Form:
    """What was sent, without our own fields."""
    return Form(MultiDict([(name, value.replace("\r\n", "\n")) for name, value in form.items(multi=True)
                           if not name.startswith("_")]))  # fmt: skip


def prefilled(values: Mapping[str, Any]) -> Form:
    """A form with what is already known: a list fills a field that may occur several times."""
    pairs = [
        (name, str(one))
        for name, value in values.items()
        for one in (value if isinstance(value, (list, tuple)) else [value])
        if one is not None
    ]
    return Form(MultiDict(pairs))


def lines(text: str) -> list[str]:
    """The entries of a list that people type one per line, or with commas."""
    return [entry.strip() for entry in re.split(r"[\n;,]", text) if entry.strip()]


def secret_of(link: str) -> str:
    """The secret of a mail's link, of which people may paste all of it."""
    return link.strip().rpartition("#")[2] or "-"


def amount(text: str) -> int | None:
    """Minor units of a price typed as « 1 200,50 », "1,200.50", "1200" or « 1200 € »; None if it is none of these."""
    bare = re.sub(r"[\s\u00a0\u202f'’€£$]|EUR", "", text)
    if not re.fullmatch(r"[0-9][0-9.,]*", bare):
        return None
    last = max(bare.rfind(","), bare.rfind("."))
    cents = bare[last + 1 :] if last >= 0 else ""
    if len(cents) in (1, 2):
        bare = bare[:last]
    else:
        cents = ""  # that sign was between thousands
    groups = re.split(r"[.,]", bare)
    if any(len(group) != 3 for group in groups[1:]):
        return None
    return int("".join(groups)) * 100 + int(cents.ljust(2, "0"))


def whole(text: str) -> int | str:
    """A whole number; anything else stays as typed, and the API says at the field what it expects."""
    return int(text) if text.isdecimal() else text


def number(text: str) -> float | None:
    """A number typed with a comma or a point; None if it is none."""
    bare = text.strip().replace(",", ".")
    return float(bare) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", bare) else None


def refusal(answer: Answer, words: Words) -> str:
    """The sentence of a refusal: what happened, and what is possible now."""
    found = REFUSALS.get(answer.problem)
    return words.gettext(found) if found else words.gettext("Cela n'a pas été fait. Vérifiez et réessayez.")


def field_message(error: Mapping[str, Any], words: Words) -> str:
    """The sentence of one field's error, from its code and params."""
    code = str(error.get("code", ""))
    sentence = CODES.get(code) or ROWS.get(code, "Ce n'est pas accepté ici.")
    params = {name: _shown(value, words) for name, value in (error.get("params") or {}).items()}
    try:
        return words.gettext(sentence, **params) if params else words.gettext(sentence)
    except (KeyError, ValueError):
        return words.gettext("Ce n'est pas accepté ici.")


def _shown(value: Any, words: Words) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return words.day(value)
    return ", ".join(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)
