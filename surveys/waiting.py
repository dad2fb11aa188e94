"""What waits for a doctor, for the home page. It says nothing of the arm."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from groups.models import Doctor
from surveys.models import Wave
from surveys.questionnaire import minutes, questions

TITLES = {Wave.Name.PRE.value: _("First questionnaire"), Wave.Name.POST.value: _("Second questionnaire")}


@dataclass(frozen=True)
class Waiting:
    """An open questionnaire; `minutes` is about how long the rest takes."""

    title: str
    trial: str
    url: str
    begun: bool
    minutes: int


def waiting(doctor: Doctor) -> list[Waiting]:
    """The open questionnaires that this person has not sent, oldest first."""
    own = Q(response__participant__participantlink__doctor=doctor)
    waves = (
        Wave.now_open()
        .filter(trial__participant__participantlink__doctor=doctor)
        .annotate(sent=Count("response", filter=own & Q(response__sent_at__isnull=False), distinct=True))
        .annotate(answered=Count("response__answer", filter=own, distinct=True))
        .filter(sent=0)
        .select_related("trial")
        .order_by("opened_at")
    )
    return [_row(wave) for wave in waves]


def _row(wave: Wave) -> Waiting:
    left = minutes(len(questions()) - wave.answered)
    return Waiting(TITLES[wave.name], wave.trial.title, reverse("answer", args=[wave.pk]), wave.answered > 0, left)
