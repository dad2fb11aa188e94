"""Hints to the worker. A hint may be lost: the sweeper finds the row all the same."""

import logging
import time
import uuid

from celery import current_app
from kombu.exceptions import ChannelError, OperationalError

logger = logging.getLogger("balint.queue")

REST_S = 30.0  # a refused connection costs seconds: after one, pages leave the queue alone for as long as the sweeper

_away_until = 0.0


def hint(task: str, pk: uuid.UUID) -> None:
    """Ask the worker to look at a row now."""
    global _away_until
    if time.monotonic() < _away_until:
        return
    try:
        current_app.send_task(f"balint.foundation.tasks.{task}", args=[str(pk)], retry=False)
    except (OperationalError, ChannelError, OSError) as error:
        _away_until = time.monotonic() + REST_S
        logger.warning("the queue is away (%s); the sweeper will find the row", type(error).__name__)
