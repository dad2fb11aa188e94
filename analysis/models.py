"""Computed reports, kept byte for byte."""

import uuid

from django.db import models

from balint.foundation.models import Job
from surveys.models import Trial


class Report(models.Model):
    """One run of the analysis; a second run of the same data is the same bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
    job = models.OneToOneField(Job, on_delete=models.PROTECT)
    results = models.TextField(help_text="results.json: every number of the report, under a key.")
    figure = models.TextField(help_text="The figure of adjusted means, SVG.")
    pdf = models.BinaryField()
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "computed_at"

    def __str__(self) -> str:
        return f"report {self.id}"
