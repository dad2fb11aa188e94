"""People, groups, and who belongs to which."""

import re
import uuid
from datetime import timedelta
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from balint.foundation import mail, tokens


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("This time zone is not known. Choose one from the list."), code="unknown_time_zone")


def check_telephone(number: str) -> None:
    """As people write numbers; a number of the world has at most 15 digits (ITU-T E.164, section 6)."""
    if not re.fullmatch(r"\+?[0-9 ()/.-]+", number) or not 5 <= sum(sign.isdigit() for sign in number) <= 15:
        raise ValidationError(_("Give a number as one dials it, such as +49 30 1234567."), code="no_telephone")


class Level(models.TextChoices):
    GP = "gp", _("General practitioner")
    REGISTRAR = "registrar", _("Registrar")
    OTHER = "other", _("Other")


class Doctor(models.Model):
    """A person: what the group may know of them. Answers to questionnaires never point here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(_("Name"), max_length=80)
    level = models.CharField(_("Level"), max_length=10, choices=Level, default=Level.GP)
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC", validators=[check_time_zone])
    is_operator = models.BooleanField(default=False)
    is_leader = models.BooleanField(_("May found groups"), default=False)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def of(user: AbstractBaseUser | AnonymousUser) -> "Doctor | None":
        """The doctor behind a log-in; None for strangers and before the profile is filled in."""
        return getattr(user, "doctor", None)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def email(self) -> str:
        return self.user.email

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if word[0].isalpha()]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Group(models.Model):
    """Doctors who meet, and the one or two who lead them."""

    MOST_PEOPLE = 16  # one circle, one room

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Name of the group"), max_length=80)
    language = models.CharField(_("Language"), max_length=40, default="English")
    time_zone = models.CharField(_("Time zone of the group"), max_length=64, validators=[check_time_zone])
    telephone = models.CharField(
        _("Telephone for members who cannot get in"), max_length=32, blank=True, validators=[check_telephone]
    )
    presenter_camera = models.BooleanField(
        _("Whoever presents stays seen while the chair is pushed back"), default=True
    )
    speaking_bands = models.BooleanField(_("Leaders see, after a session, roughly how much each spoke"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def telephone_url(self) -> str:
        """RFC 3966, section 5.1: no spaces."""
        return "tel:" + re.sub(r"[^0-9+]", "", self.telephone)

    @classmethod
    def of(cls, doctor: Doctor) -> models.QuerySet[Self]:
        """The groups this person belongs to."""
        return cls.objects.filter(membership__doctor=doctor, membership__left_at=None)

    @classmethod
    def led_by(cls, doctor: Doctor) -> models.QuerySet[Self]:
        leads = models.Q(membership__role__in=Membership.LEADING)
        return cls.objects.filter(leads, membership__doctor=doctor, membership__left_at=None)

    @classmethod
    @transaction.atomic
    def found(cls, leader: Doctor, **fields: str) -> Self:
        group = cls.objects.create(**fields)
        Membership.objects.create(group=group, doctor=leader, role=Membership.Role.LEADER)
        return group

    @property
    def members(self) -> models.QuerySet["Membership"]:
        """Everybody who belongs to the group now, in the order in which they came."""
        return self.membership_set.filter(left_at=None).select_related("doctor__user")

    def circle(self) -> list["Membership"]:
        return in_circle(list(self.members))

    def invite(self, email: str, role: str) -> "Invitation":
        invitation = Invitation.objects.create(group=self, email=email.lower(), role=role)
        invitation.post()
        return invitation


class Membership(models.Model):
    """One person's place in one group."""

    class Role(models.TextChoices):
        LEADER = "leader", _("Leader")
        CO_LEADER = "co_leader", _("Second leader")
        MEMBER = "member", _("Member")

    LEADING = (Role.LEADER, Role.CO_LEADER)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["group", "doctor"], name="one_place_per_person"),
            models.UniqueConstraint(
                fields=["group", "role"],
                condition=models.Q(role__in=["leader", "co_leader"], left_at=None),
                name="one_leader_one_co_leader",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"

    @property
    def leads(self) -> bool:
        return self.role in self.LEADING

    def end(self) -> None:
        """From now on nothing of the group opens for this person, their links included."""
        self.left_at = timezone.now()
        self.save(update_fields=["left_at"])


def in_circle(members: list[Membership]) -> list[Membership]:
    """The one order of a group's seats, clockwise: the leader, one half, the second leader opposite, the other half."""
    leaders = {member.role: member for member in members if member.leads}
    others = [member for member in members if not member.leads]
    half = (len(others) + 1) // 2
    first = [leaders[Membership.Role.LEADER]] if Membership.Role.LEADER in leaders else []
    opposite = [leaders[Membership.Role.CO_LEADER]] if Membership.Role.CO_LEADER in leaders else []
    return first + others[:half] + opposite + others[half:]


class Invitation(models.Model):
    """An invitation into a group, by e-mail. Its link is made by `tokens`, so the row holds no secret."""

    TERM = timedelta(days=30)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    email = models.EmailField(_("E-mail"))
    role = models.CharField(max_length=10, choices=Membership.Role, default=Membership.Role.MEMBER)
    invited_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.id}"

    @property
    def is_open(self) -> bool:
        return not (self.accepted_at or self.withdrawn_at) and self.invited_at + self.TERM > timezone.now()

    @classmethod
    def waiting(cls, group: Group) -> models.QuerySet[Self]:
        """Neither accepted nor withdrawn; they may be too old."""
        return cls.objects.filter(group=group, accepted_at=None, withdrawn_at=None).order_by("invited_at", "id")

    @classmethod
    def open_for(cls, user: AbstractBaseUser) -> models.QuerySet[Self]:
        """What a person may accept: invitations to an address that they have shown to be theirs."""
        proven = EmailAddress.objects.filter(user_id=user.pk, verified=True)
        return cls.objects.filter(
            email__in=[address.email.lower() for address in proven],
            accepted_at=None,
            withdrawn_at=None,
            invited_at__gt=timezone.now() - cls.TERM,
        ).select_related("group")

    @property
    def token(self) -> str:
        return tokens.make("invitation", self.pk)

    def post(self) -> None:
        """Write to them; twice within a minute is once."""
        mail.post("invitation", occasion=f"{self.pk} {self.invited_at:%Y%m%d%H%M}", to=self.email, about=self.pk)

    @transaction.atomic
    def send_again(self) -> None:
        self.invited_at = timezone.now()
        self.save(update_fields=["invited_at"])
        self.post()

    def withdraw(self) -> None:
        self.withdrawn_at = timezone.now()
        self.save(update_fields=["withdrawn_at"])

    @transaction.atomic
    def accept(self, doctor: Doctor) -> Membership:
        """A place in the group. Raises ValidationError when it is gone by now."""
        group = Group.objects.select_for_update().get(pk=self.group_id)
        here = group.members
        mine = here.filter(doctor=doctor).first()
        if mine is None:
            if here.count() >= Group.MOST_PEOPLE:
                raise ValidationError(_("The group has no free chair any more. Ask its leader."), code="full")
            if here.filter(role=self.role).exists() and self.role != Membership.Role.MEMBER:
                raise ValidationError(
                    _("The group has a second leader by now. Ask its leader."), code="co_leader_taken"
                )
            place = {"role": self.role, "left_at": None}
            mine, _created = Membership.objects.update_or_create(group=group, doctor=doctor, defaults=place)
        if not Invitation.waiting(group).filter(pk=self.pk).update(accepted_at=timezone.now()):
            raise ValidationError(_("This invitation was withdrawn."), code="withdrawn")
        return mine
