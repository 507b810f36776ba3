"""Markup pasted from elsewhere is read as it looks once rendered, with offsets of the text as it was sent."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.scan import fold, readings
from contracts.scan.markup import renderings


@pytest.mark.parametrize(
    "written",
    [
        "Nestl&eacute;",
        "Nestl&#233;",
        "Nestl&#xE9;",
        "Nestl&amp;eacute;",
        "Nes&shy;tl&eacute",
        "Nes<b>tl</b>é",
        '<a href="x">Nestlé</a>',
        "Nes<wbr/>tlé",
        "Nes<!-- x -->tlé",
        "Nestl%C3%A9",
        "Nestl%E9",
        "%4E%65%73%74%6C%C3%A9",
        "Nestl=C3=A9",
        "NestlÃ©",
        "NestlÃ‰",
        "Nes=\ntlé",
        "Nestl\\u00e9",
        "Nestl\\xe9",
        "Nestl\\'e",
        "Nestl\\'{e}",
        "Nes\\tlé",
        "Nes**tlé**",
        "**N**estlé",
        "~~Nes~~tlé",
        "[Nes](https://x.y/z)tlé",
        "[b]Nes[/b]tlé",
        "xn--nestl-fsa",
    ],
)
def test_markup_inside_a_word_is_read_as_rendered(written):
    [read] = renderings(f"Chez {written} !")
    assert read.text == "chez nestle !"
    start, end = read.span(5, 11)
    assert 5 <= start < end <= 5 + len(written)


@pytest.mark.parametrize(("written", "said"), [("H&amp;M", "h&m"), ("H\\&M", "h&m"), ("<p>a</p><p>b", " a  b")])
def test_signs_and_blocks_keep_words_apart(written, said):
    [read] = renderings(written)
    assert read.text == said


@pytest.mark.parametrize(("written", "said"), [("OptiÅ¡a", "optisa"), ("Lâ€™Ours", "l'ours"), ("Å“uvre", "oeuvre")])
def test_bytes_shown_one_by_one_are_read_as_characters(written, said):
    [read] = renderings(written)
    assert read.text == said


@pytest.mark.parametrize("text", ["Ã", "SÃO", "pâté", "«\xa0CAFÉ»", "à l’âge", "â€", "â€x"])
def test_letters_that_begin_no_such_bytes_are_left_alone(text):
    assert renderings(text) == []


@pytest.mark.parametrize("text", ["Un texte simple, à 50 %.", "a < b", "AT&T", "R&D et Q&A", "x = 12"])
def test_text_without_markup_is_read_once(text):
    assert [read.text for read in readings(text)] == [fold(text).text]


def test_only_the_parts_with_markup_are_read_again():
    text = f"{'un mot ' * 100}Nestl&eacute;{' un mot' * 100}<b>H</b>&amp;M"
    read = renderings(text)
    assert [("nestle" in part.text, "h&m" in part.text) for part in read] == [(True, False), (False, True)]
    assert sum(len(part.text) for part in read) < 700
    assert all(part.text.startswith(" ") for part in read)


@settings(deadline=None)
@given(st.text(st.sampled_from("aé&#x;<b>/%C39\\u00e[]()*_=\n-xn"), max_size=40))
def test_rendered_characters_map_to_slices_in_order(text):
    for read in readings(text):
        assert len(read.text) == len(read.starts) == len(read.ends) == len(read.written)
        assert list(read.starts) == sorted(read.starts)
        assert all(0 <= start < end <= len(text) for start, end in zip(read.starts, read.ends, strict=True))


@pytest.mark.parametrize("unit", ["&", "&a", "<", "<a ", "%", "%C3", "\\", "\\u", "[", "[a](", "*", "=", "xn--"])
def test_hostile_markup_is_read_quickly(unit):
    text = (unit * 20_000)[:20_000]
    before = time.process_time()
    renderings(text)
    assert time.process_time() - before < 0.8  # measured: below 0.08; a quadratic pattern takes several seconds
