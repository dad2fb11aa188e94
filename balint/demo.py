"""The demonstration: a group in session now, a finished trial, a questionnaire that waits. All invented."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from balint import demo_past
from groups.models import Doctor, Group, Level, Membership
from sessions.models import Session, SessionLink
from surveys import catalogue
from surveys.instrument import Instrument
from surveys.models import Answer, Participant, Response, Trial, Wave, study_code

LEA = "lea@example.org"
PASSWORD = "push back the chair"  # noqa: S105  the demo's one password; the demo exists on localhost only
ZONE = "Europe/Berlin"
GROUP = "Thursday group"

CAST = {
    "lea": ("Lea Brandt", Level.GP),
    "cole": ("Cole Abara", Level.GP),
    "max": ("Max Sommer", Level.GP),
    "pia": ("Pia Vogt", Level.REGISTRAR),
    "rae": ("Rae Lindqvist", Level.OTHER),
    "otto": ("Otto Weiss", Level.GP),
}
OTHERS = {
    "nora": ("Nora Haas", Level.GP),
    "ines": ("Ines Duarte", Level.REGISTRAR),
    "tom": ("Tom Keller", Level.GP),
    "mira": ("Mira Novak", Level.REGISTRAR),
    "jon": ("Jon Ferris", Level.GP),
    "ada": ("Ada Quist", Level.REGISTRAR),
}
COMPANY = (*OTHERS, "pia", "cole")  # who is played while nobody logs in as them, in the order of their coming
WORDS = {
    "lea": "leads the group; start here",
    "cole": "leads with Lea",
    "max": "a member, with a questionnaire waiting",
    "pia": "a member",
    "rae": "the researcher of both trials",
    "otto": "belongs to no group",
}

# Who took part in the pilot and who answered both times, by level and arm (Koppe et al. 2016, Table 1).
ENROLLED = {("gp", 0): (6, 5), ("gp", 1): (8, 8), ("registrar", 0): (6, 3), ("registrar", 1): (6, 5)}
# Mean item after the sessions in the control arm, its gain by the groups, and the spread between people.
SHAPE = {"pmi": (5.4, 1.05, 0.9), "wwas": (3.6, 0.5, 0.45), "pis": (3.65, 0.05, 0.6)}


@transaction.atomic
def load(now: datetime) -> bool:
    """Load what is missing; True when this was the first time. A later start only sees to a session that is open."""
    first = not User.objects.filter(email=LEA).exists()
    if first:
        people = _people()
        _group(people, now)
        finished = _trial("Balint groups by video for rural doctors", people["rae"])
        _fill(finished, people["rae"])
        running = _trial("A year of Balint groups", people["rae"])
        _waiting(running, people, now)
    group = _demo_group()
    if group is not None:
        _session(group, now)
    return first


def open_session(now: datetime) -> Session | None:
    """The demo's session that one can enter now."""
    group = _demo_group()
    sessions = group.session_set.filter(ended_at=None) if group is not None else []
    return next((session for session in sessions if session.is_open(now)), None)


def _demo_group() -> Group | None:
    return Group.objects.filter(membership__doctor__user__email=LEA).order_by("created_at").first()


def can_log_in() -> bool:
    """Whether somebody of these data has the demo's password, which everyone knows."""
    cast = User.objects.filter(email__in=[f"{key}@example.org" for key in CAST | OTHERS])
    return any(user.check_password(PASSWORD) for user in cast)


def logins() -> list[tuple[str, str]]:
    """E-mail and what this person is here for."""
    return [(f"{key}@example.org", WORDS[key]) for key in CAST]


def _people() -> dict[str, Doctor]:
    password = make_password(PASSWORD)  # once: a hash costs a quarter of a second
    people = {}
    for key, (name, level) in (CAST | OTHERS).items():
        user = User.objects.create(username=f"{key}@example.org", email=f"{key}@example.org", password=password)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        people[key] = Doctor.objects.create(
            user=user, name=name, level=level, time_zone=ZONE, is_leader=key in ("lea", "cole")
        )
    return people


def _group(people: Mapping[str, Doctor], now: datetime) -> None:
    group = Group.objects.create(name=GROUP, language="English", time_zone=ZONE, speaking_bands=True)
    roles = {"lea": Membership.Role.LEADER, "cole": Membership.Role.CO_LEADER}
    for key in ("lea", "cole", "max", "pia", *OTHERS):
        role = roles.get(key, Membership.Role.MEMBER)
        Membership.objects.create(group=group, doctor=people[key], role=role)
    demo_past.load(group, now)


def _session(group: Group, now: datetime) -> None:
    """A session that has just begun, unless one is open."""
    if open_session(now) is not None:
        return
    start = now.replace(microsecond=0)  # to the second: another one may have begun and ended this minute
    session = Session.objects.create(group=group, starts_at=start, minutes=120)
    for membership in group.members:
        SessionLink.objects.create(session=session, membership=membership, expires_at=session.links_expire_at)


def _trial(title: str, researcher: Doctor) -> Trial:
    trial = Trial.found(title, Trial.Allocation.AVAILABILITY, "Control", "Balint")
    trial.name_researcher(researcher)
    return trial


def _wave(trial: Trial, name: str, by: Doctor, opened: datetime, closed: datetime | None) -> Wave:
    """The wave as it was opened then, its working wording waived by the researcher."""
    wave = trial.wave_set.get(name=name)
    wave.opened_at = wave.waived_at = opened
    wave.closed_at, wave.waived_by = closed, by
    wave.versions = {key: each.version for key, each in catalogue.instruments().items()}
    wave.save()
    return wave


def _fill(trial: Trial, researcher: Doctor) -> None:
    """Twenty-six enrolled, twenty-one answered both times; the key to their names is destroyed by now."""
    chance = random.Random(20141001)  # noqa: S311  invented data, the same on every machine
    begin = datetime(2025, 2, 3, tzinfo=timezone.get_default_timezone())
    pre = _wave(trial, Wave.Name.PRE, researcher, begin, begin + timedelta(days=21))
    post = _wave(trial, Wave.Name.POST, researcher, begin + timedelta(days=150), begin + timedelta(days=180))
    arms = list(trial.arm_set.all())
    for (level, arm), (enrolled, completed) in ENROLLED.items():
        for number in range(enrolled):
            person = Participant.objects.create(trial=trial, arm=arms[arm], level=level)
            traits = {key: chance.gauss(0, 1) for key in SHAPE}
            _respond(pre, person, traits, 0, chance, begin + timedelta(days=chance.randrange(20)))
            if number < completed:
                _respond(post, person, traits, arm, chance, begin + timedelta(days=151 + chance.randrange(25)))


def _waiting(trial: Trial, people: Mapping[str, Doctor], now: datetime) -> None:
    """The first questionnaire is answered, the second is open: Max finds it on his home."""
    chance = random.Random(7)  # noqa: S311
    pre = _wave(trial, Wave.Name.PRE, people["rae"], now - timedelta(days=200), now - timedelta(days=170))
    _wave(trial, Wave.Name.POST, people["rae"], now - timedelta(days=2), None)
    control, balint = trial.arm_set.all()
    for key in ("max", "pia", "nora", "ines", "otto"):
        arm = control if key == "otto" else balint  # whoever sits in the circle is no control
        person = trial.enrol(people[key], arm)
        traits = {name: chance.gauss(0, 1) for name in SHAPE}
        _respond(pre, person, traits, 0, chance, now - timedelta(days=180 + chance.randrange(15)))


def _respond(
    wave: Wave, person: Participant, traits: Mapping[str, float], gain: int, chance: random.Random, at: datetime
) -> None:
    """Answers of one person in one wave: trait, gain and chance, on each item's own range."""
    response = Response.objects.create(wave=wave, participant=person, sent_at=at, receipt=study_code())
    Response.objects.filter(pk=response.pk).update(started_at=at - timedelta(minutes=9))
    answers = []
    for name, instrument in catalogue.instruments().items():
        mean, effect, spread = SHAPE[name]
        level = mean + effect * gain + spread * (0.85 * traits[name] + 0.5 * chance.gauss(0, 1))
        answers += [Answer(response=response, **answer) for answer in _answers(instrument, level, spread, chance)]
    Answer.objects.bulk_create(answers)


def _answers(instrument: Instrument, level: float, spread: float, chance: random.Random) -> list[dict]:
    given = []
    for item in instrument.items:
        value = min(item.max, max(item.min, round(chance.gauss(level, spread * 1.35))))
        value = item.min + item.max - value if item.reverse else value
        if chance.random() > 0.01:  # now and then an item stays blank
            given.append({"instrument": instrument.id, "item": item.id, "value": value})
    return given
