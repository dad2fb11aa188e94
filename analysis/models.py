"""Computed reports, kept byte for byte."""

import json
import uuid
from functools import cached_property
from typing import Any, Self

from django.db import models

from balint.foundation.models import Job
from surveys.models import Trial


class Report(models.Model):
    """One run of the analysis; a second run of the same data is the same bytes."""

    KIND = "trial_report"  # of the job that computes it

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
    job = models.OneToOneField(Job, on_delete=models.PROTECT)
    results = models.TextField(help_text="results.json: every number of the report, under a key.")
    data = models.TextField(help_text="data.csv: the answers under study codes, as they were analysed.")
    figure = models.TextField(help_text="The figure of adjusted means, SVG.")
    pdf = models.BinaryField()
    computed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"report {self.id}"

    @classmethod
    def newest(cls, trial: Trial) -> Self | None:
        return cls.objects.filter(trial=trial).order_by("-computed_at").first()

    @cached_property
    def values(self) -> dict[str, Any]:
        """The results as Python values."""
        values: dict[str, Any] = json.loads(self.results)
        return values
