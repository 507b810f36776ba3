"""JPEG (ITU T.81, annex B): segments that begin with a marker, then coded data until the end marker."""

from services.programmes.model.pictures.reading import (
    UPRIGHT,
    BadPicture,
    Parsed,
    exif_with,
    orientation_of,
    piece,
)

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
APP0, APP1, APP2, APP14, COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
EXIF, COLOURS = b"Exif\x00\x00", b"ICC_PROFILE\x00"


def parse(content: bytes) -> Parsed:
    """The picture without application segments, except those that its colours need, and without comments."""
    kept, place, size, turned = [b"\xff\xd8"], 2, (0, 0), UPRIGHT
    while True:
        marker, place = _marker(content, place)
        if marker == EOI:
            kept.append(b"\xff\xd9")
            break
        if marker in STANDALONE:
            kept.append(bytes((0xFF, marker)))
            continue
        length = int.from_bytes(piece(content, place, 2), "big")
        body = piece(content, place + 2, length - 2)
        place += length
        if marker == APP1 and body.startswith(EXIF):
            turned = orientation_of(body[len(EXIF) :])
        if marker in FRAMES:
            size = int.from_bytes(piece(body, 3, 2), "big"), int.from_bytes(piece(body, 1, 2), "big")
        if _is_kept(marker, body):
            kept.append(bytes((0xFF, marker)) + length.to_bytes(2, "big") + body)
        if marker == SOS:
            end = _end_of_scan(content, place)
            kept.append(content[place:end])
            place = end
    if turned != UPRIGHT:
        exif = EXIF + exif_with(turned)
        kept.insert(1, b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif)
    return Parsed(b"".join(kept), *size)


def _is_kept(marker: int, body: bytes) -> bool:
    if marker == APP2:
        return body.startswith(COLOURS)
    if marker == APP0:
        return body.startswith(b"JFIF\x00")
    return not (APP1 <= marker <= 0xEF or marker == COMMENT) or marker == APP14


def _marker(content: bytes, place: int) -> tuple[int, int]:
    """The next marker and the place behind it; any number of fill bytes 0xFF may precede it."""
    if piece(content, place, 1) != b"\xff":
        raise BadPicture("The picture is damaged.")
    while piece(content, place, 1) == b"\xff":
        place += 1
    return content[place], place + 1


def _end_of_scan(content: bytes, place: int) -> int:
    """Where coded data end: at the next marker that is neither a stuffed 0xFF nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise BadPicture("The picture is cut off.")
        following = content[place + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return place
        place += 1 if following == 0xFF else 2
