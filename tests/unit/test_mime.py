"""How a mail is written: what people type stays in its part and comes out as it was typed."""

from email import message_from_bytes, policy

import pytest

from services.notify.model.mime import BOUNDARY, written

FIELDS = {"From": "no-reply@releve.example", "To": "thomas@example.org", "Subject": "Un projet"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (f"--{BOUNDARY}--\nafter", f"--{BOUNDARY}--\nafter\n"),
        ("ends in spaces  \n\tand a tab\t", "ends in spaces  \n\tand a tab\t\n"),
        ("one\rtwo\r\nthree", "one\ntwo\nthree\n"),
        ("é" * 300, "é" * 300 + "\n"),
        (".\nFrom here = there", ".\nFrom here = there\n"),
    ],
)
def test_typed_text_comes_out_of_both_parts(typed: str, read: str) -> None:
    sent = written(FIELDS, typed, f"<p>{typed}", "fr").as_bytes()
    assert max(map(len, sent.splitlines())) <= 78
    mail = message_from_bytes(sent, policy=policy.default)
    plain, html = mail.iter_parts()  # type: ignore[attr-defined]
    lines = read.replace("\n", "\r\n")  # as SMTP sends them
    assert (plain.get_content(), html.get_content()) == (lines, f"<p>{lines}")
    assert (mail["Subject"], mail["Content-Language"], mail.defects) == ("Un projet", "fr", [])
