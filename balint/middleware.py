"""What every response carries, and the time zone every page speaks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from groups.models import Doctor

View = Callable[[HttpRequest], HttpResponse]
PERMISSIONS = "camera=(self), microphone=(self), display-capture=(), geolocation=()"


def response_headers(get_response: View) -> View:
    """Camera and microphone for ourselves only, the screen for nobody; pages with people on them stay in no cache."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return respond


def time_zone(get_response: View) -> View:
    """Times are shown in the viewer's own zone."""

    def respond(request: HttpRequest) -> HttpResponse:
        doctor = Doctor.of(request.user)
        with timezone.override(doctor.zone if doctor else None):
            return get_response(request)

    return respond
