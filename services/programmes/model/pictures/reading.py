"""What the formats share: a bounded reader of bytes, and the orientation in an EXIF block."""

from dataclasses import dataclass

ORIENTATION = 0x0112
UPRIGHT = 1


class BadPicture(ValueError):
    """The bytes are not a picture that is accepted; the text says why."""


@dataclass(frozen=True)
class Parsed:
    """A picture that was read to its end, without metadata."""

    content: bytes
    width: int
    height: int


def piece(content: bytes, start: int, size: int) -> bytes:
    """``size`` bytes from ``start``; raises `BadPicture` where the file ends before."""
    if size < 0 or start + size > len(content):
        raise BadPicture("The picture is cut off.")
    return content[start : start + size]


def orientation_of(exif: bytes) -> int:
    """How a viewer must turn the picture (EXIF 2.3, tag 0x0112), from a TIFF block; 1, upright, if it does not say."""
    order = {b"II*\x00": "little", b"MM\x00*": "big"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return UPRIGHT

    def number(start: int, size: int) -> int:
        return int.from_bytes(exif[start : start + size], order)  # type: ignore[arg-type]

    first = number(4, 4)
    for entry in range(min(number(first, 2), 200)):
        place = first + 2 + 12 * entry
        if place + 12 <= len(exif) and number(place, 2) == ORIENTATION:
            value = number(place + 8, 2)
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT


def exif_with(orientation: int) -> bytes:
    """A TIFF block that says nothing but the orientation."""
    entry = ORIENTATION.to_bytes(2, "big") + b"\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2, "big") + b"\x00\x00"
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
