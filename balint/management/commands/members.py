"""The demo's living group: synthetic members who come to its session, speak in turn and follow its steps."""

import asyncio
import uuid
from argparse import ArgumentParser
from importlib import import_module

from channels.db import database_sync_to_async
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from balint import demo
from balint.company import Company, Place
from sessions.access import grant
from sessions.models import Session, SessionLink

LOOK_S = 2.0


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        most = len(demo.COMPANY)
        parser.add_argument("--count", type=int, choices=range(1, most + 1), default=6, help=f"how many, to {most} (6)")

    def handle(self, *, count: int, **options: object) -> None:
        if settings.SITE_URL or settings.DATABASE_URL or settings.PUBLIC_ADDRESS:
            raise CommandError("Synthetic members come to the demo only, on this laptop's own data.")
        asyncio.run(keep_company(count))


async def keep_company(count: int) -> None:
    """Visit the demo's session, and the next one when that is over."""
    company = Company(f"http://localhost:{settings.PORT}")
    visited = set[uuid.UUID]()
    while True:
        session = await database_sync_to_async(demo.open_session)(timezone.now())
        if session is not None and session.pk not in visited:
            await company.visit(session.pk, await database_sync_to_async(places)(session, count))
            visited.add(session.pk)
        await asyncio.sleep(LOOK_S)


def places(session: Session, count: int) -> list[Place]:
    """Seats of the demo's doctors, each opened by their personal link, in a browser of its own as it were."""
    found = []
    for person, key in enumerate(demo.COMPANY[:count]):
        links = SessionLink.valid(timezone.now()).filter(session=session)
        link = links.filter(membership__doctor__user__email=f"{key}@example.org").first()
        if link is not None:
            store = import_module(settings.SESSION_ENGINE).SessionStore()
            grant(store, link)
            store.save()
            found.append(Place(str(link.membership_id), str(store.session_key), person))
    return found
