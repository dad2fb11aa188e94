"""Long work on the worker. A job is started by a page, run by `run`, and taken up again when its worker dies.

    @job("trial_report")
    def compute(job: Job, progress: Progress) -> None: ...

The function must be idempotent: after a crash it runs again from the start.
"""

import logging
import threading
import uuid
from collections.abc import Callable

from django.db import DatabaseError, connection, models, transaction
from django.db.models import F
from django.utils import timezone

from balint.foundation.models import Job
from balint.foundation.queue import hint

logger = logging.getLogger("balint.jobs")

Progress = Callable[[int, str], None]
Work = Callable[[Job, Progress], None]

_work: dict[str, Work] = {}


class JobFailed(Exception):
    """The work cannot succeed, however often it is tried; `code` says why, in a stable word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LeaseLost(Exception):
    """Another worker has the job now; this run must change nothing more."""


def job(kind: str) -> Callable[[Work], Work]:
    """Register the function that does jobs of this kind."""

    def register(work: Work) -> Work:
        _work[kind] = work
        return work

    return register


def start(kind: str, subject: uuid.UUID) -> Job:
    """The open job of this kind for the subject; a new one when there is none. Two presses make one job."""
    with transaction.atomic():
        row, created = Job.objects.get_or_create(
            kind=kind, subject=subject, state__in=[Job.State.QUEUED, Job.State.RUNNING]
        )
        if created:
            transaction.on_commit(lambda: hint("run_job", row.pk))
    return row


def take_up() -> list[uuid.UUID]:
    """Jobs that nobody works on. One that took its worker down every time is given up, or it would do so for ever."""
    lost = Job.unfinished().filter(attempts__gte=Job.MOST_ATTEMPTS)
    if lost.update(state=Job.State.FAILED, error_code="worker_died", finished_at=timezone.now(), lease_until=None):
        logger.error("a job took its worker down %s times and is given up", Job.MOST_ATTEMPTS)
    return list(Job.unfinished().values_list("pk", flat=True))


def latest(kind: str, subject: uuid.UUID) -> Job | None:
    return Job.objects.filter(kind=kind, subject=subject).order_by("-created_at").first()


def run(pk: uuid.UUID) -> None:
    """Do one job, if nobody else does. Delivered twice, it runs once."""
    holder = uuid.uuid4().hex
    if not _claim(pk, holder):
        return
    row = Job.objects.get(pk=pk)
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(pk, holder, stop), daemon=True)
    keeper.start()
    try:
        _work[row.kind](row, lambda percent, stage: _progress(pk, holder, percent, stage))
    except LeaseLost:
        return
    except JobFailed as failure:
        _finish(pk, holder, Job.State.FAILED, failure.code)
    except Exception:
        logger.exception("job %s of kind %s broke", pk, row.kind)
        _finish(pk, holder, Job.State.FAILED if row.attempts >= Job.MOST_ATTEMPTS else Job.State.QUEUED, "broken")
    else:
        _finish(pk, holder, Job.State.DONE, "")
    finally:
        stop.set()
        keeper.join()


def _claim(pk: uuid.UUID, holder: str) -> bool:
    claimed = (
        Job.unfinished()
        .filter(pk=pk, attempts__lt=Job.MOST_ATTEMPTS)
        .update(
            state=Job.State.RUNNING,
            holder=holder,
            attempts=F("attempts") + 1,
            lease_until=timezone.now() + Job.LEASE,
            error_code="",
        )
    )
    return claimed == 1


def _held(pk: uuid.UUID, holder: str) -> models.QuerySet[Job]:
    return Job.objects.filter(pk=pk, holder=holder, state=Job.State.RUNNING)


def _progress(pk: uuid.UUID, holder: str, percent: int, stage: str) -> None:
    if not _held(pk, holder).update(percent=percent, stage=stage, lease_until=timezone.now() + Job.LEASE):
        raise LeaseLost


def _finish(pk: uuid.UUID, holder: str, state: str, code: str) -> None:
    done = state == Job.State.DONE
    fields = {"state": state, "error_code": code, "finished_at": timezone.now(), "lease_until": None}
    _held(pk, holder).update(**fields, **({"percent": 100} if done else {}))


def _keep_lease(pk: uuid.UUID, holder: str, stop: threading.Event) -> None:
    """Renew while the work runs, so that a long stage is not mistaken for a dead worker."""
    while not stop.wait(Job.LEASE.total_seconds() / 4):
        try:
            _held(pk, holder).update(lease_until=timezone.now() + Job.LEASE)
        except DatabaseError:
            logger.warning("the lease of job %s could not be renewed; the database is away", pk)
        finally:
            connection.close()
