"""The first doors of every page with people on it: log-in, then a profile."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from groups.models import Doctor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def doctor_required(view: View[P]) -> View[P]:
    """The view finds `request.user.doctor`. Strangers log in first; whoever has no profile yet fills it in first."""

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs) if Doctor.of(request.user) else profile_first(request)

    return checked


def profile_first(request: HttpRequest) -> HttpResponse:
    """To the profile, and back here when it is filled in."""
    return redirect(reverse("profile", query={"next": request.get_full_path()}))


def operator_required(view: View[P]) -> View[P]:
    """Operators only; for others the page does not exist."""

    @doctor_required
    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.doctor.is_operator:
            raise Http404
        return view(request, *args, **kwargs)

    return checked
