"""`make evaluate-leaks`: how much of the labelled corpus the scan finds, by family and language, and how long it takes.

--aside      measure the part that is set aside; its figures are the ones to publish
--failures   list what was missed and what was found wrongly
"""

import argparse
import re
import time
from collections.abc import Iterable

from services.projects.model.leaks import find_leaks
from tests.leaks.corpus import ASIDE, TUNED, UNSEEN, WEAK, WEAK_ASIDE, Text, read
from tests.leaks.figures import Result, Share, certain, recall, scanned, wrongly_asked, wrongly_refused

CHARACTERS = 20_000
HEAD = f"{'family':<18}{'lang':<6}{'texts':>6}  {'found':<30}{'refused wrongly':<30}{'asked wrongly'}"


def table(results: list[Result]) -> Iterable[str]:
    yield HEAD
    keys = sorted({(r.text.clean, r.text.family, r.text.language) for r in results})
    for _, family, language in keys:
        yield row(family, language, [r for r in results if (r.text.family, r.text.language) == (family, language)])
    for language in ("en", "fr"):
        yield row("all", language, [r for r in results if r.text.language == language])
    yield row("all", "both", results)


def row(family: str, language: str, results: list[Result]) -> str:
    shares = (recall(results), wrongly_refused(results), wrongly_asked(results))
    return f"{family:<18}{language:<6}{len(results):>6}  " + "".join(f"{shown(share):<30}" for share in shares).rstrip()


def shown(share: Share) -> str:
    if not share.of:
        return "-"
    low, high = share.interval
    return f"{share.hits}/{share.of} {share.rate:.3f} [{low:.3f}, {high:.3f}]"


def failures(results: list[Result]) -> Iterable[str]:
    for result in results:
        text = result.text
        wrong = [("missed", text.text[span.start : span.end]) for span in result.missed if not text.ordinary]
        wrong += [("refused", f"{leak.text} ({leak.kind})") for leak in result.refused]
        wrong += [("asked", f"{leak.text} ({leak.kind})") for leak in result.asked]
        for what, place in wrong:
            yield f"{text.id:<26}{text.identity.name:<30}{what:<9}{place!r} in {text.text!r}"
    degrees = [
        (certain(leak), span.certain)
        for result in results
        for span in result.text.spans
        for leak in result.found
        if span.overlaps(leak.start, leak.end)
    ]
    yield f"doubtful where the label is certain: {degrees.count((False, True))}"
    yield f"certain where the label is doubtful: {degrees.count((True, False))}"


def timing(texts: list[Text]) -> str:
    """The processor's time for 20 000 characters, beside one plain regular expression over them; best of five."""
    clean = " ".join(text.text for text in texts if text.clean or text.ordinary)
    long = (clean * (CHARACTERS // len(clean) + 2))[: CHARACTERS + 5]
    pieces = [long[turn : turn + CHARACTERS] for turn in range(5)]
    identity = texts[0].identity
    word = re.compile(r"\b\w+\b")
    scan = min(_seconds(lambda piece=piece: find_leaks({"text": piece}, identity)) for piece in pieces)  # type: ignore[misc]
    plain = min(_seconds(lambda piece=piece: word.findall(piece)) for piece in pieces)  # type: ignore[misc]
    return f"{CHARACTERS} characters: {scan * 1000:.1f} ms, {scan / plain:.0f} times one plain regular expression"


def _seconds(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aside", action="store_true")
    parser.add_argument("--failures", action="store_true")
    chosen = parser.parse_args()
    for path in (ASIDE, WEAK_ASIDE, UNSEEN) if chosen.aside else (TUNED, WEAK):
        results = scanned(read(path))
        print(f"{path.name}\n" + "\n".join(table(results)))
        if chosen.failures:
            print("\n".join(failures(results)))
    print(timing(read(TUNED)))


if __name__ == "__main__":
    main()
