"""A group's own page, its sessions, and the personal links into them."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from balint.foundation import tokens
from groups import guesses
from groups.access import doctor_required
from groups.models import Group, Invitation
from groups.views import invitation_of
from sessions import access
from sessions.forms import SessionForm
from sessions.models import LineCheck, Session, SessionLink, SpeakingTime


@doctor_required
@require_safe
def group(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    """For everybody who belongs to it: the circle and its sessions; for its leaders also who is invited."""
    group = get_object_or_404(Group.of(request.user.doctor), pk=group_id)
    circle = group.circle()
    mine = next(member for member in circle if member.doctor == request.user.doctor)
    ahead = Session.ahead(timezone.now())
    context = {
        "group": group,
        "circle": circle,
        "mine": mine,
        "lines": LineCheck.known_to(mine, circle),
        "ahead": group.session_set.filter(ahead),
        "past": group.session_set.exclude(ahead).filter(cancelled_at=None).order_by("-starts_at")[:12],
        "invitations": Invitation.waiting(group) if mine.leads else (),
    }
    return render(request, "groups/group.html", context)


@doctor_required
@require_POST
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Come into a group. The links to what it has planned follow by mail."""
    invitation = invitation_of(token)
    if invitation is None or not Invitation.open_for(request.user).filter(pk=invitation.pk).exists():
        return redirect("invitation", token)
    try:
        with transaction.atomic():
            membership = invitation.accept(request.user.doctor)
            SessionLink.welcome(membership, timezone.now())
    except ValidationError as refusal:
        messages.error(request, refusal.message)
        return redirect("invitation", token)
    messages.success(request, _("Welcome to %(group)s.") % {"group": invitation.group})
    return redirect("group", invitation.group_id)


@doctor_required
@transaction.atomic
def plan(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    led = Group.led_by(request.user.doctor).select_for_update(of=["self"])
    group = get_object_or_404(led, pk=group_id)
    form = SessionForm(request.POST or None, group=group)
    if form.is_valid():
        session = Session.plan(group, form.cleaned_data["starts_at"], form.cleaned_data["minutes"])
        messages.success(request, _("The session is planned. Everybody gets a mail with their own link."))
        return redirect("session", session.pk)
    context = {"form": form, "group": group, "own_zone": request.user.doctor.time_zone}
    return render(request, "sessions/plan.html", context)


@doctor_required
@require_safe
def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """When it is and who is expected; afterwards who was there. Leaders see everybody's minutes, members their own."""
    me, now = request.user.doctor, timezone.now()
    session = get_object_or_404(Session.of(me), pk=session_id)
    circle = session.group.circle()
    mine = next(member for member in circle if member.doctor == me)
    attendance = session.attendance_set.select_related("membership__doctor").order_by("joined_at", "pk")
    bands = SpeakingTime.bands(session)
    context = {
        "session": session,
        "circle": circle,
        "mine": mine,
        "lines": LineCheck.known_to(mine, circle),
        "attendance": attendance if mine.leads else attendance.filter(membership=mine),
        "bands": bands if mine.leads else {mine.pk: bands[mine.pk]} if mine.pk in bands else {},
        "steps": session.step_set.all() if mine.leads else (),
        "cases": session.case_set.all() if mine.leads else (),
        "can_debrief": mine.leads and session.can_debrief(now),
        "is_open": session.is_open(now),
        "is_over": session.ended_at is not None or now > session.links_expire_at,
        "can_change": mine.leads and session.can_change(now),
    }
    return render(request, "sessions/session.html", context)


@doctor_required
@transaction.atomic
def move(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    session = _changeable(request, session_id)
    if session is None:
        return _too_late(request, session_id)
    form = SessionForm(request.POST or None, group=session.group, session=session)
    if form.is_valid():
        session.move(form.cleaned_data["starts_at"], form.cleaned_data["minutes"])
        messages.success(request, _("The session is moved. Everybody gets a mail; their links stay good."))
        return redirect("session", session.pk)
    context = {"form": form, "group": session.group, "session": session, "own_zone": request.user.doctor.time_zone}
    return render(request, "sessions/plan.html", context)


@doctor_required
@transaction.atomic
def cancel(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    session = _changeable(request, session_id)
    if session is None:
        return _too_late(request, session_id)
    if request.method == "POST":
        session.cancel(timezone.now())
        messages.success(request, _("The session is cancelled. Everybody gets a mail."))
        return redirect("group", session.group_id)
    return render(request, "sessions/cancel.html", {"session": session})


def _changeable(request: HttpRequest, session_id: uuid.UUID) -> Session | None:
    """The session, held against a second leader's change; None once people may enter. 404 for all but its leaders."""
    session = get_object_or_404(Session.led_by(request.user.doctor), pk=session_id)
    Group.objects.select_for_update().get(pk=session.group_id)
    session.refresh_from_db(fields=["starts_at", "minutes", "revision", "cancelled_at", "ended_at"])
    return session if session.can_change(timezone.now()) else None


def _too_late(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    messages.error(request, _("This session can no longer be changed."))
    return redirect("session", session_id)


@doctor_required
@require_POST
def new_link(request: HttpRequest, session_id: uuid.UUID, membership_id: uuid.UUID) -> HttpResponse:
    """A leader sends somebody a fresh link; the one before opens nothing any more."""
    session = get_object_or_404(Session.led_by(request.user.doctor), pk=session_id)
    member = get_object_or_404(session.group.members, pk=membership_id)
    if session.cancelled_at or session.ended_at:
        return _too_late(request, session_id)
    SessionLink.renew(session, member, timezone.now())
    messages.success(request, _("%(name)s gets a new link. The old one is closed.") % {"name": member.doctor.name})
    return redirect("session", session_id)


@require_http_methods(["GET", "HEAD", "POST"])
def seat_link(request: HttpRequest, token: str) -> HttpResponse:
    """A personal link. Whoever holds it sits down in this one session as this one person, and opens nothing else.

    Every miss gets one and the same page, after the same work. Looking (GET) changes nothing: mail scanners look.
    """
    if guesses.too_many(request):
        return render(request, "429.html", status=429)
    link = _link_of(token)
    if link is None:
        guesses.count_miss(request)
        return render(request, "sessions/link_gone.html", status=404)
    holder = link.membership.doctor
    if request.user.is_authenticated and request.user.pk != holder.user_id:
        return render(request, "sessions/link_of_another.html", status=403)
    if request.method == "POST":
        if not request.user.is_authenticated:
            access.grant(request.session, link)
        return redirect("join", link.session_id)
    return render(request, "sessions/link.html", {"session": link.session, "holder": holder, "token": token})


def _link_of(token: str) -> SessionLink | None:
    """The valid link behind a token. A wrong token takes as long as an old one."""
    pk = tokens.read("seat", token) or uuid.uuid4()
    links = SessionLink.valid(timezone.now()).select_related("session__group", "membership__doctor")
    return links.filter(pk=pk).first()
