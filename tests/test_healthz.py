"""GET /healthz: 200 when every part answers, else 503 naming the part that does not."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from balint.foundation.models import Part

pytestmark = pytest.mark.django_db


def test_all_parts_alive_is_200(client: Client) -> None:
    Part.seen("worker", "here")
    Part.seen("room_node", "node-1", "ws://localhost:8001")

    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": settings.VERSION,
        "checks": {"database": "ok", "worker": "ok", "room_node": "ok"},
    }


def test_a_silent_part_is_named(client: Client) -> None:
    Part.seen("worker", "here")
    Part.objects.create(kind="room_node", name="node-1", seen_at=timezone.now() - Part.ALIVE - timedelta(seconds=1))

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "worker": "ok", "room_node": "failing"}


def test_one_of_two_nodes_alive_is_enough(client: Client) -> None:
    Part.seen("worker", "here")
    Part.objects.create(kind="room_node", name="node-1", seen_at=timezone.now() - timedelta(hours=1))
    Part.seen("room_node", "node-2")

    assert client.get("/healthz").status_code == 200


def test_a_start_forgets_who_was_alive_before(client: Client) -> None:
    """Or a second start would be ready before its parts are."""
    for kind in ("worker", "room_node"):
        Part.seen(kind, "of the start before")

    call_command("prepare")

    assert client.get("/healthz").status_code == 503


def test_a_database_without_its_tables_is_503(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE foundation_part RENAME TO foundation_gone")

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "failing", "worker": "unknown", "room_node": "unknown"}


def test_an_answer_of_503_is_not_logged_as_a_fault(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/healthz")

    assert caplog.messages == []
