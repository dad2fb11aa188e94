"""The pages of a trial. Operators see people and no codes, researchers see codes and no people."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groups.access import doctor_required, operator_required
from groups.models import Doctor
from surveys import catalogue, monitor
from surveys.forms import EnrolForm, OpeningForm, ResearcherForm, TrialForm
from surveys.models import ParticipantLink, Trial, Wave


@require_GET
@doctor_required
def trials(request: HttpRequest) -> HttpResponse:
    """An operator finds every trial, a researcher their own; nobody else has this page."""
    doctor = request.user.doctor
    found = Trial.objects.all() if doctor.is_operator else Trial.researched_by(doctor)
    if not (doctor.is_operator or found.exists()):
        raise Http404
    counted = found.annotate(enrolled=Count("participant", distinct=True)).order_by("title", "created_at")
    return render(request, "surveys/trials.html", {"trials": counted})


@operator_required
def trial_new(request: HttpRequest) -> HttpResponse:
    form = TrialForm(request.POST or None)
    if form.is_valid():
        trial = Trial.found(**form.cleaned_data)
        return redirect("trial_people", pk=trial.pk)
    return render(request, "surveys/trial_new.html", {"form": form})


@require_GET
@operator_required
def trial_people(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _people(request, get_object_or_404(Trial, pk=pk))


@require_POST
@operator_required
def enrol(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    trial = get_object_or_404(Trial, pk=pk)
    form = EnrolForm(trial, request.POST)
    if form.is_valid():
        try:
            trial.enrol(form.cleaned_data["email"], form.cleaned_data["arm"])
        except ValidationError as refusal:
            form.add_error("email", refusal)
        else:
            messages.success(request, _("Enrolled. A study code was made; it is not shown here."))
            return redirect("trial_people", pk=pk)
    return _people(request, trial, enrol=form)


@require_POST
@operator_required
def name_researcher(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    trial = get_object_or_404(Trial, pk=pk)
    form = ResearcherForm(request.POST)
    if form.is_valid():
        try:
            trial.name_researcher(form.cleaned_data["email"])
        except ValidationError as refusal:
            form.add_error("email", refusal)
        else:
            messages.success(request, _("Named. This person finds the trial under Trials."))
            return redirect("trial_people", pk=pk)
    return _people(request, trial, researcher=form)


def _people(
    request: HttpRequest, trial: Trial, enrol: EnrolForm | None = None, researcher: ResearcherForm | None = None
) -> HttpResponse:
    """People in the order of their names: the order of enrolment would lead to their codes."""
    links = ParticipantLink.objects.filter(participant__trial=trial).select_related("participant__arm", "doctor__user")
    context = {
        "trial": trial,
        "links": links.order_by("doctor__name", "doctor__id"),
        "researchers": Doctor.objects.filter(researcher__trial=trial).select_related("user").order_by("name", "id"),
        "enrol": enrol or EnrolForm(trial),
        "researcher": researcher or ResearcherForm(),
    }
    return render(request, "surveys/people.html", context)


@require_GET
@doctor_required
def trial(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Codes, counts and waves, for a researcher of this trial; 404 for everybody else."""
    return _trial(request, get_object_or_404(Trial.researched_by(request.user.doctor), pk=pk))


@require_POST
@doctor_required
def wave_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    wave = _researched(request, pk)
    form = OpeningForm(request.POST)
    if form.is_valid():
        try:
            wave.open(request.user.doctor, form.cleaned_data["waives"])
        except ValidationError as refusal:
            form.add_error("waives", refusal)
        else:
            return redirect("trial", pk=wave.trial_id)
    return _trial(request, wave.trial, refused=(wave, form))


@require_POST
@doctor_required
def wave_close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    wave = _researched(request, pk)
    wave.close()
    return redirect("trial", pk=wave.trial_id)


def _researched(request: HttpRequest, pk: uuid.UUID) -> Wave:
    own = Trial.researched_by(request.user.doctor)
    return get_object_or_404(Wave.objects.select_related("trial"), pk=pk, trial__in=own)


def _trial(request: HttpRequest, trial: Trial, refused: tuple[Wave, OpeningForm] | None = None) -> HttpResponse:
    rows = monitor.rows(trial)
    waves = {wave.name: wave for wave in trial.wave_set.all()}
    ordered = [waves[name] for name in Wave.Name.values]
    context = {
        "trial": trial,
        "rows": rows,
        "cells": monitor.cells(trial, rows),
        "arms": monitor.arms(trial, rows),
        "sent": {name: sum(getattr(row, name).is_sent for row in rows) for name in Wave.Name.values},
        "waves": [(wave, _opening(wave, refused)) for wave in ordered],
        "next": monitor.next_step(*ordered),
        "instruments": catalogue.instruments().values(),
    }
    return render(request, "surveys/trial.html", context)


def _opening(wave: Wave, refused: tuple[Wave, OpeningForm] | None) -> OpeningForm:
    """The form that opens this wave: as it was refused, or empty."""
    return refused[1] if refused and refused[0] == wave else OpeningForm(auto_id=f"{wave.name}_%s")
