"""Recognises a picture by its bytes, and cleans it by its format."""

from collections.abc import Callable
from dataclasses import dataclass

from services.programmes.model.pictures import jpeg, png, webp
from services.programmes.model.pictures.reading import BadPicture, Parsed

MOST_BYTES = 700_000
MOST_SIDE = 12_000
MOST_PIXELS = 50_000_000
"""A browser needs four bytes for each pixel that it shows, however small the file is."""

FORMATS: tuple[tuple[str, bytes, Callable[[bytes], Parsed]], ...] = (
    ("image/jpeg", b"\xff\xd8\xff", jpeg.parse),
    ("image/png", b"\x89PNG\r\n\x1a\n", png.parse),
    ("image/webp", b"RIFF", webp.parse),
)


@dataclass(frozen=True)
class Picture:
    """A picture without metadata; ``media_type`` is what its bytes are, not what somebody says."""

    media_type: str
    content: bytes
    width: int
    height: int


def cleaned(content: bytes) -> Picture:
    """The picture without comments, EXIF, XMP or anything after its end; only its orientation and colours are kept.

    Raises `BadPicture`, whose text is for the person, if it is too large, cut off, or neither JPEG, PNG nor WebP.
    """
    if len(content) > MOST_BYTES:
        raise BadPicture(f"Give a picture of at most {MOST_BYTES // 1000} kB.")
    for media_type, start, parse in FORMATS:
        if content.startswith(start):
            found = parse(content)
            if not (0 < found.width <= MOST_SIDE and 0 < found.height <= MOST_SIDE):
                raise BadPicture(f"Give a picture of at most {MOST_SIDE} pixels on each side.")
            if found.width * found.height > MOST_PIXELS:
                raise BadPicture(f"Give a picture of at most {MOST_PIXELS // 1_000_000} million pixels.")
            return Picture(media_type, found.content, found.width, found.height)
    raise BadPicture("Give a JPEG, PNG or WebP picture.")
