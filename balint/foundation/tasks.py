"""What the worker does. A task is a hint to look at a row; the rows are the truth."""

import socket
import uuid

from celery import shared_task

from balint.foundation import jobs, mail
from balint.foundation.models import Mail, Part


@shared_task
def run_job(pk: str) -> None:
    jobs.run(uuid.UUID(pk))


@shared_task
def send_mail(pk: str) -> None:
    mail.send(uuid.UUID(pk))


@shared_task
def sweep() -> None:
    """Queue again what a dead worker, or an emptied queue, left undone."""
    for pk in jobs.take_up():
        run_job.delay(str(pk))
    for pk in Mail.due().values_list("pk", flat=True):
        send_mail.delay(str(pk))
    Part.forget()


@shared_task
def report_alive() -> None:
    Part.seen("worker", socket.gethostname())
