"""The trial's report, computed on the worker."""

import json
import os
import platform
from importlib.metadata import version

from django.conf import settings
from django.utils import translation

from analysis.models import Report
from analysis.trial_data import TrialData, csv_text
from analysis.words import Results
from balint.foundation.jobs import JobFailed, Progress, job
from balint.foundation.models import Job
from surveys.models import Trial

PROGRAMS = ("numpy", "scipy", "matplotlib", "typst")


@job(Report.KIND)
def compute(job: Job, progress: Progress) -> None:
    """Compute and keep the report of the trial `job.subject`. Run again, it replaces its own row by the same bytes."""
    progress(5, "reading")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: sums in the same order on every machine
    from analysis import dataset, report

    trial = Trial.objects.filter(pk=job.subject).first()
    if trial is None:
        raise JobFailed("no_trial")
    data = dataset.read(trial)
    if len(data.arms) != 2:
        raise JobFailed("not_two_arms")
    progress(20, "computing")
    keep(job, trial, data, report.results(data, software()), progress)


def keep(job: Job, trial: Trial, data: TrialData, results: Results, progress: Progress) -> None:
    """Draw, set and keep results whose figures agree with each other; others are refused: JobFailed("self_check")."""
    from analysis import figures, paper, report
    from analysis.page import page, panels

    if report.faults(results):
        raise JobFailed("self_check")
    with translation.override(settings.LANGUAGE_CODE):
        progress(50, "drawing")
        shown = page(results)
        figure = figures.draw(panels(results), shown["figure"]["alt"])
        progress(75, "setting")
        pdf = paper.pdf(shown, figure)
    progress(95, "keeping")
    kept = {"trial": trial, "results": as_json(results), "data": csv_text(data), "figure": figure, "pdf": pdf}
    Report.objects.update_or_create(job=job, defaults=kept)


def software() -> dict[str, str]:
    """The programs whose version may change a figure."""
    named = {"Balint": settings.VERSION, "Python": platform.python_version()}
    return named | {name: version(name) for name in PROGRAMS}


def as_json(results: dict[str, object]) -> str:
    return json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
