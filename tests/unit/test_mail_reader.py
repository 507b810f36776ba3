"""`make mails` shows the sent mails in readable form."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local import mails
from deploy.local.mailsink import Folder
from services.notify.config import Config
from services.notify.model.mails import Address, compose
from services.notify.model.texts import Words
from tests.kit.notify import TOKENS

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
CONFIG = Config.read(TOKENS)


def sent(folder: Folder, to: str, title: str, body: str = "Bonne journée") -> None:
    mail = compose("d", "n", Words(title, body, "Ouvrir"), Address(to, "Léa", "fr"), CONFIG.letterhead, NOW)
    folder.deliver(to, mail.as_bytes())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "mails")


def shown(folder: Folder, *arguments: str) -> list[str]:
    lines: list[str] = []
    assert mails.main([*arguments, str(folder.path)], {}, lines.append) == 0
    return lines


def test_mails_are_shown_decoded_and_newest_last(folder: Folder) -> None:
    sent(folder, "lea@example.org", "Un projet pour nos équipes à l'étranger")
    sent(folder, "max@example.org", "« Deuxième » é à")
    first, second, count = shown(folder)
    assert "Subject: Un projet pour nos équipes à l'étranger" in first
    assert "Bonne journée" in first
    assert "From:    Relève <no-reply@releve.example>" in first
    assert "Subject: « Deuxième » é à" in second
    assert count == "2 of 2 mails shown."


def test_mails_are_filtered_by_address(folder: Folder) -> None:
    sent(folder, "lea@example.org", "un")
    sent(folder, "max@example.org", "deux")
    only, count = shown(folder, "--to", "MAX@")
    assert "deux" in only
    assert count == "1 of 2 mails shown."
    assert shown(folder, "--to", "nobody") == ["No mail to an address with 'nobody' yet."]


def test_number_limits_to_the_newest_mails(folder: Folder) -> None:
    folder.number = 9_998
    for title in ("un", "deux", "trois"):
        sent(folder, "lea@example.org", title)
    assert Folder(folder.path).number == 10_001
    assert ["deux" in shown(folder, "--last", "2")[0], "trois" in shown(folder, "--last", "2")[1]] == [True, True]


def test_mail_cannot_send_terminal_control_codes(folder: Folder) -> None:
    sent(folder, "lea@example.org", "t", "\x1b[2J\x9b1A hello")
    assert "\x1b" not in shown(folder)[0]
    assert "\x9b" not in shown(folder)[0]
    assert "·[2J·1A hello" in shown(folder)[0]


def test_empty_or_missing_folder_is_reported_in_one_line(
    folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(folder) == ["No mail yet."]
    assert mails.main([str(tmp_path / "none")], {}) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_mails_without_a_running_system_say_how_to_start_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mails.main([], {"RELEVE_DATA": str(tmp_path)}) == 1
    assert "start it with `make run`" in capsys.readouterr().err
