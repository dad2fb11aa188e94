"""The debrief of a session, for the leaders of its group alone: a page, or its form beside the circle."""

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.access import doctor_required
from sessions.debrief_forms import DebriefForm
from sessions.models import Debrief, Session


@require_http_methods(["GET", "HEAD", "POST"])
def debrief(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """For its leaders; others get a 404. With `X-Requested-With: fetch` the form alone.

    A save by fetch answers JSON with the time and the new revision; a refused one the form, with 400, or 409 when
    somebody else saved meanwhile. Whoever came by a personal link has no debrief: 401.
    """
    if _by_fetch(request) and request.user.is_anonymous:
        return HttpResponse(status=401)
    return _debrief(request, session_id)


@doctor_required
@transaction.atomic
def _debrief(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    session = get_object_or_404(Session.led_by(request.user.doctor), pk=session_id)
    now = timezone.now()
    if not session.can_debrief(now):
        raise Http404
    kept = _held(session) if request.method == "POST" else Debrief.objects.filter(pk=session.pk).first()
    form = DebriefForm(request.POST or None, session=session, debrief=kept or Debrief(session=session))
    mine = session.group.members.get(doctor=request.user.doctor)
    if form.is_valid():
        form.save(mine, now)
        return _saved(request, form.debrief)
    others = [member.doctor for member in session.group.members if member.leads and member != mine]
    template = "sessions/debrief_form.html" if _by_fetch(request) else "sessions/debrief.html"
    context = {"form": form, "session": session, "other_leader": others[0] if others else None}
    return render(request, template, context, status=_status(form))


def _by_fetch(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _held(session: Session) -> Debrief:
    """The row, held until this request is done."""
    Debrief.objects.get_or_create(session=session)
    return Debrief.objects.select_for_update().get(pk=session.pk)


def _saved(request: HttpRequest, kept: Debrief) -> HttpResponse:
    clock = date_format(localtime(kept.saved_at), "H:i")
    if _by_fetch(request):
        return JsonResponse({"saved": clock, "revision": kept.revision})
    messages.success(request, _("Saved %(clock)s.") % {"clock": clock})
    return redirect("debrief", kept.pk)


def _status(form: DebriefForm) -> int:
    if not form.errors:
        return 200
    return 409 if form.is_stale else 400
