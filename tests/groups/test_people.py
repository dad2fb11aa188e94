import pytest

from groups.models import Doctor
from tests.conftest import person


@pytest.fixture
def operator(db) -> Doctor:
    return person("olga", is_operator=True)


@pytest.mark.parametrize("who", ["lea", "max_", "rae", "otto"])
def test_the_page_exists_for_operators_only(who, request, client_of, pia):
    browser = client_of(request.getfixturevalue(who))

    assert browser.get("/people/").status_code == 404
    assert browser.post(f"/people/{pia.pk}/leader/name/").status_code == 404
    assert Doctor.objects.get(pk=pia.pk).is_leader is False


def test_an_operator_sees_everybody_with_their_roles(operator, group, client_of):
    page = client_of(operator).get("/people/").content.decode()

    assert [name in page for name in ("Lea Example", "lea@example.org", "Max Example")] == [True, True, True]
    assert page.count("May found groups") == 1
    assert page.count("Leads a group") == 2


def test_search_finds_by_email_and_by_name(operator, lea, otto, client_of):
    browser = client_of(operator)

    by_email = browser.get("/people/", {"q": "OTTO@example"}).context["page"].object_list
    by_name = browser.get("/people/", {"q": "lea exa"}).context["page"].object_list
    nobody = browser.get("/people/", {"q": "nobody"})

    assert (list(by_email), list(by_name)) == ([otto], [lea])
    assert "Nobody by that name or address" in nobody.content.decode()


@pytest.mark.parametrize("query", [{"q": "\0"}, {"q": "x" * 500}, {"page": "-1"}, {"page": "soon"}])
def test_odd_searches_are_answered(operator, client_of, query):
    assert client_of(operator).get("/people/", query).status_code == 200


def test_naming_a_leader_and_taking_it_back(operator, otto, client_of):
    browser = client_of(operator)

    browser.post(f"/people/{otto.pk}/leader/name/")
    named = Doctor.objects.get(pk=otto.pk).is_leader
    browser.post(f"/people/{otto.pk}/leader/unname/")

    assert (named, Doctor.objects.get(pk=otto.pk).is_leader) == (True, False)


def test_naming_needs_a_post_and_a_person(operator, otto, client_of):
    browser = client_of(operator)

    assert browser.get(f"/people/{otto.pk}/leader/name/").status_code == 405
    assert browser.post("/people/00000000-0000-4000-8000-000000000000/leader/name/").status_code == 404


def test_a_hundred_people_take_as_many_queries_as_one(operator, client_of, django_assert_max_num_queries):
    for number in range(60):
        person(f"doctor{number}")
    browser = client_of(operator)

    with django_assert_max_num_queries(8):
        page = browser.get("/people/?page=2")

    assert len(page.context["page"].object_list) == 11
