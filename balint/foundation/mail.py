"""Mail through a ledger: written in the same transaction as its cause, sent once by the worker.

    @letter("session_invitation")
    def invitation(about: uuid.UUID) -> Letter | None: ...   # None: no longer wanted

`post(...)` may be called twice for one occasion; one mail goes out.
"""

import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.console import EmailBackend as Console
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from balint.foundation.models import Mail
from balint.foundation.queue import hint

logger = logging.getLogger("balint.mail")


@dataclass(frozen=True)
class Letter:
    """A subject, a template (`mail/NAME.txt`) and what it is filled with."""

    subject: str
    template: str
    context: dict[str, object]


_letters: dict[str, Callable[[uuid.UUID], Letter | None]] = {}


def letter(kind: str) -> Callable[[Callable[[uuid.UUID], Letter | None]], Callable[[uuid.UUID], Letter | None]]:
    """Register the function that writes letters of this kind."""

    def register(write: Callable[[uuid.UUID], Letter | None]) -> Callable[[uuid.UUID], Letter | None]:
        _letters[kind] = write
        return write

    return register


def post(kind: str, *, occasion: str, to: str, about: uuid.UUID) -> Mail:
    """Put a mail on the ledger; the worker sends it once the surrounding transaction holds."""
    row, created = Mail.objects.get_or_create(kind=kind, occasion=occasion, to=to.lower(), defaults={"about": about})
    if created:
        transaction.on_commit(lambda: hint("send_mail", row.pk))
    return row


def send(pk: uuid.UUID) -> None:
    """Send one mail, if nobody else does. Its Message-ID is fixed, so a repeat after a crash can be told."""
    row = Mail.due().filter(pk=pk).first()
    if row is None or not row.claim():
        return
    content = _letters[row.kind](row.about)
    try:
        if content is not None:
            _message(row, content).send()
    except OSError as error:  # the server is away or refuses; its words may hold the address, so they are not logged
        logger.warning("mail %s was not sent (%s), try %s", pk, type(error).__name__, row.attempts + 1)
        return
    Mail.objects.filter(pk=pk).update(sent_at=timezone.now())


def site_link(path: str) -> str:
    """An absolute address for a mail, where no request tells the host."""
    here = f"http://{settings.PUBLIC_ADDRESS or 'localhost'}:{settings.PORT}"
    return f"{settings.SITE_URL or here}{path}"


def _message(row: Mail, content: Letter) -> EmailMultiAlternatives:
    body = render_to_string(f"mail/{content.template}.txt", content.context)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return EmailMultiAlternatives(
        content.subject,
        body,
        to=[row.to],
        headers={"Message-ID": f"<{row.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )


class ConsoleAndFolder(Console):
    """The laptop's mail: shown on the console, and kept as .eml files in the data folder."""

    def write_message(self, message: EmailMultiAlternatives) -> None:
        super().write_message(message)
        folder = Path(settings.DATA_DIR) / "mail"
        folder.mkdir(mode=0o700, exist_ok=True)
        given = message.extra_headers.get("Message-ID", "").partition("@")[0]
        name = re.sub(r"[^0-9A-Za-z-]", "", given) or uuid.uuid4()
        (folder / f"{timezone.now():%Y%m%d-%H%M%S}-{name}.eml").write_bytes(message.message().as_bytes())
