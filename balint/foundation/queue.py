"""Hints to the worker. A hint may be lost: the sweeper finds the row all the same."""

import logging
import uuid

from celery import current_app
from kombu.exceptions import ChannelError, OperationalError

logger = logging.getLogger("balint.queue")


def hint(task: str, pk: uuid.UUID) -> None:
    """Ask the worker to look at a row now."""
    try:
        current_app.send_task(f"balint.foundation.tasks.{task}", args=[str(pk)], retry=False)
    except (OperationalError, ChannelError, OSError) as error:
        logger.warning("the queue is away (%s); the sweeper will find the row", type(error).__name__)
