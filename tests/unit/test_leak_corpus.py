"""The labelled corpus is well formed, and the scan finds at least what it found when the floors were set."""

import re
from collections import Counter
from pathlib import Path

import pytest

from services.projects.model.leaks import find_leaks
from tests.leaks.corpus import ASIDE, TUNED, UNSEEN, WEAK, WEAK_ASIDE, is_aside, read, rows, unmarked
from tests.leaks.figures import Result, Share, recall, scanned, wrongly_asked, wrongly_refused

FOUND_AT_LEAST = {TUNED: 0.99, ASIDE: 0.98, WEAK: 0.98, WEAK_ASIDE: 0.94, UNSEEN: 0.98}
REFUSED_WRONGLY_AT_MOST = {TUNED: 0.004, ASIDE: 0.01, UNSEEN: 0.02}
ASKED_WRONGLY_AT_MOST = {TUNED: 0.05, ASIDE: 0.04, UNSEEN: 0.06}
ASKED_FOR_OTHERS_AT_MOST = 0.005

TEXTS = [*read(TUNED), *read(ASIDE)]


@pytest.fixture(scope="module")
def results() -> dict[Path, list[Result]]:
    return {path: scanned(read(path)) for path in FOUND_AT_LEAST}


def test_most_leaks_are_found(results):
    assert [path.name for path, least in FOUND_AT_LEAST.items() if recall(results[path]).rate < least] == []


def test_few_clean_texts_are_refused(results):
    for path, most in REFUSED_WRONGLY_AT_MOST.items():
        assert wrongly_refused(results[path]).rate <= most


def test_few_clean_texts_are_asked_about(results):
    for path, most in ASKED_WRONGLY_AT_MOST.items():
        assert wrongly_asked(results[path]).rate <= most


def test_clean_texts_are_clean_for_other_clients():
    clean = [text.text for text in TEXTS if text.clean][::9]
    others = list({text.identity: None for text in read(WEAK)})[::2]
    asked = sum(
        any(not leak.certain for leak in find_leaks({"brief": text}, client)) for client in others for text in clean
    )
    assert Share(asked, len(clean) * len(others)).rate <= ASKED_FOR_OTHERS_AT_MOST


def test_corpus_is_large_half_clean_and_in_both_languages():
    assert len(TEXTS) >= 400
    assert 0.45 <= Share(sum(text.clean for text in TEXTS), len(TEXTS)).rate <= 0.55
    assert 0.4 <= Share(sum(text.language == "fr" for text in TEXTS), len(TEXTS)).rate <= 0.6
    assert len({text.identity.name for text in TEXTS}) >= 60


def test_a_third_is_set_aside_by_id():
    kept = sum(1 for path in (ASIDE, UNSEEN) for _ in rows(path))
    assert 0.28 <= Share(kept, kept + sum(1 for _ in rows(TUNED))).rate <= 0.38
    assert not any(is_aside(row["id"]) for path in (TUNED, WEAK) for row in rows(path))
    assert all(is_aside(row["id"]) for path in (ASIDE, WEAK_ASIDE, UNSEEN) for row in rows(path))


def test_no_client_of_weak_texts_is_on_both_sides():
    assert not {text.identity for text in read(WEAK)} & {text.identity for text in read(WEAK_ASIDE)}


def test_ids_and_texts_are_unique():
    texts = [*TEXTS, *read(WEAK), *read(WEAK_ASIDE), *read(UNSEEN)]
    assert [id for id, count in Counter(text.id for text in texts).items() if count > 1] == []
    assert [pair for pair, count in Counter((t.identity.name, t.text) for t in texts).items() if count > 1] == []


def test_marks_are_closed_and_hug_what_they_mark():
    for text in (*TEXTS, *read(WEAK), *read(WEAK_ASIDE), *read(UNSEEN)):
        assert not set(text.text) & set("⟦⟧⟪⟫"), text.id
        for span in text.spans:
            place = text.text[span.start : span.end]
            assert place == place.strip(), text.id


def test_exactly_the_clean_families_have_no_marks():
    texts = (*TEXTS, *read(UNSEEN))
    assert [text.id for text in texts if text.clean != text.family.startswith("clean-")] == []


def test_only_common_words_are_doubtful():
    doubtful = {text.family for text in TEXTS if any(not span.certain for span in text.spans)}
    assert doubtful == {"common-own", "common-ordinary", "product"}


def test_mark_becomes_code_points():
    text, (first, second) = unmarked("Chez ⟦Nestlé 𝐖⟧, ⟪orange⟫.")
    assert text == "Chez Nestlé 𝐖, orange."
    assert (text[first.start : first.end], first.certain) == ("Nestlé 𝐖", True)
    assert (text[second.start : second.end], second.certain) == ("orange", False)


def test_marked_numbers_have_right_check_digits():
    for text in (*TEXTS, *read(UNSEEN)):
        if text.family == "registration":
            assert [
                text.text[span.start : span.end] for span in text.spans if not valid(text.text[span.start : span.end])
            ] == []
        assert text.identity.siren is None or luhn(text.identity.siren)


def test_unmarked_numbers_have_wrong_check_digits():
    for text in TEXTS:
        if text.family == "clean-invalid":
            candidates = re.findall(r"\b(?:[A-Z]{2}\d\d(?: ?\w{2,4})+|\d[\d ]{7,}\d)", text.text)
            assert [number for number in candidates if valid(number)] == [], text.id


def test_interval_is_wilsons():
    low, high = Share(98, 100).interval
    assert (round(low, 3), round(high, 3)) == (0.930, 0.994)
    assert Share(0, 0).interval == (0.0, 1.0)


def valid(number: str) -> bool:
    """A SIREN, SIRET, IBAN, or a French, Belgian, Swiss or British VAT number whose check digits are right."""
    compact = re.sub(r"[^A-Z0-9]", "", re.sub(r"RCS \w+|TVA$", "", number))
    digits = re.sub(r"\D", "", compact)
    if re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", compact):
        return int("".join(str(int(sign, 36)) for sign in compact[4:] + compact[:4])) % 97 == 1
    if compact.startswith("FR"):
        return luhn(digits[2:]) and int(digits[:2]) == (12 + 3 * int(digits[2:])) % 97
    if compact.startswith("CHE"):
        weights = (5, 4, 3, 2, 7, 6, 5, 4, 1)
        return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0
    if compact.startswith("GB"):
        return sum(int(d) * w for d, w in zip(digits, (8, 7, 6, 5, 4, 3, 2, 10, 1), strict=True)) % 97 == 0
    if len(digits) == 10:
        return int(digits[:8]) % 97 == 97 - int(digits[8:])
    return len(digits) in (9, 14) and luhn(digits)


def luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0
