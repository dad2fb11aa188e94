"""The job: stages, one version however often it runs, the same bytes from the same data, no names."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from analysis import dataset, report
from analysis.models import Report
from analysis.tasks import compute, keep
from balint.foundation import jobs
from balint.foundation.jobs import JobFailed
from balint.foundation.models import Job
from groups.models import Doctor
from surveys.models import Trial
from tests.analysis import pdf
from tests.analysis.conftest import CANARY, pilot

ENVIRONMENT = os.environ | {"DJANGO_SETTINGS_MODULE": "balint.settings"}


def nothing(percent: int, stage: str) -> None:
    pass


def open_job(trial: Trial) -> Job:
    return Job.objects.create(kind=Report.KIND, subject=trial.pk)


@pytest.mark.django_db(transaction=True)
def test_the_worker_computes_what_the_button_started(rae: Doctor) -> None:
    trial = pilot(rae)
    job = jobs.start(Report.KIND, trial.pk)

    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.percent, job.error_code) == (Job.State.DONE, 100, "")
    assert Report.objects.get().job == job


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_left_is_taken_up_and_makes_one_version(rae: Doctor) -> None:
    job = open_job(pilot(rae))
    compute(job, nothing)  # it had kept the report, and died before it could say so
    left = {"state": Job.State.RUNNING, "holder": "dead", "attempts": 1, "percent": 95}
    Job.objects.filter(pk=job.pk).update(**left, lease_until=timezone.now() - timedelta(seconds=1))
    before = Report.objects.values("results", "data", "figure", "pdf").get()

    for pk in Job.unfinished().values_list("pk", flat=True):
        jobs.run(pk)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DONE, 2)
    assert Report.objects.values("results", "data", "figure", "pdf").get() == before


def test_it_says_how_far_it_is(trial: Trial) -> None:
    said: list[tuple[int, str]] = []

    compute(open_job(trial), lambda percent, stage: said.append((percent, stage)))

    assert [stage for _, stage in said] == ["reading", "computing", "drawing", "setting", "keeping"]
    assert said == sorted(said)


def test_run_again_after_a_crash_there_is_one_version_of_the_same_bytes(trial: Trial) -> None:
    job = open_job(trial)
    compute(job, nothing)
    first = Report.objects.values("results", "data", "figure", "pdf").get()

    compute(job, nothing)

    assert Report.objects.values("results", "data", "figure", "pdf").get() == first


def test_the_same_data_make_the_same_bytes_in_another_process(trial: Trial) -> None:
    """Drawing and setting do not depend on what this process did before."""
    compute(open_job(trial), nothing)
    kept = Report.objects.get()
    program = (
        "import sys, json, hashlib, django; django.setup()\n"
        "from analysis import figures, paper; from analysis.page import page, panels\n"
        "results = json.load(sys.stdin); shown = page(results)\n"
        "figure = figures.draw(panels(results), shown['figure']['alt'])\n"
        "print(hashlib.sha256(figure.encode() + paper.pdf(shown, figure)).hexdigest())"
    )

    run = subprocess.run(
        [sys.executable, "-c", program],
        input=kept.results,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=settings.BASE_DIR,
        env=ENVIRONMENT,
        check=True,
    )

    assert run.stdout.strip() == hashlib.sha256(kept.figure.encode() + bytes(kept.pdf)).hexdigest()


def test_no_name_and_no_address_is_in_any_file(trial: Trial) -> None:
    compute(open_job(trial), nothing)

    kept = Report.objects.get()

    assert Doctor.objects.filter(name__startswith=CANARY).count() == 26
    for content in (kept.results, kept.data, kept.figure, pdf.text(bytes(kept.pdf)), bytes(kept.pdf).decode("latin-1")):
        assert CANARY.lower() not in content.lower()
        assert "example.org" not in content


def test_a_trial_with_one_arm_fails_with_a_code(trial: Trial) -> None:
    control, intervention = trial.arm_set.all()
    trial.participant_set.update(arm=control)
    intervention.delete()

    with pytest.raises(JobFailed) as failed:
        compute(open_job(trial), nothing)

    assert failed.value.code == "not_two_arms"
    assert Report.objects.count() == 0


def test_figures_that_disagree_are_not_kept(trial: Trial) -> None:
    data = dataset.read(trial)
    results = report.results(data, {})
    results["flow"]["total"]["enrolled"] += 1

    with pytest.raises(JobFailed) as failed:
        keep(open_job(trial), trial, data, results, nothing)

    assert failed.value.code == "self_check"
    assert Report.objects.count() == 0


def test_a_trial_that_is_gone_fails_with_a_code(trial: Trial) -> None:
    job = open_job(trial)
    trial.participant_set.all().delete()
    trial.delete()

    with pytest.raises(JobFailed) as failed:
        compute(job, nothing)

    assert failed.value.code == "no_trial"


def test_the_web_starts_without_numbers_and_drawing() -> None:
    program = (
        "import sys, django; django.setup()\n"
        "import balint.asgi, balint.urls, analysis.views, analysis.tasks\n"
        "print([name for name in ('numpy', 'scipy', 'matplotlib', 'typst') if name in sys.modules])"
    )

    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
        env=ENVIRONMENT,
        check=True,
    )

    assert run.stdout.strip() == "[]"
