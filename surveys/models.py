"""The trial, its participants under study codes, its waves, and their answers. Names live in groups, not here."""

import secrets
import uuid
from collections.abc import Iterable
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groups.models import Doctor, Group, Membership
from surveys import catalogue
from surveys.questionnaire import Question, Refused

CODE_LETTERS = "ACDEFGHJKLMNPQRTUVWXYZ34679"  # none that is read for another


def study_code() -> str:
    """A random study code such as H7KQ-4MXA: 38 bits, easy to read aloud."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


class Trial(models.Model):
    class Allocation(models.TextChoices):
        AVAILABILITY = "availability", _("By availability (NON-RANDOM)")
        RANDOMISED = "randomised", _("Randomised, outside this system")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("Title"), max_length=120)
    allocation = models.CharField(_("Allocation"), max_length=12, choices=Allocation)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title

    @property
    def is_random(self) -> bool:
        return self.allocation == self.Allocation.RANDOMISED

    @classmethod
    def found(cls, title: str, allocation: str, control: str, intervention: str) -> Self:
        """A trial with its two arms and two waves."""
        with transaction.atomic():
            trial = cls.objects.create(title=title, allocation=allocation)
            Arm.objects.bulk_create(
                Arm(trial=trial, name=name, order=i) for i, name in enumerate((control, intervention))
            )
            Wave.objects.bulk_create(Wave(trial=trial, name=name) for name in Wave.Name)
        return trial

    @classmethod
    def researched_by(cls, doctor: Doctor) -> models.QuerySet[Self]:
        """The trials whose codes this person may see.

        None for an operator, who knows the people behind them; and none of which a participant has come into a group
        that this person leads.
        """
        if doctor.is_operator:
            return cls.objects.none()
        led = Membership.objects.filter(group__in=Group.led_by(doctor), left_at=None).exclude(doctor=doctor)
        own = Participant.objects.filter(participantlink__doctor__in=led.values("doctor"))
        return cls.objects.filter(researcher__doctor=doctor).exclude(pk__in=own.values("trial"))

    def enrol(self, doctor: Doctor, arm: "Arm") -> "Participant":
        """Give a person a study code; ValidationError says why not."""
        with transaction.atomic():
            self._lock()
            self._may_take_part(doctor)
            participant = Participant.objects.create(trial=self, arm=arm, level=doctor.level)
            ParticipantLink.objects.create(participant=participant, doctor=doctor)
        return participant

    def name_researcher(self, doctor: Doctor) -> "Researcher":
        """Open the codes of this trial to a person; ValidationError says why not."""
        with transaction.atomic():
            self._lock()
            self._may_research(doctor)
            return Researcher.objects.create(trial=self, doctor=doctor)

    def _lock(self) -> None:
        """Enrolment and naming look at each other's rows: one at a time."""
        Trial.objects.select_for_update().get(pk=self.pk)

    def _may_take_part(self, doctor: Doctor) -> None:
        researchers = Doctor.objects.filter(researcher__trial=self)
        if doctor.level not in Participant.Level.values:
            raise ValidationError(NO_LEVEL, code="other_level")
        if ParticipantLink.objects.filter(participant__trial=self, doctor=doctor).exists():
            raise ValidationError(_("This person takes part already."), code="enrolled")
        if doctor in researchers:
            raise ValidationError(BOTH_SIDES, code="researcher")
        if any(leads_any_of(researcher, [doctor]) for researcher in researchers):
            raise ValidationError(LED_BY_RESEARCHER, code="led_by_researcher")

    def _may_research(self, doctor: Doctor) -> None:
        people = Doctor.objects.filter(participantlink__participant__trial=self)
        if doctor.is_operator:
            raise ValidationError(OPERATOR_RESEARCHES, code="operator")
        if Researcher.objects.filter(trial=self, doctor=doctor).exists():
            raise ValidationError(_("This person is a researcher of the trial already."), code="named")
        if doctor in people:
            raise ValidationError(BOTH_SIDES, code="participant")
        if leads_any_of(doctor, people):
            raise ValidationError(LEADS_PARTICIPANT, code="leads_participant")


NO_LEVEL = _("The trial compares GPs and registrars. Ask this person to choose one of them in their profile.")
BOTH_SIDES = _("Nobody is a researcher and a participant of the same trial. Choose another person.")
OPERATOR_RESEARCHES = _(
    "An operator knows who takes part, and must not see study codes beside that. Choose somebody who is no operator."
)
LED_BY_RESEARCHER = _(
    "A researcher of this trial leads a group of this person. Leaders stay away from the answers of their members."
)
LEADS_PARTICIPANT = _(
    "This person leads a group with a participant of the trial. Leaders stay away from the answers of their members."
)


def leads_any_of(leader: Doctor, people: Iterable[Doctor]) -> bool:
    """Is one of these people in a group that `leader` leads?"""
    groups = Group.led_by(leader)
    return Membership.objects.filter(group__in=groups, doctor__in=people, left_at=None).exists()


class Arm(models.Model):
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
    name = models.CharField(_("Name"), max_length=40)
    order = models.PositiveSmallIntegerField(help_text="0 is the control, 1 the intervention.")

    class Meta:
        ordering = ["trial", "order"]
        constraints = [models.UniqueConstraint(fields=["trial", "order"], name="two_arms_in_order")]

    def __str__(self) -> str:
        return self.name


class Researcher(models.Model):
    """A person's rights in one trial."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "doctor"], name="researcher_once_per_trial")]

    def __str__(self) -> str:
        return f"researcher {self.pk}"


class Participant(models.Model):
    """A person in a trial, known here by code, arm and level only."""

    class Level(models.TextChoices):
        GP = "gp", _("GP")
        REGISTRAR = "registrar", _("Registrar")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
    code = models.CharField(max_length=9, default=study_code)
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT)
    level = models.CharField(max_length=10, choices=Level)
    enrolled_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "code"], name="one_code_per_trial")]

    def __str__(self) -> str:
        return self.code


class ParticipantLink(models.Model):
    """The key: which person stands behind a study code. The only place that knows."""

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, primary_key=True)
    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return "link"


class Wave(models.Model):
    """One round of questionnaires."""

    class Name(models.TextChoices):
        PRE = "pre", _("before")
        POST = "post", _("after")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE)
    name = models.CharField(max_length=4, choices=Name)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    versions = models.JSONField(default=dict, help_text="Instrument id to the version that was opened.")
    waived_at = models.DateTimeField(null=True, blank=True, help_text="When working wording was accepted.")
    waived_by = models.ForeignKey(Doctor, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "name"], name="one_wave_per_name")]

    def __str__(self) -> str:
        return f"wave {self.name}"

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    @classmethod
    def now_open(cls) -> models.QuerySet[Self]:
        return cls.objects.filter(opened_at__isnull=False, closed_at=None)

    def open(self, by: Doctor, waives: bool) -> None:
        """Let participants answer, for the first time or again; ValidationError says why not.

        `waives`: this person accepts that the wording is not validated. The report says so.
        """
        with transaction.atomic():
            waves = {wave.name: wave for wave in Wave.objects.select_for_update().filter(trial=self.trial_id)}
            wave = waves[self.name]
            wave._may_open(waves, waives)
            now = timezone.now()
            if wave.opened_at is None:
                wave.opened_at, wave.waived_at, wave.waived_by = now, now, by
                wave.versions = {name: each.version for name, each in catalogue.instruments().items()}
            wave.closed_at = None
            wave.save()

    def _may_open(self, waves: dict[str, "Wave"], waives: bool) -> None:
        other = waves[self.Name.PRE if self.name == self.Name.POST else self.Name.POST]
        if other.is_open:
            raise ValidationError(_("The other questionnaire is open. Close it first."), code="other_open")
        if self.name == self.Name.POST and other.opened_at is None:
            raise ValidationError(_("Nobody could answer before yet. Open that questionnaire first."), code="pre_first")
        if self.waived_at is None and not waives:
            raise ValidationError(WAIVER_NEEDED, code="waiver_needed")

    def close(self) -> None:
        """Nothing more can be saved or sent; what was saved stays."""
        Wave.now_open().filter(pk=self.pk).update(closed_at=timezone.now())


WAIVER_NEEDED = _("This is working wording, not validated. Tick the box if the trial goes ahead with it all the same.")


class Response(models.Model):
    """One participant's answers in one wave; read-only once sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE)
    started_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=9, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wave", "participant"], name="one_response_per_wave")]

    def __str__(self) -> str:
        return f"response {self.id}"

    @classmethod
    def record(cls, wave: Wave, participant: Participant, question: Question, value: int | None) -> None:
        """Save one answer; None leaves the item blank. Refused: out_of_range, already_sent, closed.

        The row lock puts saving and sending one after the other: nothing is saved after the receipt.
        """
        question.check(value)
        item = {"instrument": question.instrument.id, "item": question.item.id}
        with transaction.atomic():
            response, _created = cls.objects.select_for_update().get_or_create(wave=wave, participant=participant)
            if response.sent_at is not None:
                raise Refused("already_sent")
            if not Wave.now_open().filter(pk=wave.pk).exists():
                raise Refused("closed")
            if value is None:
                response.answer_set.filter(**item).delete()
            else:
                response.answer_set.update_or_create(**item, defaults={"value": value})

    def values(self) -> dict[str, int]:
        """Item id to value; a blank has no entry."""
        return dict(self.answer_set.values_list("item", "value"))

    def send(self) -> None:
        """Send once: pressed twice, both get the same receipt. Refused: nothing_answered, closed."""
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Response.objects.select_for_update())
            if self.sent_at is not None:
                return
            if not self.answer_set.exists():
                raise Refused("nothing_answered")
            if not Wave.now_open().filter(pk=self.wave_id).exists():
                raise Refused("closed")
            self.sent_at, self.receipt = timezone.now(), study_code()
            self.save(update_fields=["sent_at", "receipt"])


class Answer(models.Model):
    """The value given to one item; no row means blank."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE)
    instrument = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    value = models.SmallIntegerField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "instrument", "item"], name="one_answer_per_item")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
