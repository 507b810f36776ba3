"""The texts that explain a proposal to whoever runs the programme, in French or English.

A function that names people takes ``named``, which gives the shown name of a participant's id. Nothing here is stored.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from contracts.fit.languages import LANGUAGES
from contracts.fit.reasons import Reason, worded
from services.programmes.model.pairing import texts
from services.programmes.model.pairing.obstacles import FULL
from services.programmes.model.pairing.problem import OTHER
from services.programmes.model.pairing.proposal import Change, Conflict, Demand, SecondBest, Unpaired

Named = Callable[[str], str]
SHOWN_PEOPLE: Final = 6


def reason_words(reasons: Iterable[Reason], locale: str) -> list[str]:
    """The reasons of a pair as sentences, without unknown codes."""
    language, found = _language(locale), []
    for one in reasons:
        sentence = texts.REASONS[language].get(one.code)
        data = [words for item in one.data if (words := _item(one.code, item, language))]
        if sentence and (data or "{}" not in sentence):
            found.append(sentence.format(", ".join(data)))
    return found


def second_best_words(second: SecondBest, named: Named, locale: str) -> str:
    """Who would come next, with the fit in percent."""
    sentence = texts.SECOND[_language(locale)][second.free]
    return sentence.format(mentor=named(second.mentor), fit=round(100 * second.score))


def unpaired_words(one: Unpaired, named: Named, locale: str) -> list[str]:
    """Why somebody has no pair, and which changes would help, as sentences."""
    language = _language(locale)
    other, others = texts.PEOPLE[language][OTHER[one.side]]
    said = [texts.ALONE[language].format(name=named(one.person), other=other)]
    if not one.obstacles:
        return [*said, texts.NOBODY[language].format(other=other)]
    own = any(change.code == "capacity" and change.person == one.person for change in one.changes)
    main = texts.OWN_CAPACITY[language] if own else texts.MAIN[language][_main(one)]
    counts = ", ".join(texts.COUNTED[language][code][n > 1].format(n=n) for code, n in _counts(one))
    colon = {"fr": " : ", "en": ": "}[language]
    said.append(f"{main.format(other=other, others=others)}{'' if own else colon + counts}.")
    changes = [change_words(change, named, locale) for change in one.changes]
    return [*said, *(changes or [texts.CHANGES[language]["none"].format(other=other)])]


def moved_words(side: str, name: str, partner: str, locale: str) -> dict[str, str]:
    """Why somebody is alone whose partner was moved into another team, and what would change it."""
    language = _language(locale)
    why, change = texts.MOVED[language]
    return {"why": why.format(name=name, partner=partner, other=_other(side, language)), "change": change}


def change_words(change: Change, named: Named, locale: str) -> str:
    """One change that would help, as a sentence."""
    language = _language(locale)
    if change.code == "language":
        value = LANGUAGES[language].get(change.value, change.value)
    else:
        value = texts.RULES[language].get(change.value, change.value)
    return texts.CHANGES[language][change.code].format(
        person=named(change.person),
        partner=named(change.partner),
        value=value,
        number=_number(change.number, language),
    )


def conflict_words(conflict: Conflict, named: Named, locale: str) -> str:
    """A set of rules that cannot all hold, as one text."""
    language = _language(locale)
    side = next((one.value for one in conflict.demands if one.code == "cover"), "")
    said = [_demand(one, side, named, language) for one in conflict.demands]
    if len(conflict.demands) == 1:
        said.append(texts.DEMANDS[language]["nobody"].format(other=_other(side, language)))
    frame = texts.DEMANDS[language]
    ending = f" {frame['outro']}" if len(conflict.demands) > 1 else ""
    return f"{frame['intro']} {' ; '.join(said) if language == 'fr' else '; '.join(said)}.{ending}"


def _demand(demand: Demand, side: str, named: Named, language: str) -> str:
    """One rule of a conflict."""
    people, code = _people([named(id) for id in demand.people], language), demand.code
    if code in texts.RULES[language]:
        rule = texts.RULES[language][code]
        return texts.DEMANDS[language]["for"].format(rule=rule, people=people) if people else rule
    if code == "cover" and demand.number == 1:
        code = "cover-one"
    elif code == "lock" and not people:
        code = "locks"
    elif code == "capacity" and (demand.value or not demand.number):
        code = f"capacity-{demand.value or 'none'}"
    return texts.DEMANDS[language][code].format(
        side=texts.PEOPLE[language][side][0] if side else "",
        other=_other(side, language),
        people=people,
        number=demand.number if code == "cover" else _number(demand.number, language),
    )


def _other(side: str, language: str) -> str:
    return texts.PEOPLE[language][OTHER[side]][0] if side else ""


def _main(one: Unpaired) -> str:
    """The obstacle to name first: that nobody has a place left, or else the rule that keeps most people away."""
    codes = [obstacle.code for obstacle in one.obstacles]
    return FULL if FULL in codes else codes[0]


def _counts(one: Unpaired) -> list[tuple[str, int]]:
    return [(obstacle.code, obstacle.count) for obstacle in one.obstacles]


def _item(code: str, item: str, language: str) -> str:
    if code in ("skills", "near-skills", "return", "no-skill"):
        return worded("skills", item, language) or item
    if code == "availability":
        days = texts.DAYS[language]
        return " ".join(days.get(part, part) for part in item.split("-"))
    return worded(code, item, language)


def _number(number: int, language: str) -> str:
    one, several = texts.NUMBERS[language]
    return one if number == 1 else several.format(n=number)


def _people(names: Sequence[str], language: str) -> str:
    """Some names as a list; the rest as their number."""
    if len(names) > SHOWN_PEOPLE:
        more = texts.MORE[language].format(n=len(names) - SHOWN_PEOPLE + 1)
        names = [*names[: SHOWN_PEOPLE - 1], more]
    *first, last = names or [""]
    return texts.AND[language].join([", ".join(first), last]) if first else last


def _language(locale: str) -> str:
    return "en" if locale.lower().startswith("en") else "fr"
