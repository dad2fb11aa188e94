"""Hints reach the worker when the rows are there; a queue that is away, or emptied, loses nothing."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone
from kombu.simple import SimpleQueue
from pytest_django import DjangoCaptureOnCommitCallbacks

from balint.celery import app
from balint.foundation import jobs, mail, queue, tasks
from balint.foundation.models import Part
from launcher.services import free_port

SUBJECT = uuid.UUID(int=9)


@pytest.fixture
def waiting() -> Iterator[SimpleQueue]:
    """The worker's queue, empty at first."""
    with app.connection_for_read() as connection, connection.SimpleQueue("celery") as simple:
        simple.clear()
        yield simple
        simple.clear()


def hints(waiting: SimpleQueue) -> list[tuple[str, list[str]]]:
    """Task and arguments of all that wait."""
    found = []
    with suppress(waiting.Empty):
        while message := waiting.get_nowait():
            found.append((message.headers["task"].rpartition(".")[2], message.payload[0]))
            message.ack()
    return sorted(found)


@pytest.fixture(params=["refused connection", "missing folder"])
def away(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """The app's queue is away, in one way or the other."""
    if request.param == "refused connection":
        broken = Celery("away", broker=f"redis://127.0.0.1:{free_port()}/0")
    else:
        broken = Celery("away", broker="filesystem://localhost")
        broken.conf.broker_transport = "balint.broker:Transport"
        gone = str(tmp_path / "gone")
        broken.conf.broker_transport_options = {"data_folder_in": gone, "data_folder_out": gone}
    broken.set_current()
    yield
    app.set_current()
    queue._away_until = 0.0


@pytest.mark.django_db
def test_a_job_and_a_mail_are_hinted_once_they_hold(
    waiting: SimpleQueue, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.start("count", SUBJECT)
        letter = mail.post("greeting", occasion="once", to="max@example.org", about=SUBJECT)
        assert hints(waiting) == []

    assert hints(waiting) == [("run_job", [str(job.pk)]), ("send_mail", [str(letter.pk)])]


@pytest.mark.django_db
def test_the_sweeper_finds_what_an_emptied_queue_lost(waiting: SimpleQueue) -> None:
    job = jobs.start("count", SUBJECT)
    letter = mail.post("greeting", occasion="once", to="max@example.org", about=SUBJECT)

    tasks.sweep()

    assert hints(waiting) == [("run_job", [str(job.pk)]), ("send_mail", [str(letter.pk)])]


def test_a_queue_that_is_away_stops_nobody(away: None, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        queue.hint("run_job", SUBJECT)

    assert len(caplog.messages) == 1  # the later ones do not wait for the connection again
    assert "the queue is away" in caplog.messages[0]


@pytest.mark.django_db
def test_the_sweeper_forgets_parts_that_will_not_come_back() -> None:
    Part.seen("worker", "here")
    Part.objects.create(kind="worker", name="an old container", seen_at=timezone.now() - timedelta(days=2))

    tasks.sweep()

    assert list(Part.objects.values_list("name", flat=True)) == ["here"]


def test_the_worker_speaks_before_it_counts_as_gone_and_sweeps_twice_a_minute() -> None:
    app.loader.import_default_modules()
    every_s = {each["task"]: each["schedule"] for each in app.conf.beat_schedule.values()}

    assert every_s == {
        tasks.report_alive.name: 5.0,
        tasks.sweep.name: 30.0,
        "sessions.tasks.forget_speaking": 86_400.0,
    }
    assert 2 * every_s[tasks.report_alive.name] < Part.ALIVE.total_seconds()
    assert every_s.keys() <= app.tasks.keys()
