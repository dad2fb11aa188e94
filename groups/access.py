"""The first doors of every page with people on it: log-in, then a profile."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

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
        doctor = Doctor.of(request.user)
        if doctor is None:
            return redirect(f"{reverse('profile')}?{urlencode({'next': request.get_full_path()})}")
        request.user.doctor = doctor
        return view(request, *args, **kwargs)

    return checked


def operator_required(view: View[P]) -> View[P]:
    """Operators only; for others the page does not exist."""

    @doctor_required
    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.doctor.is_operator:
            raise Http404
        return view(request, *args, **kwargs)

    return checked
