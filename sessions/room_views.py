"""The way into a session: the page before the room, the room itself, and where its socket is."""

import uuid

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from groups.models import Membership
from sessions.access import pass_to, seat_for
from sessions.addresses import may_connect, node_urls, rehearsal_url, room_url
from sessions.models import LineCheck, Session


@require_safe
def join(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Camera, microphone and privacy before the room; in words why not, while the doors are closed."""
    seat = _seat_even_if_cancelled(request, session_id)
    if seat is None:
        return _log_in(request, session_id)
    session = Session.objects.get(pk=session_id)
    context = {
        "session": session,
        "seat": seat,
        "group": seat.group,
        "groups": [seat.group],
        "door": _door(session, seat),
    }
    if context["door"] not in ("open", "early"):
        return render(request, "sessions/join.html", context)
    url = rehearsal_url(request)
    context |= {"doctor": seat.doctor, "check": LineCheck.of(seat.doctor), "rehearsal_url": url}
    context |= {"line_url": reverse("seat_line", args=[session_id])}
    return may_connect(render(request, "sessions/join.html", context), url)


@require_safe
def room(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    seat = seat_for(request.session, request.user, session_id)
    if seat is None:
        return _log_in(request, session_id)
    session = Session.objects.get(pk=session_id)
    if _door(session, seat) != "open":
        return redirect("join", session_id)
    url = room_url(request, session_id)
    context = {"session": session, "seat": seat, "group": seat.group, "socket_url": url}
    return may_connect(render(request, "sessions/room.html", context), url, *node_urls(request))


@require_safe
def node(request: HttpRequest, session_id: uuid.UUID) -> JsonResponse:
    """Where the room's socket is now: asked again whenever the page lost it."""
    if seat_for(request.session, request.user, session_id) is None:
        raise Http404
    return JsonResponse({"url": room_url(request, session_id)})


def _seat_even_if_cancelled(request: HttpRequest, session_id: uuid.UUID) -> Membership | None:
    """Whoever belongs to the group may read that a session is cancelled; nobody has a seat in it."""
    seat = seat_for(request.session, request.user, session_id)
    if seat or not request.user.is_authenticated:
        return seat
    cancelled = Session.objects.filter(pk=session_id).exclude(cancelled_at=None)
    mine = Membership.objects.filter(doctor__user_id=request.user.pk, left_at=None, group__session__in=cancelled)
    return mine.select_related("doctor", "group").first()


def _log_in(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Strangers may have a seat once we know them; anyone we know has none: 404."""
    if request.user.is_authenticated or pass_to(request.session, session_id):
        raise Http404
    get_object_or_404(Session, pk=session_id)
    return redirect_to_login(request.get_full_path())


def _door(session: Session, seat: Membership) -> str:
    """early, open, over or cancelled. For members it is over with the debrief."""
    now = timezone.now()
    if session.cancelled_at:
        return "cancelled"
    if session.is_open(now):
        return "open" if seat.leads or not session.is_debriefed else "over"
    return "early" if session.ended_at is None and now < session.starts_at else "over"
