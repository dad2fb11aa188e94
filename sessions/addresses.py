"""Where a page finds the room nodes' WebSockets."""

import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from balint.foundation.models import Part
from sessions.models import RoomLease


def room_url(request: HttpRequest, session_id: uuid.UUID) -> str:
    """At the node that has the room, else at one that is alive: rather not the one that let its lease run out."""
    nodes = Part.alive("room_node")
    lease = RoomLease.objects.filter(session_id=session_id).first()
    if lease is None:
        where = nodes.first()
    elif lease.expires_at > timezone.now():
        where = lease
    else:
        where = nodes.exclude(name=lease.node).first() or nodes.first()
    return f"{_address(request, where.url if where else '')}/room/{session_id}/"


def rehearsal_url(request: HttpRequest) -> str:
    """At any node that is alive."""
    where = Part.alive("room_node").first()
    return f"{_address(request, where.url if where else '')}/rehearsal/"


def node_urls(request: HttpRequest) -> list[str]:
    return [_address(request, node.url) for node in Part.alive("room_node")]


def may_connect(response: HttpResponse, *urls: str) -> HttpResponse:
    """Let the page open sockets there."""
    parts = map(urlsplit, urls)
    origins = {f"{each.scheme}://{each.netloc}" for each in parts}
    response._csp_update = {"connect-src": sorted(origins)}  # type: ignore[attr-defined]  # read by django-csp
    return response


def _address(request: HttpRequest, url: str) -> str:
    """A node without an address of its own runs beside this page."""
    return (url or settings.ROOM_URL or f"ws://{_host(request)}:{settings.ROOM_PORT}").rstrip("/")


def _host(request: HttpRequest) -> str:
    """The page's own host: localhost and 127.0.0.1 share no cookies."""
    return urlsplit(f"//{request.get_host()}").hostname or "localhost"
