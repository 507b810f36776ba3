"""Pictures: what their bytes are, how large they may be, and that no place or text stays in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.programmes.model.pictures import MOST_BYTES, BadPicture, cleaned
from services.programmes.model.pictures.reading import exif_with, orientation_of
from tests.kit.pictures import PLACE, SECRETS, chunk, jpeg, png, riff, webp


@pytest.mark.parametrize("picture", [jpeg(), png(), webp()], ids=["jpeg", "png", "webp"])
def test_no_metadata_stays_in_a_picture(picture: bytes) -> None:
    found = cleaned(picture)
    assert (found.width, found.height) == (4, 3)
    assert [secret for secret in SECRETS if secret in picture]
    assert [secret for secret in SECRETS if secret in found.content] == []
    assert cleaned(found.content) == found


def test_media_type_is_that_of_the_bytes() -> None:
    assert [cleaned(one).media_type for one in (jpeg(), png(), webp())] == ["image/jpeg", "image/png", "image/webp"]


def test_jpeg_keeps_colours_coded_data_and_its_orientation() -> None:
    content = cleaned(jpeg(orientation=6)).content
    for kept in (b"JFIF", b"ICC_PROFILE\x00colours", b"Adobe", b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9"):
        assert kept in content
    start = content.index(b"Exif\x00\x00") + 6
    assert orientation_of(content[start : start + 26]) == 6
    assert b"Exif" not in cleaned(jpeg(orientation=1)).content


def test_png_keeps_its_orientation_and_nothing_else_of_its_exif() -> None:
    content = cleaned(png()).content
    start = content.index(b"eXIf") + 4
    assert content[start : start + 26] == exif_with(3)
    assert content.endswith(chunk(b"IEND", b""))


def test_webp_no_longer_claims_its_metadata() -> None:
    content = cleaned(webp()).content
    assert content[20] == 0x20
    assert len(content) == 8 + int.from_bytes(content[4:8], "little")


def test_webp_without_extended_header_has_its_size() -> None:
    frame = b"\x10\x00\x00\x9d\x01\x2a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little") + b"data"
    chunks = b"WEBP" + riff(b"VP8 ", frame)
    found = cleaned(b"RIFF" + len(chunks).to_bytes(4, "little") + chunks)
    assert (found.width, found.height) == (640, 480)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\x00" * 40,
        b"<svg onload=alert(1)>",
        b"\x00" * 100,
        b"RIFF\x04\x00\x00\x00WAVE",
        png(12_001, 1),
        png(12_000, 12_000),
        png(0, 3),
        jpeg(width=0),
        png().replace(b"Naima", b"Aiman"),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
        jpeg() + b"\x00" * MOST_BYTES,
    ],
)
def test_file_that_is_no_accepted_picture_is_refused(content: bytes) -> None:
    with pytest.raises(BadPicture):
        cleaned(content)


@pytest.mark.parametrize("picture", [jpeg(), png(), webp()], ids=["jpeg", "png", "webp"])
def test_picture_that_is_cut_off_is_refused(picture: bytes) -> None:
    whole = len(picture) - len(b"after the end") - (len(PLACE) if picture[0] == 0xFF else 0)
    for end in range(whole):
        with pytest.raises(BadPicture):
            cleaned(picture[:end])


@given(st.sampled_from([jpeg(), png(), webp()]), st.integers(0, 10_000), st.binary(max_size=20))
def test_damaged_picture_is_cleaned_or_refused(picture: bytes, place: int, noise: bytes) -> None:
    place %= len(picture)
    try:
        cleaned(picture[:place] + noise + picture[place + len(noise) :])
    except BadPicture:
        return
