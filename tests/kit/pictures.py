"""Small pictures of each format, with every kind of metadata."""

from random import randbytes
from zlib import compress, crc32

PLACE = b"GPS 48.8566 N 2.3522 E"
SECRETS = (PLACE, b"Canon", b"Naima took this", b"xmpmeta", b"after the end")


def tiff(orientation: int) -> bytes:
    """An EXIF block in little-endian order with a maker, an orientation and a place."""
    entries = b"\x0f\x01\x02\x00\x05\x00\x00\x00Cano" + b"\x12\x01\x03\x00\x01\x00\x00\x00"
    entries += bytes([orientation, 0, 0, 0])
    return b"II*\x00\x08\x00\x00\x00\x02\x00" + entries + b"\x00\x00\x00\x00Canon" + PLACE


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def jpeg(orientation: int = 6, width: int = 4, height: int = 3) -> bytes:
    """A JPEG with every kind of metadata, a thumbnail with a marker inside, fill bytes and a restart."""
    frame = b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    return b"".join(
        [
            b"\xff\xd8",
            segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"),
            segment(0xE1, b"Exif\x00\x00" + tiff(orientation) + b"\xff\xd8\xff\xd9"),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>"),
            segment(0xE2, b"ICC_PROFILE\x00colours"),
            segment(0xE2, b"MPF\x00" + PLACE),
            segment(0xED, b"Photoshop 3.0\x00Naima took this"),
            segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01"),
            segment(0xFE, b"Naima took this"),
            b"\xff" + segment(0xDB, b"\x00" * 65),
            segment(0xC0, frame),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x12\xff\x00\x34\xff\xd0\x56",
            b"\xff\xd9",
            b"after the end" + PLACE,
        ]
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + crc32(kind + body).to_bytes(4, "big")


def png(width: int = 4, height: int = 3) -> bytes:
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [
            chunk(b"IHDR", header),
            chunk(b"gAMA", b"\x00\x00\xb1\x8f"),
            chunk(b"tEXt", b"Author\x00Naima took this"),
            chunk(b"eXIf", tiff(3)),
            chunk(b"tIME", b"\x07\xea\x0b\x1d\x0c\x00\x00"),
            chunk(b"IDAT", compress(b"\x00" * 15)),
            chunk(b"IEND", b""),
            b"after the end",
        ]
    )


def noise(side: int) -> bytes:
    """A square PNG of random grey: about as many bytes as pixels."""
    rows = b"".join(b"\x00" + randbytes(side) for _ in range(side))
    size = side.to_bytes(4, "big")
    parts = (chunk(b"IHDR", size + size + b"\x08\x00\x00\x00\x00"), chunk(b"IDAT", compress(rows)))
    return b"\x89PNG\r\n\x1a\n" + b"".join((*parts, chunk(b"IEND", b"")))


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\x00" * (len(body) % 2)


def webp(width: int = 4, height: int = 3) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    lossless = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + b"data"
    chunks = b"WEBP" + riff(b"VP8X", b"\x2c\x00\x00\x00" + size) + riff(b"ICCP", b"colours") + riff(b"VP8L", lossless)
    chunks += riff(b"EXIF", tiff(6)) + riff(b"XMP ", b"<x:xmpmeta/>") + riff(b"UNKN", PLACE)
    return b"RIFF" + len(chunks).to_bytes(4, "little") + chunks + b"after the end"
