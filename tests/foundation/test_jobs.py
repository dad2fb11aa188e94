"""A job is done once, is taken up again when its worker dies, and is given up when it cannot succeed."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from balint.foundation import jobs, tasks
from balint.foundation.models import Job

SUBJECT = uuid.UUID(int=7)


@pytest.fixture
def work(db: None) -> Iterator[list[str]]:
    """What the job of kind "count" did; each run adds a line."""
    done: list[str] = []

    @jobs.job("count")
    def count(row: Job, progress: jobs.Progress) -> None:
        progress(50, "half way")
        row.refresh_from_db()
        done.append(f"{row.state} {row.percent} {row.stage}")

    yield done
    jobs._work.pop("count")


def state(row: Job) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.error_code


def expire_lease(row: Job) -> None:
    Job.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_work_is_done_with_visible_progress(work: list[str]) -> None:
    row = jobs.start("count", SUBJECT)
    assert state(row) == ("queued", "")

    tasks.run_job(str(row.pk))

    assert work == ["running 50 half way"]
    assert state(row) == ("done", "")
    assert row.percent == 100
    assert row.finished_at is not None


def test_two_presses_make_one_job(work: list[str]) -> None:
    assert jobs.start("count", SUBJECT) == jobs.start("count", SUBJECT)


def test_a_press_after_the_end_makes_a_new_job(work: list[str]) -> None:
    first = jobs.start("count", SUBJECT)
    jobs.run(first.pk)

    second = jobs.start("count", SUBJECT)

    assert second != first
    assert jobs.latest("count", SUBJECT) == second


def test_a_job_delivered_three_times_is_done_once(work: list[str]) -> None:
    row = jobs.start("count", SUBJECT)

    for _ in range(3):
        jobs.run(row.pk)

    assert len(work) == 1


def test_a_running_job_is_left_to_its_worker(work: list[str]) -> None:
    row = jobs.start("count", SUBJECT)
    jobs._claim(row.pk, "another worker")

    jobs.run(row.pk)

    assert work == []
    assert jobs.take_up() == []


def test_a_dead_workers_job_is_taken_up_again(work: list[str]) -> None:
    row = jobs.start("count", SUBJECT)
    jobs._claim(row.pk, "a worker that dies")
    expire_lease(row)

    assert jobs.take_up() == [row.pk]
    jobs.run(row.pk)

    assert state(row) == ("done", "")
    assert row.attempts == 2


def test_a_job_that_takes_every_worker_down_is_given_up(work: list[str]) -> None:
    row = jobs.start("count", SUBJECT)
    for _ in range(Job.MOST_ATTEMPTS):
        assert jobs._claim(row.pk, "a worker that dies")
        expire_lease(row)

    assert jobs.take_up() == []

    jobs.run(row.pk)
    assert work == []
    assert state(row) == ("failed", "worker_died")


def test_a_worker_that_lost_its_lease_changes_nothing_more(db: None) -> None:
    after: list[str] = []

    @jobs.job("slow")
    def slow(row: Job, progress: jobs.Progress) -> None:
        expire_lease(row)
        assert jobs._claim(row.pk, "the next worker")
        progress(90, "too late")
        after.append("wrote all the same")

    row = jobs.start("slow", SUBJECT)

    jobs.run(row.pk)

    assert after == []
    assert state(row) == ("running", "")
    assert (row.holder, row.percent) == ("the next worker", 0)


def test_a_failure_with_a_reason_is_final(db: None) -> None:
    @jobs.job("hopeless")
    def hopeless(row: Job, progress: jobs.Progress) -> None:
        raise jobs.JobFailed("no_completers")

    row = jobs.start("hopeless", SUBJECT)

    jobs.run(row.pk)

    assert state(row) == ("failed", "no_completers")
    assert jobs.take_up() == []


def test_a_fault_of_ours_is_tried_again_and_then_given_up(db: None, caplog: pytest.LogCaptureFixture) -> None:
    @jobs.job("faulty")
    def faulty(row: Job, progress: jobs.Progress) -> None:
        raise ZeroDivisionError

    row = jobs.start("faulty", SUBJECT)

    states = []
    for _ in range(Job.MOST_ATTEMPTS):
        jobs.run(row.pk)
        states.append(state(row))

    assert states == [("queued", "broken")] * (Job.MOST_ATTEMPTS - 1) + [("failed", "broken")]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_a_long_stage_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Well before it runs out: this lease would be over before the test gives up waiting."""
    monkeypatch.setattr(Job, "LEASE", timedelta(seconds=2))
    renewed = threading.Event()

    @jobs.job("long")
    def long(row: Job, progress: jobs.Progress) -> None:
        progress(10, "fitting")
        row.refresh_from_db()
        first = row.lease_until
        for _ in range(500):  # five seconds
            row.refresh_from_db()
            if row.lease_until > first:
                renewed.set()
                return
            renewed.wait(0.01)

    row = jobs.start("long", SUBJECT)

    jobs.run(row.pk)

    assert renewed.is_set()
    assert state(row) == ("done", "")


@pytest.mark.django_db(transaction=True)
def test_presses_at_the_same_moment_make_one_job() -> None:
    barrier = threading.Barrier(4)

    def press() -> None:
        barrier.wait()
        jobs.start("count", SUBJECT)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Job.objects.count() == 1
