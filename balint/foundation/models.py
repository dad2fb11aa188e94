"""What runs behind the pages: jobs, the mail ledger, the parts that are alive."""

import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of long work. This row is the truth; the queue only says that it is time to look."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting for the worker")
        RUNNING = "running", _("at work")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")

    LEASE = timedelta(seconds=20)
    MOST_ATTEMPTS = 5

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    subject = models.UUIDField(help_text="What the work is about, for instance a trial.")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    stage = models.CharField(max_length=80, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=32, blank=True, help_text="Which run holds the lease.")
    lease_until = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_open_job_per_subject",
            )
        ]
        indexes = [models.Index(fields=["kind", "subject", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @classmethod
    def unfinished(cls) -> models.QuerySet[Self]:
        """Jobs that nobody works on: never begun, or their worker's lease ran out."""
        free = models.Q(state=cls.State.QUEUED) | models.Q(state=cls.State.RUNNING, lease_until__lt=timezone.now())
        return cls.objects.filter(free)


class Mail(models.Model):
    """The ledger of mails: one row per person, occasion and kind, so that nothing is sent twice or forgotten.

    It keeps no text and no link: both are made from `about` when the worker sends. A try that fails is repeated after
    two minutes, then four, eight ...: eight tries in four hours.
    """

    CLAIM = timedelta(minutes=2)
    MOST_ATTEMPTS = 8

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    occasion = models.CharField(max_length=80)
    to = models.EmailField()
    about = models.UUIDField(help_text="The object the mail is made from.")
    next_try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["to", "occasion", "kind"], name="one_mail_per_occasion")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @classmethod
    def due(cls) -> models.QuerySet[Self]:
        """Mails to send that nobody is sending."""
        return cls.objects.filter(sent_at=None, attempts__lt=cls.MOST_ATTEMPTS, next_try_at__lte=timezone.now())

    def claim(self) -> bool:
        """Whether this try is ours: of two workers with the same row in hand, one gets it."""
        following = timezone.now() + self.CLAIM * 2**self.attempts
        mine = type(self).due().filter(pk=self.pk, attempts=self.attempts)
        return mine.update(attempts=self.attempts + 1, next_try_at=following) == 1


class Part(models.Model):
    """A process that said it is alive: the worker, or a room node with the address of its socket."""

    ALIVE = timedelta(seconds=15)
    FORGOTTEN = timedelta(days=1)

    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=200, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_row_per_part")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @classmethod
    def seen(cls, kind: str, name: str, url: str = "") -> None:
        cls.objects.update_or_create(kind=kind, name=name, defaults={"url": url, "seen_at": timezone.now()})

    @classmethod
    def alive(cls, kind: str) -> models.QuerySet[Self]:
        return cls.objects.filter(kind=kind, seen_at__gte=timezone.now() - cls.ALIVE).order_by("-seen_at")

    @classmethod
    def forget(cls) -> None:
        """Drop those that will not come back: each container has a name of its own."""
        cls.objects.filter(seen_at__lt=timezone.now() - cls.FORGOTTEN).delete()
