"""Pages that belong to no app: the front page and home, health, the guides, what went wrong."""

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from balint import guides as guide_texts
from balint import home as own
from balint.foundation.models import Part


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return own.home(request) if request.user.is_authenticated else render(request, "pages/front.html")


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503 with the failing part named."""
    checks = _checks()
    healthy = all(state == "ok" for state in checks.values())
    body = {"status": "ok" if healthy else "failing", "version": settings.VERSION, "checks": checks}
    return JsonResponse(body, status=200 if healthy else 503)


def _checks() -> dict[str, str]:
    try:
        alive = {kind: Part.alive(kind).exists() for kind in ("worker", "room_node")}
    except DatabaseError:
        return {"database": "failing", "worker": "unknown", "room_node": "unknown"}
    return {"database": "ok"} | {kind: "ok" if seen else "failing" for kind, seen in alive.items()}


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/guides.html", {"guides": [guide_texts.read(name) for name in guide_texts.NAMES]})


@require_safe
def guide(request: HttpRequest, name: str) -> HttpResponse:
    if name not in guide_texts.NAMES:
        raise Http404
    return render(request, "pages/guide.html", {"guide": guide_texts.read(name)})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", {"stale_form": True}, status=403)
