"""The results of a trial: every number has a key, agrees with the others, and can be computed again from the file."""

import json
from typing import Any

import pytest

from analysis import dataset, report
from analysis.stats.case import analyse
from analysis.stats.spec import read_spec
from analysis.stats.table import read_table
from analysis.trial_data import csv_text, digest, safe
from analysis.words import limits
from groups.models import Doctor
from surveys.models import Answer, Response, Trial
from tests.analysis.conftest import AFTER, CANARY, pilot

SOFTWARE = {"Balint": "test"}


def results(trial: Trial) -> Any:
    return report.results(dataset.read(trial), SOFTWARE)


def test_the_flow_is_counted_from_the_records(trial: Trial) -> None:
    flow = results(trial)["flow"]

    assert flow["total"] == {"enrolled": 26, "answered_pre": 26, "answered_post": 21, "answered_both": 21}
    assert [cell["enrolled"] for cell in flow["cells"]] == [6, 6, 8, 6]
    assert [cell["answered_both"] for cell in flow["cells"]] == [5, 3, 8, 5]
    assert [arm["answered_both"] for arm in flow["arms"]] == [8, 13]


def test_a_questionnaire_that_was_not_sent_is_not_read(trial: Trial) -> None:
    Response.objects.filter(wave__name="post").update(sent_at=None)

    found = results(trial)

    assert found["flow"]["total"]["answered_post"] == 0
    assert found["scales"]["pmi"]["post"]["descriptives"] == {"n": 0}
    assert found["ancova"]["pmi"]["code"] == "no_complete_cases"


def test_the_exported_file_and_specification_give_the_same_numbers(trial: Trial) -> None:
    """Two ways to one result: answers scored one by one, and the file read and scored as arrays."""
    found = results(trial)
    sheet = csv_text(dataset.read(trial))

    again = analyse(read_table(sheet.encode()), read_spec(json.dumps(found["spec"]).encode()))

    assert again["ancova"] == found["ancova"]
    assert again["scales"].keys() == found["scales"].keys()
    for name, scale in again["scales"].items():
        assert scale == {wave: found["scales"][name][wave] for wave in ("pre", "post")}
    assert digest(sheet) == found["data"]["sha256"]


def test_the_same_data_give_the_same_results_whatever_the_order_of_the_rows(trial: Trial) -> None:
    first = results(trial)
    for row in Answer.objects.filter(item="pmi_01"):
        row.delete()
        row.save(force_insert=True)

    assert results(trial) == first


def test_the_file_has_codes_and_no_formula(trial: Trial) -> None:
    trial.arm_set.filter(order=1).update(name='=HYPERLINK("https://example.org")')

    sheet = csv_text(dataset.read(trial))

    lines = sheet.split("\r\n")
    codes = sorted(trial.participant_set.values_list("code", flat=True))
    assert lines[0].startswith('"id","arm","level","pmi_01_pre"')
    assert [line[1:10] for line in lines[1:-1]] == codes
    assert '"=' not in sheet
    assert '"\'=HYPERLINK(""https://example.org"")"' in sheet
    assert CANARY not in sheet


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r", "＝1", "＋1", "－1", "＠a"])
def test_every_way_to_begin_a_formula_is_made_text(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe("Balint") == "Balint"


def test_the_limits_are_found_in_the_records(trial: Trial) -> None:
    as_it_is = results(trial)["limits"]
    Trial.objects.update(allocation=Trial.Allocation.RANDOMISED)
    post = trial.wave_set.get(name="post")
    post.versions, post.closed_at = post.versions | {"pmi": "other"}, None
    post.save()
    changed = results(Trial.objects.get())["limits"]

    standing = ["no_plan", "one_group_per_cell", "working_wording", "undeclared_direction"]
    assert as_it_is == ["non_random", *standing, "incomplete"]
    assert changed == [*standing, "versions_differ", "still_open", "incomplete"]


def test_a_before_that_was_sent_in_the_time_of_the_after_is_counted(trial: Trial) -> None:
    late = Response.objects.filter(wave__name="pre").order_by("pk")[:2]
    as_it_is = results(trial)
    Response.objects.filter(pk__in=[response.pk for response in late]).update(sent_at=AFTER)

    changed = results(trial)

    assert [found["data"]["n_before_late"] for found in (as_it_is, changed)] == [0, 2]
    assert ["late_before" in found["limits"] for found in (as_it_is, changed)] == [False, True]
    assert "sent by 2 when the one after had been opened" in " ".join(limits(changed))


def test_whoever_left_too_many_items_blank_is_said_to_be_left_out(rae: Doctor) -> None:
    """All answered both times, one of them too few items of one scale."""
    trial = pilot(rae, {(level, arm): (4, 4) for level in ("gp", "registrar") for arm in (0, 1)})
    response = Response.objects.filter(wave__name="post").order_by("pk")[0]
    before = results(trial)
    Answer.objects.filter(response=response, instrument="pis").delete()

    after = results(trial)

    assert [outcome["n_used"] for outcome in before["ancova"].values()] == [16, 16, 16]
    assert [outcome["n_used"] for outcome in after["ancova"].values()] == [16, 16, 15]
    assert after["flow"]["total"]["answered_both"] == 16
    assert ["incomplete" in found["limits"] for found in (before, after)] == [False, True]


def test_subscales_are_exploratory_and_have_no_outcome(trial: Trial) -> None:
    found = results(trial)

    exploratory = [name for name, scale in found["scales"].items() if scale["exploratory"]]
    assert len(exploratory) == 5
    assert list(found["ancova"]) == ["pmi", "wwas", "pis"]
    assert {scale["instrument"] for name, scale in found["scales"].items() if name in exploratory} == {"wwas"}


def test_a_report_that_contradicts_itself_is_noticed(trial: Trial) -> None:
    found = results(trial)
    assert report.faults(found) == []

    found["flow"]["cells"][0]["answered_post"] += 1
    found["ancova"]["pmi"]["cells"][0]["n"] += 1
    found["ancova"]["wwas"]["model"]["df_resid"] -= 1
    found["ancova"]["pis"]["n_used"] = 22

    assert report.faults(found) == [
        "flow.answered_post",
        "ancova.pmi.cells",
        "ancova.wwas.df_resid",
        "ancova.pis.cells",
        "ancova.pis.n_used",
        "ancova.pis.df_resid",
    ]


def test_an_empty_cell_leaves_descriptives(rae: Doctor) -> None:
    trial = pilot(rae, {("gp", 0): (6, 6), ("gp", 1): (6, 6), ("registrar", 1): (6, 6)})

    found = results(trial)

    assert found["ancova"]["pmi"]["code"] == "empty_cell"
    assert [cell["n"] for cell in found["scales"]["pmi"]["post"]["descriptives_by_cell"]] == [6, 0, 6, 6]
    assert report.faults(found) == []


def test_a_trial_without_people_has_a_report_too(rae: Doctor) -> None:
    found = results(pilot(rae, {}))

    assert found["flow"]["total"]["enrolled"] == 0
    assert {outcome["code"] for outcome in found["ancova"].values()} == {"no_complete_cases"}
    assert "as_of" not in found["data"]
