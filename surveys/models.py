"""The trial, its participants under study codes, its waves, and their answers. Names live in groups, not here."""

import secrets
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from groups.models import Doctor

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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "name"], name="one_wave_per_name")]

    def __str__(self) -> str:
        return f"wave {self.name}"

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None


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


class Answer(models.Model):
    """The value given to one item; no row means blank."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE)
    instrument = models.CharField(max_length=20)
    item = models.CharField(max_length=20)
    value = models.SmallIntegerField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "instrument", "item"], name="one_answer_per_item")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
