"""The pages of a trial: operators see people without codes, researchers codes without people."""

from collections.abc import Callable

import pytest
from django.test import Client

from groups.models import Doctor, Group, Membership
from surveys.models import Arm, Participant, ParticipantLink, Researcher, Response, Trial, Wave
from surveys.questionnaire import find
from tests.conftest import person
from tests.page import read

CANARIES = {"name": "Quetzalcoatl Wimpelhuber", "email": "zanzibar-kiwi@example.org", "username": "xylophon77"}


@pytest.fixture
def operator(client_of: Callable[[Doctor], Client], ora: Doctor) -> Client:
    return client_of(ora)


@pytest.fixture
def researcher(client_of: Callable[[Doctor], Client], rae: Doctor, trial: Trial) -> Client:
    return client_of(rae)


# -- the list


def test_an_operator_finds_every_trial(operator: Client, trial: Trial):
    page = read(operator.get("/trials/"))

    assert "Rural pilot" in page.words
    assert "2 people enrolled" in page.words
    assert f"/trials/{trial.pk}/people/" in page.values("a", "href")


def test_an_operator_without_a_trial_is_told_what_one_is(operator: Client):
    assert "There is no trial yet." in read(operator.get("/trials/")).words


def test_a_researcher_finds_her_own_trials(researcher: Client, trial: Trial):
    Trial.found("Somebody else's", "randomised", "A", "B")

    page = read(researcher.get("/trials/"))

    assert f"/trials/{trial.pk}/" in page.values("a", "href")
    assert "Somebody else" not in page.words
    assert "/trials/new/" not in page.values("a", "href")


@pytest.mark.parametrize("path", ["/trials/", "/trials/{trial}/", "/trials/{trial}/people/", "/trials/new/"])
@pytest.mark.parametrize("who", ["lea", "max_", "otto"])
def test_others_find_no_trial(request, client_of, group: Group, trial: Trial, who: str, path: str):
    client = client_of(request.getfixturevalue(who))

    assert client.get(path.format(trial=trial.pk)).status_code == 404


# -- what an operator does


def test_a_new_trial_leads_to_its_people(operator: Client):
    form = {"title": "Pilot", "control": "Waiting", "intervention": "Circle", "allocation": "availability"}

    response = operator.post("/trials/new/", form)

    trial = Trial.objects.get()
    assert response.url == f"/trials/{trial.pk}/people/"
    assert (trial.title, [arm.name for arm in trial.arm_set.all()]) == ("Pilot", ["Waiting", "Circle"])


def test_two_arms_of_one_name_are_refused_and_what_was_typed_stays(operator: Client):
    form = {"title": "Pilot", "control": "Circle", "intervention": "circle", "allocation": "randomised"}

    page = read(operator.post("/trials/new/", form))

    assert "Both arms have this name. Choose another." in page.words
    assert "Pilot" in page.values("input", "value")
    assert not Trial.objects.exists()


def test_letters_without_a_shape_are_left_out(operator: Client):
    form = {
        "title": "Rural\ufffe pilot\ufeff",
        "control": "A\u0007",
        "intervention": "B\u202e",
        "allocation": "randomised",
    }

    operator.post("/trials/new/", form)

    trial = Trial.objects.get()
    assert (trial.title, [arm.name for arm in trial.arm_set.all()]) == ("Rural pilot", ["A", "B"])


@pytest.mark.parametrize("field", ["title", "control", "intervention", "allocation"])
def test_an_incomplete_trial_is_refused(operator: Client, field: str):
    form = {"title": "Pilot", "control": "A", "intervention": "B", "allocation": "randomised"} | {field: ""}

    assert operator.post("/trials/new/", form).status_code == 200
    assert not Trial.objects.exists()


@pytest.mark.parametrize(("allocation", "said"), [("availability", True), ("randomised", False)])
@pytest.mark.parametrize("who", ["ora", "rae"])
def test_allocation_by_availability_is_called_non_random(
    request, client_of, rae: Doctor, who: str, allocation: str, said: bool
):
    trial = Trial.found("Pilot", allocation, "A", "B")
    trial.name_researcher(rae)
    client = client_of(request.getfixturevalue(who))
    own = f"/trials/{trial.pk}/people/" if who == "ora" else f"/trials/{trial.pk}/"

    assert ["NON-RANDOM" in read(client.get(path)).words for path in ("/trials/", own)] == [said, said]


def test_enrolling_by_e_mail(operator: Client, trial: Trial):
    nora = person("nora", level="registrar")
    arm = trial.arm_set.get(order=1)

    response = operator.post(
        f"/trials/{trial.pk}/people/enrol/", {"enrol-email": "NORA@example.org", "enrol-arm": arm.pk}
    )

    participant = Participant.objects.get(participantlink__doctor=nora)
    assert response.url == f"/trials/{trial.pk}/people/"
    assert (participant.arm, participant.level) == (arm, "registrar")


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("nobody@example.org", "Nobody with this address has a profile here."),
        ("max@example.org", "This person takes part already."),
        ("rae@example.org", "The trial compares GPs and registrars."),
        ("not an address", "Enter a valid email address."),
    ],
)
def test_an_enrolment_that_cannot_be_stays_with_its_words(operator: Client, trial: Trial, email: str, words: str):
    arm = trial.arm_set.get(order=0)

    page = read(operator.post(f"/trials/{trial.pk}/people/enrol/", {"enrol-email": email, "enrol-arm": arm.pk}))

    assert words in page.words
    assert email in page.values("input", "value")
    assert trial.participant_set.count() == 2


def test_an_arm_of_another_trial_is_refused(operator: Client, trial: Trial, otto: Doctor):
    foreign = Trial.found("Another", "randomised", "A", "B").arm_set.first()

    operator.post(f"/trials/{trial.pk}/people/enrol/", {"enrol-email": "otto@example.org", "enrol-arm": foreign.pk})

    assert not Participant.objects.filter(arm=foreign).exists()


def test_naming_a_researcher_by_e_mail(operator: Client, trial: Trial, otto: Doctor):
    response = operator.post(f"/trials/{trial.pk}/people/researcher/", {"researcher-email": "otto@example.org"})

    assert response.url == f"/trials/{trial.pk}/people/"
    assert Researcher.objects.filter(trial=trial, doctor=otto).exists()


def test_a_leader_of_participants_is_not_named(operator: Client, trial: Trial, group: Group, lea: Doctor):
    page = read(operator.post(f"/trials/{trial.pk}/people/researcher/", {"researcher-email": "lea@example.org"}))

    assert "This person leads a group with a participant of the trial." in page.words
    assert not Researcher.objects.filter(doctor=lea).exists()


@pytest.mark.parametrize("action", ["enrol", "researcher"])
@pytest.mark.parametrize("who", ["rae", "lea", "max_"])
def test_only_operators_enrol_and_name(request, client_of, trial: Trial, otto: Doctor, who: str, action: str):
    client = client_of(request.getfixturevalue(who))
    form = {
        "enrol-email": "otto@example.org",
        "enrol-arm": trial.arm_set.first().pk,
        "researcher-email": "otto@example.org",
    }

    response = client.post(f"/trials/{trial.pk}/people/{action}/", form)

    assert response.status_code == 404
    assert (Participant.objects.count(), Researcher.objects.count()) == (2, 1)


def test_an_operator_sees_people_and_no_codes(operator: Client, trial: Trial):
    content = operator.get(f"/trials/{trial.pk}/people/").content.decode()

    assert "Max Example" in content
    assert not [code for code in Participant.objects.values_list("code", flat=True) if code in content]
    assert not [str(pk) for pk in Participant.objects.values_list("pk", flat=True) if str(pk) in content]


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_operator_reaches_no_codes_and_no_waves(operator: Client, pre: Wave, method: str):
    paths = [f"/trials/{pre.trial_id}/"] if method == "get" else [f"/waves/{pre.pk}/open/", f"/waves/{pre.pk}/close/"]

    assert {getattr(operator, method)(path).status_code for path in paths} == {404}


# -- what a researcher sees


def test_a_researcher_sees_codes_and_progress(
    researcher: Client, pre: Wave, participant_max: Participant, pia: Doctor, answer_all
):
    answer_all(pre, participant_max).send()
    participant_pia = Participant.objects.get(participantlink__doctor=pia)
    Response.record(pre, participant_pia, find("pmi_01"), 5)

    page = read(researcher.get(f"/trials/{pre.trial_id}/"))

    words = "".join(page.words.split())
    assert f"{participant_max.code}BalintgroupGPsentnotyet" in words
    assert f"{participant_pia.code}ControlRegistrar1of46notyet" in words
    assert "1of1before,0of1after" in words
    assert f"/trials/{pre.trial_id}/report/" in page.values("a", "href")


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_name_and_no_address_reaches_a_researcher(
    researcher: Client, trial: Trial, rae: Doctor, answer_all, method: str
):
    """Unusual words in every field of a participant, and in all that surrounds one, appear on no page of hers."""
    canary = person("kuckuck", level="gp", time_zone="Pacific/Chatham")
    Doctor.objects.filter(pk=canary.pk).update(name=CANARIES["name"])
    type(canary.user).objects.filter(pk=canary.user_id).update(
        email=CANARIES["email"], username=CANARIES["username"], first_name="Ottokarina", last_name="Nepomukson"
    )
    group = Group.objects.create(name="Hinterholzgruppe", time_zone="Pacific/Chatham")
    Membership.objects.create(group=group, doctor=canary)
    participant = trial.enrol(canary, trial.arm_set.first())
    wave = trial.wave_set.get(name="pre")
    wave.open(rae, waives=True)
    answer_all(wave, participant).send()

    pages = {
        "get": ["/trials/", f"/trials/{trial.pk}/"],
        "post": [f"/waves/{wave.pk}/open/", f"/waves/{wave.pk}/close/"],
    }[method]
    shown = "".join(getattr(researcher, method)(path, follow=True).content.decode() for path in pages)

    words = [*CANARIES.values(), "Quetzalcoatl", "Ottokarina", "Nepomukson", "Hinterholz", "Chatham", "kuckuck"]
    assert participant.code in shown
    assert not [word for word in words if word in shown]
    assert str(canary.pk) not in shown


def test_a_researcher_sees_codes_in_the_order_of_codes(researcher: Client, trial: Trial):
    for number in range(8):
        trial.enrol(person(f"d{number}"), trial.arm_set.first())
    codes = sorted(Participant.objects.values_list("code", flat=True))

    content = researcher.get(f"/trials/{trial.pk}/").content.decode()

    assert sorted(codes, key=content.index) == codes


def test_a_researcher_of_another_trial_finds_nothing(researcher: Client, rae: Doctor):
    other = Trial.found("Another", "randomised", "A", "B")
    wave = other.wave_set.get(name="pre")

    assert researcher.get(f"/trials/{other.pk}/").status_code == 404
    assert researcher.post(f"/waves/{wave.pk}/open/", {"waives": "on"}).status_code == 404
    assert not Wave.now_open().exists()


def test_a_researcher_does_not_reach_the_people(researcher: Client, trial: Trial):
    assert researcher.get(f"/trials/{trial.pk}/people/").status_code == 404
    assert researcher.get("/trials/new/").status_code == 404


def test_opening_needs_the_ticked_box(researcher: Client, trial: Trial):
    wave = trial.wave_set.get(name="pre")

    page = read(researcher.post(f"/waves/{wave.pk}/open/"))

    assert "This is working wording, not validated. Tick the box" in page.words
    assert not Wave.now_open().exists()


def test_opening_and_closing_a_wave(researcher: Client, trial: Trial, rae: Doctor):
    wave = trial.wave_set.get(name="pre")

    opened = researcher.post(f"/waves/{wave.pk}/open/", {"waives": "on"})
    wave.refresh_from_db()
    state = (wave.is_open, wave.waived_by)
    closed = researcher.post(f"/waves/{wave.pk}/close/")
    wave.refresh_from_db()

    assert opened.url == closed.url == f"/trials/{trial.pk}/"
    assert state == (True, rae)
    assert not wave.is_open


def test_only_what_may_be_done_now_is_offered(researcher: Client, pre: Wave, post: Wave):
    offered = []
    for act in (lambda: None, pre.close):
        act()
        page = read(researcher.get(f"/trials/{pre.trial_id}/"))
        offered.append([action for action in page.values("form", "action") if action.startswith("/waves/")])

    assert offered == [[f"/waves/{pre.pk}/close/"], [f"/waves/{pre.pk}/open/", f"/waves/{post.pk}/open/"]]


def test_a_second_wave_too_early_is_refused_in_words(researcher: Client, pre: Wave, post: Wave):
    page = read(researcher.post(f"/waves/{post.pk}/open/", {"waives": "on"}))

    assert "The other questionnaire is open. Close it first." in page.words


@pytest.mark.parametrize("path", ["waves/{pre}/open/", "waves/{pre}/close/", "trials/{trial}/people/enrol/"])
def test_changes_are_never_made_by_following_a_link(request, client_of, pre: Wave, ora: Doctor, rae: Doctor, path: str):
    client = client_of(ora if "people" in path else rae)

    assert client.get(f"/{path.format(pre=pre.pk, trial=pre.trial_id)}").status_code == 405


def test_strangers_log_in_first(client: Client, trial: Trial):
    for path in ("/trials/", "/trials/new/", f"/trials/{trial.pk}/", f"/trials/{trial.pk}/people/"):
        assert client.get(path).url.startswith("/accounts/login/?next=")


def test_two_hundred_participants_take_as_many_queries_as_two(
    researcher: Client, trial: Trial, django_assert_max_num_queries: object
):
    control = Arm.objects.get(trial=trial, order=0)
    Participant.objects.bulk_create(Participant(trial=trial, arm=control, level="gp") for _ in range(198))

    with django_assert_max_num_queries(14):
        page = read(researcher.get(f"/trials/{trial.pk}/"))

    assert "200" in page.words
    assert ParticipantLink.objects.count() == 2
