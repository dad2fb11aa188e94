"""Founding a group, changing it, inviting into it, ending a membership."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from balint.foundation.models import Mail
from groups.models import Group, Invitation, Membership, in_circle
from tests.cast import place_of
from tests.conftest import person

FILLED = {"name": "Harbour circle", "language": "Portuguese", "time_zone": "Europe/Lisbon", "second_leader": ""}


def errors(response) -> dict[str, list[str]]:
    return {field: [error.code for error in bad.as_data()] for field, bad in response.context["form"].errors.items()}


def test_a_named_leader_founds_a_group_and_leads_it(lea, client_of):
    response = client_of(lea).post("/groups/new/", FILLED)

    group = Group.objects.get()
    assert (group.name, group.language, group.time_zone) == ("Harbour circle", "Portuguese", "Europe/Lisbon")
    assert [(member.doctor, member.role) for member in group.members] == [(lea, "leader")]
    assert response.url == f"/groups/{group.pk}/"


def test_nobody_else_founds_groups(max_, client_of):
    browser = client_of(max_)

    assert [browser.get("/groups/new/").status_code, browser.post("/groups/new/", FILLED).status_code] == [404, 404]
    assert Group.objects.count() == 0


def test_the_new_group_begins_with_the_founders_zone(lea, client_of):
    assert client_of(lea).get("/groups/new/").context["form"]["time_zone"].value() == "Europe/Berlin"


def test_the_second_leader_is_invited_with_the_founding(lea, client_of):
    client_of(lea).post("/groups/new/", FILLED | {"second_leader": "Cole@Example.org"})

    assert list(Invitation.objects.values_list("email", "role")) == [("cole@example.org", "co_leader")]
    assert list(Mail.objects.values_list("kind", "to")) == [("invitation", "cole@example.org")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "required"),
        ("name", "x" * 81, "max_length"),
        ("time_zone", "Mars/Base", "invalid_choice"),
        ("telephone", "ask Cole", "no_telephone"),
        ("telephone", "1234", "no_telephone"),
        ("telephone", "+49 30 1234567890123", "no_telephone"),
        ("telephone", "javascript:alert(1)", "no_telephone"),
        ("second_leader", "cole at home", "invalid"),
        ("second_leader", "lea@example.org", "own_address"),
    ],
)
def test_bad_input_keeps_what_was_typed(lea, client_of, field, value, code):
    response = client_of(lea).post("/groups/new/", FILLED | {field: value})

    assert errors(response) == {field: [code]}
    assert response.context["form"]["language"].value() == "Portuguese"
    assert Group.objects.count() == 0


def test_both_leaders_change_the_group(cole, group, client_of):
    client_of(cole).post(f"/groups/{group.pk}/edit/", FILLED)

    assert Group.objects.get().name == "Harbour circle"


def test_the_telephone_is_kept_as_it_was_typed_and_dialled_without_spaces(lea, group, client_of):
    client_of(lea).post(f"/groups/{group.pk}/edit/", FILLED | {"telephone": " +49 (30) 123-45.67 "})

    kept = Group.objects.get()
    assert (kept.telephone, kept.telephone_url) == ("+49 (30) 123-45.67", "tel:+49301234567")


def test_the_leaders_agree_with_their_group_on_who_is_seen_and_counted(lea, group, client_of):
    before = (group.presenter_camera, group.speaking_bands)

    client_of(lea).post(f"/groups/{group.pk}/edit/", FILLED | {"speaking_bands": "on"})

    kept = Group.objects.get()
    assert (before, (kept.presenter_camera, kept.speaking_bands)) == ((True, False), (False, True))


LEADER_PAGES = ["edit/", "invite/", "sessions/new/"]


@pytest.mark.parametrize("page", LEADER_PAGES)
@pytest.mark.parametrize(("who", "status"), [("lea", 200), ("cole", 200), ("max_", 404), ("otto", 404)])
def test_only_its_leaders_reach_a_groups_work(group, request, client_of, who, status, page):
    browser = client_of(request.getfixturevalue(who) if who != "otto" else person("otto"))

    assert browser.get(f"/groups/{group.pk}/{page}").status_code == status


def test_leaders_of_one_group_are_outsiders_in_another(group, client_of):
    otto = person("otto", is_leader=True)
    Group.found(otto, name="Other", language="English", time_zone="UTC")

    assert client_of(otto).post(f"/groups/{group.pk}/invite/", {"emails": "x@example.org"}).status_code == 404
    assert Invitation.objects.count() == 0


def test_several_addresses_are_invited_at_once(lea, group, client_of):
    emails = "Nora@example.org, tom@example.org;\n ines@example.org nora@example.org"

    response = client_of(lea).post(f"/groups/{group.pk}/invite/", {"emails": emails, "role": "member"})

    invited = set(Invitation.objects.values_list("email", "role"))
    assert invited == {(f"{name}@example.org", "member") for name in ("nora", "tom", "ines")}
    assert Mail.objects.count() == 3
    assert response.url == f"/groups/{group.pk}/"


def test_addresses_may_be_pasted_with_their_names(lea, group, client_of):
    emails = 'Nora Haas <Nora@example.org>; "Keller, Tom" <tom@example.org>, <ines@example.org>\nada@example.org'

    client_of(lea).post(f"/groups/{group.pk}/invite/", {"emails": emails, "role": "member"})

    invited = set(Invitation.objects.values_list("email", flat=True))
    assert invited == {f"{name}@example.org" for name in ("nora", "tom", "ines", "ada")}


@pytest.mark.parametrize(
    ("emails", "sentence"),
    [
        ("nora@", "nora@ is not an e-mail address. Look for a missing letter."),
        ("MAX@example.org", "max@example.org belongs to the group already."),
        ("ines@example.org", "ines@example.org is invited already. On the group’s page you can send the mail again."),
    ],
)
def test_an_address_that_cannot_be_invited_is_named(lea, group, client_of, emails, sentence):
    group.invite("ines@example.org", "member")

    response = client_of(lea).post(f"/groups/{group.pk}/invite/", {"emails": f"x@y.org {emails}", "role": "member"})

    assert response.context["form"].errors["emails"] == [sentence]
    assert f"x@y.org {emails}" in response.content.decode()
    assert Invitation.objects.count() == 1


def test_a_group_has_sixteen_chairs(lea, group, client_of):
    emails = [f"doctor{number}@example.org" for number in range(13)]
    browser, address = client_of(lea), f"/groups/{group.pk}/invite/"

    too_many = browser.post(address, {"emails": " ".join(emails), "role": "member"})
    enough = browser.post(address, {"emails": " ".join(emails[:12]), "role": "member"})

    assert errors(too_many) == {"emails": ["full"]}
    assert "there are 12 free chairs" in too_many.context["form"].errors["emails"][0]
    assert enough.status_code == 302


def test_there_is_one_second_leader(lea, group, client_of):
    browser, address = client_of(lea), f"/groups/{group.pk}/invite/"

    taken = browser.post(address, {"emails": "tom@example.org", "role": "co_leader"})
    Membership.objects.filter(role="co_leader").update(role="member")
    two = browser.post(address, {"emails": "tom@example.org ines@example.org", "role": "co_leader"})
    browser.post(address, {"emails": "tom@example.org", "role": "co_leader"})
    asked = browser.post(address, {"emails": "ines@example.org", "role": "co_leader"})
    first = browser.post(address, {"emails": "ines@example.org", "role": "leader"})

    codes = [errors(response) for response in (taken, two, asked, first)]
    assert codes == [
        {"role": [code]} for code in ("co_leader_taken", "one_co_leader", "co_leader_asked", "invalid_choice")
    ]


def test_an_invitation_is_withdrawn_and_may_be_sent_anew(lea, group, client_of):
    invitation = group.invite("nora@example.org", "member")
    browser = client_of(lea)

    browser.post(f"/groups/{group.pk}/invitations/{invitation.pk}/withdraw/")
    again = browser.post(f"/groups/{group.pk}/invitations/{invitation.pk}/again/")
    browser.post(f"/groups/{group.pk}/invite/", {"emails": "nora@example.org", "role": "member"})

    invitation.refresh_from_db()
    assert (invitation.is_open, again.status_code) == (False, 404)
    assert Invitation.waiting(group).count() == 1


def test_sending_again_renews_an_old_invitation_and_posts_one_mail(lea, group, client_of):
    long_ago = timezone.now() - Invitation.TERM - timedelta(days=1)
    invitation = Invitation.objects.create(group=group, email="nora@example.org", invited_at=long_ago)
    invitation.post()
    browser, address = client_of(lea), f"/groups/{group.pk}/invitations/{invitation.pk}/again/"

    browser.post(address)

    invitation.refresh_from_db()
    assert invitation.is_open
    assert Mail.objects.filter(to="nora@example.org").count() == 2


def test_a_member_touches_no_invitation(max_, group, client_of):
    invitation = group.invite("nora@example.org", "member")
    browser, address = client_of(max_), f"/groups/{group.pk}/invitations/{invitation.pk}"

    assert [browser.post(f"{address}/{deed}/").status_code for deed in ("again", "withdraw")] == [404, 404]
    invitation.refresh_from_db()
    assert invitation.is_open


def test_ending_a_membership_asks_first(lea, max_, group, client_of):
    browser, place = client_of(lea), place_of(max_, group)
    address = f"/groups/{group.pk}/members/{place.pk}/end/"

    question = browser.get(address)
    still = place_of(max_, group).left_at
    browser.post(address)

    assert "Does Max Example leave the group?" in question.content.decode()
    assert still is None
    assert max_ not in [member.doctor for member in group.members]
    assert client_of(max_).get(f"/groups/{group.pk}/").status_code == 404


@pytest.mark.parametrize(("who", "whom"), [("cole", "lea"), ("lea", "lea"), ("cole", "cole"), ("max_", "pia")])
def test_the_first_leader_stays_and_members_end_nothing(group, request, client_of, who, whom):
    place = place_of(request.getfixturevalue(whom), group)

    response = client_of(request.getfixturevalue(who)).post(f"/groups/{group.pk}/members/{place.pk}/end/")

    place.refresh_from_db()
    assert (response.status_code, place.left_at) == (404, None)


def test_leaders_sit_opposite_each_other(group, lea, cole, max_, pia):
    ines = person("ines")
    Membership.objects.create(group=group, doctor=ines)

    assert [member.doctor for member in group.circle()] == [lea, max_, pia, cole, ines]


def test_a_circle_without_a_second_leader_has_no_gap(group, lea, cole, max_, pia):
    place_of(cole, group).end()

    assert [member.doctor for member in group.circle()] == [lea, max_, pia]
    assert in_circle([]) == []


def test_the_last_chair_is_given_once(group, max_):
    late = group.invite("late@example.org", "member")
    for number in range(12):
        Membership.objects.create(group=group, doctor=person(f"doctor{number}"))

    with pytest.raises(ValidationError) as refusal:
        late.accept(person("late"))

    assert refusal.value.code == "full"
    assert group.members.count() == 16


def test_the_second_chair_is_given_once(group):
    second = group.invite("second@example.org", "co_leader")

    with pytest.raises(ValidationError) as refusal:
        second.accept(person("second"))

    assert refusal.value.code == "co_leader_taken"


def test_an_invitation_withdrawn_meanwhile_gives_no_place(group):
    read_before = group.invite("late@example.org", "member")
    Invitation.objects.get().withdraw()

    with pytest.raises(ValidationError) as refusal:
        read_before.accept(person("late"))

    assert refusal.value.code == "withdrawn"
    assert group.members.count() == 4


def test_somebody_who_left_comes_back_to_the_same_place(group, max_):
    place = place_of(max_, group)
    place.end()

    back = group.invite("max@example.org", "member").accept(max_)

    assert (back.pk, back.left_at) == (place.pk, None)
