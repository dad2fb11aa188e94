"""Pages that belong to no app: the front page and home, health, the guides, what went wrong."""

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from markdown_it import MarkdownIt

from balint.foundation.models import Part

GUIDES = ("doctor", "leader", "researcher", "operator")


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/front.html")


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


def guides(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/guides.html", {"guides": GUIDES})


def guide(request: HttpRequest, name: str) -> HttpResponse:
    if name not in GUIDES:
        raise Http404
    text = (settings.BASE_DIR / "docs" / f"{name}.md").read_text()
    return render(
        request, "pages/guide.html", {"name": name, "body": MarkdownIt("commonmark", {"html": False}).render(text)}
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", {"stale_form": True}, status=403)
