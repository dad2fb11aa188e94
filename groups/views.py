"""Profile, the people of this place, founding a group and inviting into it. The group's own page is in sessions."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from balint.foundation import tokens
from groups import guesses
from groups.access import doctor_required, operator_required, profile_first
from groups.forms import DoctorForm, EditForm, FoundForm, InviteForm, SearchForm
from groups.models import Doctor, Group, Invitation, Membership

PEOPLE_A_PAGE = 50


@login_required
@transaction.atomic
def profile(request: HttpRequest) -> HttpResponse:
    user = User.objects.select_for_update().get(
        pk=request.user.pk
    )  # pressed twice, the second finds the first's profile
    doctor = Doctor.of(user) or Doctor(user=user)
    new = doctor._state.adding
    form = DoctorForm(request.POST or None, instance=doctor)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect(_next(request))
    return render(request, "groups/profile.html", {"form": form, "new": new, "next": request.GET.get("next", "")})


def _next(request: HttpRequest) -> str:
    """Where the person was on the way to; never another site."""
    url = request.POST.get("next", "")
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}) else reverse("home")


@operator_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    sought = form.cleaned_data["q"] if form.is_valid() else ""
    leads = Count("membership", filter=Q(membership__role__in=Membership.LEADING, membership__left_at=None))
    everyone = Doctor.objects.select_related("user").annotate(groups_led=leads).order_by("name", "id")
    found = everyone.filter(Q(user__email__icontains=sought) | Q(name__icontains=sought))
    page = Paginator(found, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "groups/people.html", {"form": form, "page": page, "sought": sought})


@operator_required
@require_POST
def name_leader(request: HttpRequest, doctor_id: uuid.UUID, named: bool) -> HttpResponse:
    """Name a leader, or take it back. Groups that they lead stay theirs."""
    doctor = get_object_or_404(Doctor, pk=doctor_id)
    doctor.is_leader = named
    doctor.save(update_fields=["is_leader"])
    sentence = _("%(name)s may found groups.") if named else _("%(name)s may found no more groups.")
    messages.success(request, sentence % {"name": doctor.name})
    return redirect("people")


@doctor_required
@transaction.atomic
def found(request: HttpRequest) -> HttpResponse:
    """A new group. Whoever was not named a leader gets a 404."""
    me = request.user.doctor
    if not me.is_leader:
        raise Http404
    form = FoundForm(request.POST or None, founder=me)
    if form.is_valid():
        return redirect("group", form.save().pk)
    return render(request, "groups/found.html", {"form": form})


@doctor_required
def edit(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    group = get_object_or_404(Group.led_by(request.user.doctor), pk=group_id)
    form = EditForm(request.POST or None, instance=group)
    if form.is_valid():
        form.save()
        messages.success(request, _("The group is saved."))
        return redirect("group", group.pk)
    return render(request, "groups/edit.html", {"form": form, "group": group})


@doctor_required
@transaction.atomic
def invite(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    led = Group.led_by(request.user.doctor).select_for_update(of=["self"])
    group = get_object_or_404(led, pk=group_id)
    form = InviteForm(request.POST or None, group=group)
    if form.is_valid():
        sent = len(form.save())
        sentence = ngettext("One invitation is on its way.", "%(sent)d invitations are on their way.", sent)
        messages.success(request, sentence % {"sent": sent})
        return redirect("group", group.pk)
    return render(request, "groups/invite.html", {"form": form, "group": group})


@doctor_required
@require_POST
def send_again(request: HttpRequest, group_id: uuid.UUID, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = _waiting(request, group_id, invitation_id)
    invitation.send_again()
    messages.success(request, _("The invitation to %(email)s is sent again.") % {"email": invitation.email})
    return redirect("group", group_id)


@doctor_required
@require_POST
def withdraw(request: HttpRequest, group_id: uuid.UUID, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = _waiting(request, group_id, invitation_id)
    invitation.withdraw()
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("group", group_id)


def _waiting(request: HttpRequest, group_id: uuid.UUID, invitation_id: uuid.UUID) -> Invitation:
    group = get_object_or_404(Group.led_by(request.user.doctor), pk=group_id)
    return get_object_or_404(Invitation.waiting(group), pk=invitation_id)


@doctor_required
def end_membership(request: HttpRequest, group_id: uuid.UUID, membership_id: uuid.UUID) -> HttpResponse:
    """A leader ends somebody's membership, after a question. The first leader stays: a group is never without one."""
    group = get_object_or_404(Group.led_by(request.user.doctor), pk=group_id)
    others = group.members.exclude(role=Membership.Role.LEADER).exclude(doctor=request.user.doctor)
    membership = get_object_or_404(others, pk=membership_id)
    if request.method == "POST":
        membership.end()
        messages.success(request, _("%(name)s has left the group.") % {"name": membership.doctor.name})
        return redirect("group", group.pk)
    return render(request, "groups/end_membership.html", {"group": group, "membership": membership})


@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation says. Whoever holds the link may read it; accepting needs the log-in of its address."""
    if guesses.too_many(request):
        return render(request, "429.html", status=429)
    found = invitation_of(token)
    if found is None:
        guesses.count_miss(request)
        return render(request, "groups/invitation_gone.html", status=404)
    if request.user.is_authenticated and Doctor.of(request.user) is None:
        return profile_first(request)
    leaders = found.group.members.filter(role__in=Membership.LEADING)
    mine = request.user.is_authenticated and Invitation.open_for(request.user).filter(pk=found.pk).exists()
    context = {"invitation": found, "leaders": leaders, "mine": mine, "token": token}
    return render(request, "groups/invitation.html", context)


def invitation_of(token: str) -> Invitation | None:
    """The open invitation behind a link. A wrong link takes as long as an old one."""
    pk = tokens.read("invitation", token) or uuid.uuid4()
    row = Invitation.objects.select_related("group").filter(pk=pk).first()
    return row if row and row.is_open else None
