"""A trial's report, for the researchers of this trial; for everybody else it does not exist (404)."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analysis.colours import themed
from analysis.models import Report
from analysis.page import page
from balint.foundation import jobs
from balint.foundation.models import Job
from groups.access import doctor_required
from surveys.models import Trial


@require_GET
@doctor_required
def report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The newest report, the work on the next one, or the button that begins it."""
    trial = _researched(request, pk)
    newest, job = Report.newest(trial), jobs.latest(Report.KIND, trial.pk)
    context = {
        "trial": trial,
        "report": newest,
        "page": page(newest.values) if newest else None,
        "job": job,
        "stage": stage_words(job) if job else "",
    }
    return render(request, "analysis/report.html", context)


@require_POST
@doctor_required
def compute(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    trial = _researched(request, pk)
    jobs.start(Report.KIND, trial.pk)
    return redirect("report", pk=pk)


@require_GET
@doctor_required
def progress(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """How far the newest job is; 404 when there is none."""
    job = jobs.latest(Report.KIND, _researched(request, pk).pk)
    if job is None:
        raise Http404
    return JsonResponse({"open": job.is_open, "percent": job.percent, "words": stage_words(job)})


@require_GET
@doctor_required
def figure(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The figure as the page shows it, by day and by night."""
    return HttpResponse(themed(_newest(request, pk).figure), content_type="image/svg+xml")


@require_GET
@doctor_required
def pdf(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _file(bytes(_newest(request, pk).pdf), "application/pdf", "report.pdf")


@require_GET
@doctor_required
def data(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _file(_newest(request, pk).data.encode(), "text/csv; charset=utf-8", "data.csv")


@require_GET
@doctor_required
def results(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _file(_newest(request, pk).results.encode(), "application/json", "results.json")


def _researched(request: HttpRequest, pk: uuid.UUID) -> Trial:
    return get_object_or_404(Trial.researched_by(request.user.doctor), pk=pk)


def _newest(request: HttpRequest, pk: uuid.UUID) -> Report:
    newest = Report.newest(_researched(request, pk))
    if newest is None:
        raise Http404
    return newest


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def stage_words(job: Job) -> str:
    """Where a job is, or why it failed, in words."""
    if job.state == Job.State.QUEUED:
        return _("Waiting for the worker.")
    if job.state == Job.State.FAILED:
        return FAILURES.get(job.error_code, FAILURES["broken"])()
    return STAGES.get(job.stage, STAGES["reading"])()


STAGES = {
    "reading": lambda: _("Reading the answers."),
    "computing": lambda: _("Computing."),
    "drawing": lambda: _("Drawing the figure."),
    "setting": lambda: _("Setting the PDF."),
    "keeping": lambda: _("Keeping the report."),
}
FAILURES = {
    "broken": lambda: _("The report could not be computed. Try again; if it stays so, tell your operator."),
    "not_two_arms": lambda: _("The trial needs two arms, a control and an intervention."),
    "no_trial": lambda: _("The trial is gone."),
    "self_check": lambda: _("The figures did not agree with each other, so no report was kept. Tell your operator."),
}
