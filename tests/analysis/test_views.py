"""The report's pages: one button, visible progress, the report, four files; 404 for all but the trial's researchers."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from analysis.models import Report
from analysis.tasks import compute
from balint.foundation import jobs
from balint.foundation.models import Job
from groups.models import Doctor
from surveys.models import Researcher, Trial
from tests.analysis.conftest import CANARY, pilot
from tests.page import read

SignIn = Callable[[Doctor], Client]
FILES = {
    "report_pdf": ("application/pdf", "report.pdf"),
    "report_data": ("text/csv; charset=utf-8", "data.csv"),
    "report_results": ("application/json", "results.json"),
}


@pytest.fixture
def kept(trial: Trial) -> Report:
    compute(Job.objects.create(kind=Report.KIND, subject=trial.pk, state=Job.State.DONE), lambda percent, stage: None)
    return Report.objects.get()


def page(client: Client, trial: Trial, name: str = "report") -> object:
    return client.get(reverse(name, args=[trial.pk]))


def test_before_the_first_report_there_is_one_button(trial: Trial, rae: Doctor, client_of: SignIn) -> None:
    shown = read(page(client_of(rae), trial))

    assert shown.headings == ["Report"]
    assert reverse("report_compute", args=[trial.pk]) in shown.values("form", "action")
    assert "NON-RANDOM" in shown.words
    assert page(client_of(rae), trial, "report_progress").status_code == 404
    assert [page(client_of(rae), trial, name).status_code for name in (*FILES, "report_figure")] == [404] * 4


def test_the_button_starts_one_job_however_often_it_is_pressed(trial: Trial, rae: Doctor, client_of: SignIn) -> None:
    client = client_of(rae)

    first = client.post(reverse("report_compute", args=[trial.pk]))
    client.post(reverse("report_compute", args=[trial.pk]))

    assert first.url == reverse("report", args=[trial.pk])
    assert [job.subject for job in Job.objects.filter(kind=Report.KIND)] == [trial.pk]


def test_progress_is_shown_in_words_and_asked_for_by_the_page(trial: Trial, rae: Doctor, client_of: SignIn) -> None:
    job = jobs.start(Report.KIND, trial.pk)
    waiting = page(client_of(rae), trial)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, percent=50, stage="drawing")

    shown = read(page(client_of(rae), trial))

    assert "Waiting for the worker." in read(waiting).words
    assert "Drawing the figure." in shown.words
    assert shown.values("progress", "value") == ["50"]
    assert shown.values("div", "data-progress") == [reverse("report_progress", args=[trial.pk])]
    assert "Compute the report" not in shown.words
    answer = page(client_of(rae), trial, "report_progress").json()
    assert answer == {"open": True, "percent": 50, "words": "Drawing the figure."}


@pytest.mark.parametrize("code", ["broken", "not_two_arms", "self_check", "no_trial", "a_code_of_tomorrow"])
def test_a_failure_is_said_and_can_be_tried_again(trial: Trial, rae: Doctor, client_of: SignIn, code: str) -> None:
    Job.objects.create(kind=Report.KIND, subject=trial.pk, state=Job.State.FAILED, error_code=code)

    shown = read(page(client_of(rae), trial))

    assert "Compute the report" in shown.words
    assert code not in shown.words
    assert page(client_of(rae), trial, "report_progress").json()["open"] is False


def test_the_report_shows_what_was_found(kept: Report, rae: Doctor, client_of: SignIn) -> None:
    shown = read(page(client_of(rae), kept.trial))

    assert shown.headings[0].startswith("Psychological medicine (PMI): doctors in the arm Balint scored")
    assert shown.count("table") == 6
    assert shown.count("h1") == 1
    assert shown.inline == []
    for words in ("NON-RANDOM", "Working wording, not validated", "EXPLORATORY", "26 doctors were enrolled", "(1, 16)"):
        assert words in shown.words
    assert shown.values("img", "alt")[0].startswith("Adjusted means with 95")


def test_a_newer_report_takes_the_place_of_the_older(kept: Report, rae: Doctor, client_of: SignIn) -> None:
    kept.trial.participant_set.filter(response__wave__name="post").first().response_set.all().delete()
    compute(Job.objects.create(kind=Report.KIND, subject=kept.trial.pk), lambda percent, stage: None)

    assert "20 answered before and after" in read(page(client_of(rae), kept.trial)).words
    assert Report.objects.count() == 2


@pytest.mark.parametrize("name", FILES)
def test_files_are_downloaded_byte_for_byte(kept: Report, rae: Doctor, client_of: SignIn, name: str) -> None:
    content = {
        "report_pdf": bytes(kept.pdf),
        "report_data": kept.data.encode(),
        "report_results": kept.results.encode(),
    }
    kind, file = FILES[name]

    answer = page(client_of(rae), kept.trial, name)

    assert answer.content == content[name]
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == f'attachment; filename="{file}"'


def test_the_results_are_json_and_the_figure_is_a_picture(kept: Report, rae: Doctor, client_of: SignIn) -> None:
    results = json.loads(page(client_of(rae), kept.trial, "report_results").content)
    figure = page(client_of(rae), kept.trial, "report_figure")

    assert results["flow"]["total"]["answered_both"] == 21
    assert figure["Content-Type"] == "image/svg+xml"
    assert b"prefers-color-scheme" in figure.content


def test_no_name_is_on_the_page(kept: Report, rae: Doctor, client_of: SignIn) -> None:
    content = page(client_of(rae), kept.trial).content.decode()

    assert Doctor.objects.filter(name__startswith=CANARY).exists()
    assert CANARY not in content


@pytest.mark.parametrize("name", ["report", "report_progress", "report_figure", *FILES])
def test_for_everybody_else_there_is_no_report(
    kept: Report, lea: Doctor, otto: Doctor, client_of: SignIn, name: str
) -> None:
    other = pilot(otto, {})
    operator = Doctor.objects.filter(name__startswith=CANARY).first()
    Doctor.objects.filter(pk=operator.pk).update(is_operator=True)
    Researcher.objects.create(trial=kept.trial, doctor=operator)
    operator.refresh_from_db()
    participant = Doctor.objects.filter(name__startswith=CANARY).last()

    answers = [page(client_of(doctor), kept.trial, name) for doctor in (lea, otto, operator, participant)]

    assert Researcher.objects.filter(trial=other, doctor=otto).exists()
    assert [answer.status_code for answer in answers] == [404] * 4
    assert page(Client(), kept.trial, name).status_code == 302


def test_nobody_else_can_start_it(trial: Trial, lea: Doctor, otto: Doctor, rae: Doctor, client_of: SignIn) -> None:
    address = reverse("report_compute", args=[trial.pk])

    refused = [client_of(doctor).post(address).status_code for doctor in (lea, otto)]

    assert refused == [404, 404]
    assert client_of(rae).get(address).status_code == 405
    assert Job.objects.filter(kind=Report.KIND).count() == 0
