"""The first page of whoever is logged in: the next session, what waits, and the doors that are theirs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from groups.access import doctor_required
from groups.models import Invitation
from sessions.models import Session
from surveys.models import Trial
from surveys.waiting import waiting

MOST_DATES = 6


@require_safe
@doctor_required
def home(request: HttpRequest) -> HttpResponse:
    me = request.user.doctor
    next_session, *later = Session.of(me).filter(Session.ahead(timezone.now()))[: MOST_DATES + 1] or [None]
    circle = next_session.group.circle() if next_session else []
    memberships = me.membership_set.filter(left_at=None).select_related("group")
    context = {
        "session": next_session,
        "later": later,
        "circle": circle,
        "mine": next((member for member in circle if member.doctor == me), None),
        "leaders": [member.doctor.name for member in circle if member.leads],
        "invitations": Invitation.open_for(request.user),
        "questionnaires": waiting(me),
        "memberships": memberships,
        "leads": any(membership.leads for membership in memberships),
        "trials": Trial.researched_by(me),
    }
    return render(request, "pages/home.html", context)
