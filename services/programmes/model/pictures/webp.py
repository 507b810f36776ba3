"""WebP (RFC 9649): a RIFF file of chunks with a type, a length in little-endian order, and padding to even lengths."""

from services.programmes.model.pictures.reading import BadPicture, Parsed, piece

KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"})
HAS_EXIF, HAS_XMP = 0x08, 0x04


def parse(content: bytes) -> Parsed:
    """The picture without its EXIF, XMP and unknown chunks."""
    if piece(content, 8, 4) != b"WEBP":
        raise BadPicture("Give a JPEG, PNG or WebP picture.")
    end = 8 + int.from_bytes(piece(content, 4, 4), "little")
    if end > len(content):
        raise BadPicture("The picture is cut off.")
    kept, place, size = [], 12, (0, 0)
    while place < end:
        kind, length = piece(content, place, 4), int.from_bytes(piece(content, place + 4, 4), "little")
        body = piece(content, place + 8, length)
        if kind == b"VP8X":
            flags = piece(body, 0, 10)[0] & ~(HAS_EXIF | HAS_XMP)
            body = bytes([flags]) + body[1:]
        if size == (0, 0) and kind in (b"VP8X", b"VP8L", b"VP8 "):
            size = _size(kind, body)
        if kind in KEPT:
            kept.append(kind + length.to_bytes(4, "little") + body + b"\x00" * (length % 2))
        place += 8 + length + length % 2
    chunks = b"WEBP" + b"".join(kept)
    return Parsed(b"RIFF" + len(chunks).to_bytes(4, "little") + chunks, *size)


def _size(kind: bytes, body: bytes) -> tuple[int, int]:
    if kind == b"VP8X":
        return 1 + int.from_bytes(piece(body, 4, 3), "little"), 1 + int.from_bytes(piece(body, 7, 3), "little")
    if kind == b"VP8L":
        bits = int.from_bytes(piece(body, 1, 4), "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    width, height = piece(body, 6, 2), piece(body, 8, 2)
    return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
