"""Two groups with their sessions, two trials with a report: to each person one is their own and the other foreign."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from analysis import tasks
from analysis.models import Report
from balint.foundation import jobs
from groups.models import Doctor, Group, Invitation, Membership
from sessions import access
from sessions.models import Session, SessionLink
from surveys.models import Response, Trial, Wave
from tests.cast import prove_email
from tests.conftest import person

STRANGERS = ("nobody", "holder")  # not logged in; the holder came by Max's personal link
PEOPLE = ("otto", "max", "pia", "lea", "cole", "rae", "opal")
ROLES = STRANGERS + PEOPLE


@dataclass
class Place:
    """One group, one trial, and what belongs to them."""

    group: Group
    session: Session  # open now
    later: Session
    member: Membership
    link: SessionLink
    invitation: Invitation
    trial: Trial
    sent: Wave  # the participant's answers are sent
    wave: Wave  # open, and begun


def found(leader: Doctor, co_leader: Doctor, member: Doctor, other: Doctor, researcher: Doctor) -> Place:
    group = Group.objects.create(name="A group", time_zone="Europe/Berlin")
    for doctor, role in {leader: "leader", co_leader: "co_leader", member: "member", other: "member"}.items():
        Membership.objects.create(group=group, doctor=doctor, role=role)
    session = Session.plan(group, timezone.now(), 90)
    trial = run_trial(member, researcher)
    return Place(
        group,
        session,
        Session.plan(group, timezone.now() + timedelta(days=3), 90),
        Membership.objects.get(doctor=member),
        SessionLink.objects.get(session=session, membership__doctor=member),
        Invitation.objects.create(group=group, email=f"new.{leader.user.username}@example.org"),
        trial,
        trial.wave_set.get(name="pre"),
        trial.wave_set.get(name="post"),
    )


def run_trial(participant: Doctor, researcher: Doctor) -> Trial:
    """A trial with one participant, who sent their answers before and begins those after; and with a report."""
    trial = Trial.found("A trial", Trial.Allocation.AVAILABILITY, "Control", "Balint")
    enrolled = trial.enrol(participant, trial.arm_set.get(order=1))
    trial.name_researcher(researcher)
    before, after = trial.wave_set.get(name="pre"), trial.wave_set.get(name="post")
    before.open(researcher, waives=True)
    Response.objects.create(wave=before, participant=enrolled, sent_at=timezone.now(), receipt="ACDE-FGHJ")
    before.close()
    after.open(researcher, waives=True)
    Response.objects.create(wave=after, participant=enrolled)
    tasks.compute(jobs.start(Report.KIND, trial.pk), lambda percent, stage: None)
    return trial


@dataclass
class World:
    own: Place
    foreign: Place
    cookies: dict[str, str]

    def browser(self, role: str, **options: bool) -> Client:
        """A fresh browser with the role's cookie: what an earlier request did to it is gone."""
        client = Client(raise_request_exception=False, **options)
        if role in self.cookies:
            client.cookies["sessionid"] = self.cookies[role]
        return client


def make_world() -> World:
    """Otto belongs to nothing; Max, Pia, Lea, Cole and Rae to `own`; Opal is operator; five others to `foreign`."""
    cast = {key: person(key) for key in PEOPLE}
    cast["lea"].is_leader = cast["opal"].is_operator = True
    for doctor in cast.values():
        doctor.save()
        prove_email(doctor)
    own = found(cast["lea"], cast["cole"], cast["max"], cast["pia"], cast["rae"])
    foreign = found(*(person(key) for key in ("zoe", "yan", "xenia", "will", "vera")))
    cookies = {key: log_in(doctor) for key, doctor in cast.items()}
    return World(own, foreign, cookies | {"holder": pass_of(own.link)})


def log_in(doctor: Doctor) -> str:
    client = Client()
    client.force_login(doctor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def pass_of(link: SessionLink) -> str:
    """The cookie of somebody who came by a personal link."""
    cookie = SessionStore()
    access.grant(cookie, link)
    cookie.save()
    return cookie.session_key


def routes() -> dict[str, list[str]]:
    """Every route of the app by its name, with the names of its parameters. A route without a name is a fault."""
    found: dict[str, list[str]] = {}

    def walk(patterns: list[URLPattern | URLResolver], given: list[str]) -> None:
        for each in patterns:
            here = [*given, *each.pattern.regex.groupindex]
            if isinstance(each, URLResolver):
                walk(each.url_patterns, here)
            else:
                found[each.name or str(each.pattern)] = here

    walk(get_resolver().url_patterns, [])
    return found
