"""One mail per person, occasion and kind; sent once, tried again when the server is away."""

import smtplib
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail as outgoing
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from balint.foundation import mail, tasks
from balint.foundation.models import Mail

ABOUT = uuid.UUID(int=5)


class RefusingServer:
    """A mail server that refuses every address, and says so in its answer as servers do."""

    def __init__(self, **_: object) -> None:
        pass

    def send_messages(self, messages: list[outgoing.EmailMessage]) -> int:
        raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no such user") for message in messages})


@pytest.fixture
def letters(db: None, settings: Settings, tmp_path: Path) -> Iterator[dict[uuid.UUID, str]]:
    """Letters of kind "greeting": the words for each object; an object without words wants no letter any more."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "greeting.txt").write_text("{{ words }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    words = {ABOUT: "Good evening"}

    @mail.letter("greeting")
    def greeting(about: uuid.UUID) -> mail.Letter | None:
        return mail.Letter("Hello", "greeting", {"words": words[about]}) if about in words else None

    yield words
    mail._letters.pop("greeting")


def post(occasion: str = "session 1", to: str = "max@example.org") -> Mail:
    return mail.post("greeting", occasion=occasion, to=to, about=ABOUT)


def let_time_pass(row: Mail) -> None:
    Mail.objects.filter(pk=row.pk).update(next_try_at=timezone.now() - timedelta(seconds=1))


def test_a_mail_reaches_its_person(letters: dict[uuid.UUID, str]) -> None:
    row = post()

    tasks.send_mail(str(row.pk))

    (message,) = outgoing.outbox
    assert (message.to, message.subject, message.body) == (["max@example.org"], "Hello", "Good evening")
    assert message.message()["Message-ID"] == f"<{row.pk}@localhost>"


def test_one_occasion_makes_one_mail(letters: dict[uuid.UUID, str]) -> None:
    assert post() == post() == post(to="Max@Example.org")
    assert post("session 2") != post()


def test_a_mail_delivered_three_times_to_the_worker_is_sent_once(letters: dict[uuid.UUID, str]) -> None:
    row = post()

    for _ in range(3):
        tasks.send_mail(str(row.pk))

    assert len(outgoing.outbox) == 1


def test_of_two_workers_with_the_row_in_hand_one_sends(letters: dict[uuid.UUID, str]) -> None:
    post()
    mine, theirs = Mail.objects.get(), Mail.objects.get()

    assert (mine.claim(), theirs.claim()) == (True, False)


def test_nothing_is_posted_when_the_cause_does_not_hold(letters: dict[uuid.UUID, str]) -> None:
    def cause() -> None:
        with transaction.atomic():
            post()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause()

    assert Mail.objects.count() == 0


def test_a_letter_no_longer_wanted_is_not_sent(letters: dict[uuid.UUID, str]) -> None:
    row = post()
    letters.clear()

    mail.send(row.pk)

    assert outgoing.outbox == []
    assert not Mail.due().exists()


def test_a_refused_mail_is_tried_again_ever_later(
    letters: dict[uuid.UUID, str], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.{RefusingServer.__name__}"
    row = post()
    waits = []

    for _ in range(3):
        let_time_pass(row)
        before = timezone.now()
        mail.send(row.pk)
        row.refresh_from_db()
        waits.append(round((row.next_try_at - before) / timedelta(minutes=1)))

    assert waits == [2, 4, 8]
    assert row.sent_at is None
    assert "SMTPRecipientsRefused" in caplog.text
    assert "max@example.org" not in caplog.text


def test_a_mail_that_cannot_be_sent_is_given_up(letters: dict[uuid.UUID, str], settings: Settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.{RefusingServer.__name__}"
    row = post()

    for _ in range(Mail.MOST_ATTEMPTS + 2):
        let_time_pass(row)
        mail.send(row.pk)

    row.refresh_from_db()
    assert row.attempts == Mail.MOST_ATTEMPTS


def test_without_a_server_mail_is_shown_and_kept_as_a_file(
    letters: dict[uuid.UUID, str],
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.EMAIL_BACKEND = "balint.foundation.mail.ConsoleAndFolder"
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    row = post()

    mail.send(row.pk)

    (file,) = (settings.DATA_DIR / "mail").glob("*.eml")
    assert str(row.pk) in file.name
    assert "Good evening" in file.read_text()
    assert "Good evening" in capsys.readouterr().out


def test_a_link_in_a_mail_leads_to_the_site(settings: Settings) -> None:
    settings.SITE_URL, settings.PUBLIC_ADDRESS, settings.PORT = "", "", 8000
    assert mail.site_link("/s/x/") == "http://localhost:8000/s/x/"

    settings.PUBLIC_ADDRESS = "192.168.1.5"
    assert mail.site_link("/s/x/") == "http://192.168.1.5:8000/s/x/"

    settings.SITE_URL = "https://balint.example.org"
    assert mail.site_link("/s/x/") == "https://balint.example.org/s/x/"
