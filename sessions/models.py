"""Planned sessions, their personal links, and what is kept of one: attendance, steps and their times. Nothing said."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from balint.foundation import tokens
from groups.models import Group, Membership


class Session(models.Model):
    """One meeting of a group."""

    DOORS_OPEN = timedelta(minutes=15)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    starts_at = models.DateTimeField(_("Starts"))
    minutes = models.PositiveSmallIntegerField(_("Length in minutes"), default=90)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.UniqueConstraint(fields=["group", "starts_at"], name="one_session_at_a_time")]

    def __str__(self) -> str:
        return f"session {self.id}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    def is_open(self, now: datetime) -> bool:
        """May people enter? From 15 minutes before until the leaders end it, or 12 hours have gone by."""
        if self.cancelled_at or self.ended_at:
            return False
        return self.starts_at - self.DOORS_OPEN <= now <= self.ends_at + timedelta(hours=12)


class SessionLink(models.Model):
    """A personal link: this person, this session, nothing else. The token is made by `tokens`; no secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "membership"], name="one_link_per_seat")]

    def __str__(self) -> str:
        return f"link {self.id}"

    @classmethod
    def valid(cls, now: datetime) -> models.QuerySet[Self]:
        """Links that still open their session."""
        return cls.objects.filter(
            revoked_at=None, expires_at__gt=now, session__cancelled_at=None, membership__left_at=None
        )

    @property
    def token(self) -> str:
        return tokens.make("seat", self.pk)


class Attendance(models.Model):
    """Minutes a person was in the room; short drops of the line are bridged."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    drops = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "membership"], name="one_attendance_per_person")]

    def __str__(self) -> str:
        return f"attendance {self.pk}"

    @property
    def minutes(self) -> int:
        return round(self.seconds / 60)


class Step(models.Model):
    """When the group moved to which step. `seq` is the room's sequence number, so that a retry writes it once."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    seq = models.PositiveIntegerField()
    phase = models.CharField(max_length=14)
    case = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        ordering = ["session", "seq"]
        constraints = [models.UniqueConstraint(fields=["session", "seq"], name="one_step_per_seq")]

    def __str__(self) -> str:
        return f"step {self.seq} {self.phase}"


class RoomSnapshot(models.Model):
    """The room as it stands, so that a restarted node resumes it. Deleted when the session ends."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, primary_key=True)
    seq = models.PositiveIntegerField()
    state = models.JSONField()
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"snapshot {self.seq}"


class RoomLease(models.Model):
    """Which node has the room, until when."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, primary_key=True)
    node = models.CharField(max_length=80)
    url = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"lease of {self.node}"
