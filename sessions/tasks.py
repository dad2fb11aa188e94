"""What the worker does for sessions: forgetting."""

from celery import shared_task
from django.utils import timezone

from sessions.models import SpeakingTime


@shared_task
def forget_speaking() -> None:
    SpeakingTime.forget(timezone.now())
