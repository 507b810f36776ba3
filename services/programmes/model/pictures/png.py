"""PNG (ISO 15948): a signature, then chunks with a length, a type and a checksum, until IEND."""

from zlib import crc32

from services.programmes.model.pictures.reading import (
    UPRIGHT,
    BadPicture,
    Parsed,
    exif_with,
    orientation_of,
    piece,
)

SIGNATURE = 8
KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"iCCP", b"bKGD", b"pHYs"}
)
"""All critical chunks, and those that say how colours look. Texts, times, EXIF and unknown chunks are left out."""


def parse(content: bytes) -> Parsed:
    """The picture without texts, times and EXIF except its orientation; every checksum is compared."""
    kept, place, kind, turned = [content[:SIGNATURE]], SIGNATURE, b"", UPRIGHT
    header = b""
    while kind != b"IEND":
        length = int.from_bytes(piece(content, place, 4), "big")
        kind, body = piece(content, place + 4, 4), piece(content, place + 8, length)
        if int.from_bytes(piece(content, place + 8 + length, 4), "big") != crc32(kind + body):
            raise BadPicture("The picture is damaged.")
        if not header:
            if kind != b"IHDR" or length != 13:
                raise BadPicture("The picture is damaged.")
            header = body
        if kind == b"eXIf":
            turned = orientation_of(body)
        if kind in KEPT:
            kept.append(content[place : place + 12 + length])
        place += 12 + length
    if turned != UPRIGHT:
        exif = b"eXIf" + exif_with(turned)
        kept.insert(2, (len(exif) - 4).to_bytes(4, "big") + exif + crc32(exif).to_bytes(4, "big"))
    return Parsed(b"".join(kept), int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big"))
