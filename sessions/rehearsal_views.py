"""Trying one's devices and line before a session: the page, and what it measured."""

import uuid
from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from groups.access import doctor_required
from groups.models import Doctor, Group
from sessions.access import seat_for
from sessions.addresses import may_connect, rehearsal_url
from sessions.forms import LineForm
from sessions.line import Measured
from sessions.models import LineCheck


@doctor_required
@require_safe
def rehearsal(request: HttpRequest) -> HttpResponse:
    me, url = request.user.doctor, rehearsal_url(request)
    context = {"doctor": me, "check": LineCheck.of(me), "rehearsal_url": url, "line_url": reverse("line")}
    context |= {"groups": Group.of(me)}
    return may_connect(render(request, "sessions/rehearsal.html", context), url)


@doctor_required
@require_POST
def line(request: HttpRequest) -> HttpResponse:
    """What a doctor's page measured."""
    return _keep(request, request.user.doctor, Group.of(request.user.doctor))


@require_POST
def seat_line(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """The same from the page before a session, where a personal link is enough."""
    seat = seat_for(request.session, request.user, session_id)
    if seat is None:
        raise Http404
    return _keep(request, seat.doctor, [seat.group])


def _keep(request: HttpRequest, doctor: Doctor, groups: Iterable[Group]) -> HttpResponse:
    """The verdict as a piece of the page; 400 with the code bad_line for what no page of ours measures."""
    form = LineForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"code": "bad_line"}, status=400)
    check = LineCheck.keep(doctor, Measured(**form.cleaned_data), timezone.now())
    return render(request, "sessions/line.html", {"check": check, "groups": groups})
