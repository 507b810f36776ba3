"""The text of a spreadsheet's CSV file, in whichever encoding the program wrote it."""

import codecs
import unicodedata

from services.programmes.model.enrolling.problems import Unreadable

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""The first bytes of .xlsx, .ods and .numbers files, and of old .xls files."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(raw: bytes) -> str:
    """The text, in composed characters (NFC) and with ``\\n`` as the only line break.

    UTF-8 and UTF-16 are recognised by their BOM, UTF-8 also without one; anything else is Windows-1252, or Mac OS Roman
    if it has a byte that Windows-1252 does not define (in Mac OS Roman these are è, ê and ç, among others). Raises
    `Unreadable` for a workbook and for other binary files.
    """
    if raw.startswith(WORKBOOKS):
        raise Unreadable("workbook")
    text = _text(raw)
    if "\x00" in text:
        raise Unreadable("not-text")
    return unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def _text(raw: bytes) -> str:
    if raw.startswith(UTF16):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError as error:
            raise Unreadable("not-text") from error
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("mac_roman")
