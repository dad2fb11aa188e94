"""Planned sessions, their personal links, and what is kept of one: times, ticks, a plan. Nothing said."""

import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from balint.foundation import mail, tokens, vault
from groups.models import Doctor, Group, Membership
from sessions.bands import Band, bands
from sessions.line import Measured, Verdict, judge


class Session(models.Model):
    """One meeting of a group."""

    DOORS_OPEN = timedelta(minutes=15)
    LINGER = timedelta(hours=12)  # a room that nobody ended closes, and its links with it
    SHORTEST_MINUTES, LONGEST_MINUTES = 30, 240

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    starts_at = models.DateTimeField(_("Starts"))
    minutes = models.PositiveSmallIntegerField(_("Length in minutes"), default=90)
    revision = models.PositiveSmallIntegerField(default=0, help_text="How often it was moved.")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    attendance_confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "starts_at"],
                condition=models.Q(cancelled_at=None),
                name="one_session_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"session {self.id}"

    @property
    def has_begun(self) -> bool:
        """Whether a leader has begun, so that people hear each other; a beginning can be taken back."""
        step = self.step_set.last()
        return step is not None and step.phase != "lobby"

    @property
    def is_debriefed(self) -> bool:
        """Whether the members have left, and the leaders are alone."""
        step = self.step_set.last()
        return step is not None and step.phase == "debrief"

    @classmethod
    def of(cls, doctor: Doctor) -> models.QuerySet[Self]:
        """Sessions of the groups this person belongs to."""
        return cls.objects.filter(group__in=Group.of(doctor)).select_related("group")

    @classmethod
    def led_by(cls, doctor: Doctor) -> models.QuerySet[Self]:
        return cls.objects.filter(group__in=Group.led_by(doctor)).select_related("group")

    @classmethod
    def ahead(cls, now: datetime) -> models.Q:
        """To come or under way. A session that nobody ended counts as under way for the longest it can last."""
        recent = now - timedelta(minutes=cls.LONGEST_MINUTES)
        return models.Q(cancelled_at=None, ended_at=None, starts_at__gt=recent)

    @classmethod
    def overlapping(cls, group: Group, starts_at: datetime, minutes: int) -> list[Self]:
        """Sessions of the group that would share time with this one; one that is over only its beginning."""
        ends_at = starts_at + timedelta(minutes=minutes)
        earliest = starts_at - timedelta(minutes=cls.LONGEST_MINUTES)
        standing = cls.objects.filter(
            models.Q(ended_at=None) | models.Q(starts_at=starts_at), group=group, cancelled_at=None
        )
        near = standing.filter(starts_at__lt=ends_at, starts_at__gt=earliest)
        return [session for session in near if session.ends_at > starts_at]

    @classmethod
    @transaction.atomic
    def plan(cls, group: Group, starts_at: datetime, minutes: int) -> Self:
        """A new session; everybody gets a mail with their own link."""
        session = cls.objects.create(group=group, starts_at=starts_at, minutes=minutes)
        for member in group.members:
            SessionLink.give(session, member)
        return session

    @transaction.atomic
    def move(self, starts_at: datetime, minutes: int) -> None:
        """Another time. The links stay, with a new expiry. The time it has already tells nobody anything."""
        if (self.starts_at, self.minutes) == (starts_at, minutes):
            return
        self.starts_at, self.minutes, self.revision = starts_at, minutes, self.revision + 1
        self.save(update_fields=["starts_at", "minutes", "revision"])
        self.sessionlink_set.update(expires_at=self.links_expire_at)
        self._tell("session_moved", f"{self.pk} {self.revision}")

    @transaction.atomic
    def cancel(self, now: datetime) -> None:
        self.cancelled_at = now
        self.save(update_fields=["cancelled_at"])
        self._tell("session_cancelled", str(self.pk))

    def _tell(self, kind: str, occasion: str) -> None:
        for link in self.sessionlink_set.filter(SessionLink.UNREVOKED).select_related("membership__doctor__user"):
            mail.post(kind, occasion=occasion, to=link.membership.doctor.email, about=link.pk)

    @property
    def is_first(self) -> bool:
        """Whether no earlier session of the group has been held to its end."""
        held = models.Q(ended_at__isnull=False, starts_at__lt=self.starts_at)
        return not Session.objects.filter(held, group=self.group_id).exists()

    @property
    def next(self) -> Self | None:
        """The group's next planned session after this one."""
        later = models.Q(cancelled_at=None, ended_at=None, starts_at__gt=self.starts_at)
        return Session.objects.filter(later, group=self.group_id).first()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def links_expire_at(self) -> datetime:
        return self.ends_at + self.LINGER

    def is_open(self, now: datetime) -> bool:
        """May people enter? From 15 minutes before until the leaders end it, or 12 hours have gone by."""
        if self.cancelled_at or self.ended_at:
            return False
        return self.starts_at - self.DOORS_OPEN <= now <= self.links_expire_at

    def can_debrief(self, now: datetime) -> bool:
        """May leaders look back on it? From when people may enter, for good."""
        return not self.cancelled_at and now >= self.starts_at - self.DOORS_OPEN

    @property
    def held_s(self) -> float:
        """How long the group was together: from the first step to the debrief; as planned where that is not known."""
        at = {step.phase: step.at for step in self.step_set.all().reverse()}  # the first of each
        begun, over = at.get("gathering"), at.get("debrief", self.ended_at)
        return (over - begun).total_seconds() if begun and over else self.minutes * 60

    def can_change(self, now: datetime) -> bool:
        """May leaders still move or cancel it? Until people may enter."""
        return not (self.cancelled_at or self.ended_at) and now < self.starts_at - self.DOORS_OPEN


class SessionLink(models.Model):
    """A personal link: this person, this session, nothing else. The token is made by `tokens`; no secret is kept.

    `browsers` counts on from the links before: the room takes no browser for one that had an older link.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    browsers = models.PositiveIntegerField(default=0, help_text="How many browsers came by it.")

    UNREVOKED = models.Q(revoked_at=None, membership__left_at=None)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "membership"], condition=models.Q(revoked_at=None), name="one_link_per_seat"
            )
        ]

    def __str__(self) -> str:
        return f"link {self.id}"

    @classmethod
    def give(cls, session: Session, membership: Membership) -> Self:
        """This person's link to the session, and a mail with it, unless they have both."""
        seat = cls.objects.filter(session=session, membership=membership)
        came = seat.aggregate(most=models.Max("browsers", default=0))["most"]
        link, _created = seat.get_or_create(
            session=session,
            membership=membership,
            revoked_at=None,
            defaults={"expires_at": session.links_expire_at, "browsers": came},
        )
        mail.post("session_link", occasion=str(link.pk), to=membership.doctor.email, about=link.pk)
        return link

    @classmethod
    @transaction.atomic
    def welcome(cls, membership: Membership, now: datetime) -> None:
        """Links to all that is planned, for somebody who comes into the group."""
        for session in Session.objects.filter(Session.ahead(now), group=membership.group_id):
            cls.give(session, membership)

    @classmethod
    @transaction.atomic
    def renew(cls, session: Session, membership: Membership, now: datetime) -> Self:
        """A new link by mail; from now on the one before opens nothing."""
        cls.objects.filter(session=session, membership=membership, revoked_at=None).update(revoked_at=now)
        return cls.give(session, membership)

    @classmethod
    def valid(cls, now: datetime) -> models.QuerySet[Self]:
        """Links that still open their session."""
        return cls.objects.filter(cls.UNREVOKED, expires_at__gt=now, session__cancelled_at=None)

    @transaction.atomic
    def count_browser(self) -> int:
        """One more browser has come by this link; how many with it."""
        SessionLink.objects.filter(pk=self.pk).update(browsers=models.F("browsers") + 1)  # holds the row
        self.refresh_from_db(fields=["browsers"])
        return self.browsers

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
    counts = models.BooleanField(null=True, help_text="Whether a leader says that they were there.")

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


class Case(models.Model):
    """A case that was closed, and all that is kept of it: kinds, as codes, and whether it was a follow-up."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    number = models.PositiveSmallIntegerField()
    kinds = models.JSONField(default=list)
    follow_up = models.BooleanField(default=False)

    class Meta:
        ordering = ["session", "number"]
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="one_case_per_number")]

    def __str__(self) -> str:
        return f"case {self.number}"


class SpeakingTime(models.Model):
    """How many seconds somebody spoke in a step: kept only where the group agreed to it, and not for long."""

    KEPT = timedelta(days=90)
    ALONE = ("lobby", "debrief", "ended")  # the group is not together

    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    phase = models.CharField(max_length=14)
    seconds = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "membership", "phase"], name="one_speaking_time_per_step")
        ]

    def __str__(self) -> str:
        return f"speaking {self.pk}"

    @classmethod
    def bands(cls, session: Session) -> dict[uuid.UUID, Band]:
        """By membership; nothing where the group did not agree to it, or where it is forgotten by now."""
        kept = cls.objects.filter(session=session, session__group__speaking_bands=True).exclude(phase__in=cls.ALONE)
        spoken = dict(kept.values_list("membership").annotate(models.Sum("seconds")))
        there = session.attendance_set.values_list("membership", flat=True) if spoken else ()
        return bands({membership: spoken.get(membership, 0) for membership in there})

    @classmethod
    def forget(cls, now: datetime) -> None:
        """What is old, and what a group does not agree to any more."""
        old = models.Q(session__starts_at__lt=now - cls.KEPT)
        cls.objects.filter(old | models.Q(session__group__speaking_bands=False)).delete()


class Debrief(models.Model):
    """What leaders keep of a session for themselves. `revision` counts the saves, so that none undoes another unseen.

    The plan is encrypted; the difficulties are codes.
    """

    session = models.OneToOneField(Session, on_delete=models.CASCADE, primary_key=True)
    difficulties = models.JSONField(default=list)
    sealed_plan = models.BinaryField(default=b"")
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return f"debrief {self.pk}"

    @property
    def plan(self) -> str:
        """Raises vault.Unreadable."""
        return vault.unseal(bytes(self.sealed_plan), self, "plan") if self.sealed_plan else ""

    @plan.setter
    def plan(self, text: str) -> None:
        self.sealed_plan = vault.seal(text, self, "plan") if text else b""

    @classmethod
    def outdate(cls, session_id: uuid.UUID) -> None:
        """What it shows has changed elsewhere: whoever has it open looks again before they save."""
        cls.objects.get_or_create(pk=session_id)
        cls.objects.filter(pk=session_id).update(revision=models.F("revision") + 1, saved_by=None)


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


class LineCheck(models.Model):
    """A doctor's newest test of their line: no address, no browser. Leaders see whether it is ready, and the day."""

    doctor = models.OneToOneField(Doctor, on_delete=models.CASCADE, primary_key=True)
    measured_at = models.DateTimeField()
    up_bps = models.PositiveIntegerField()
    down_bps = models.PositiveIntegerField()
    rtt_ms = models.PositiveIntegerField()
    jitter_ms = models.PositiveIntegerField()
    loss_pct = models.FloatField()

    def __str__(self) -> str:
        return f"line of {self.doctor_id}"

    @classmethod
    def of(cls, doctor: Doctor) -> Self | None:
        return cls.objects.filter(doctor=doctor).select_related("doctor").first()

    @classmethod
    def keep(cls, doctor: Doctor, line: Measured, now: datetime) -> Self:
        """This test in place of the one before."""
        values = {"measured_at": now, **asdict(line)}
        check, _created = cls.objects.update_or_create(doctor=doctor, defaults=values)
        return check

    @classmethod
    def known_to(cls, viewer: Membership, circle: list[Membership]) -> dict[uuid.UUID, Self | None]:
        """The newest test of each doctor whose line this person may know of: leaders everybody's, members their own."""
        doctors = [member.doctor_id for member in circle if viewer.leads or member == viewer]
        return dict.fromkeys(doctors) | cls.objects.in_bulk(doctors)

    @property
    def verdict(self) -> Verdict:
        return judge(Measured(self.up_bps, self.down_bps, self.rtt_ms, self.jitter_ms, self.loss_pct))
