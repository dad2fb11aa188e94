"""The worker: `celery -A balint worker --pool=threads -B`."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balint.settings")

app = Celery("balint")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["balint.foundation", "groups", "sessions", "surveys", "analysis"])


@worker_ready.connect
def begin(**_: object) -> None:
    """Say at once that the worker is alive, and take up what an earlier one left."""
    app.send_task("balint.foundation.tasks.report_alive")
    app.send_task("balint.foundation.tasks.sweep")
