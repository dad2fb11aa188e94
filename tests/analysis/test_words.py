"""What a reader is told: numbers from the results and nowhere else, errors in words, no praise without a direction."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from analysis import dataset, figures, paper, report
from analysis.numerals import fixed, interval, p_value, share
from analysis.page import page, panels
from analysis.tasks import software
from analysis.words import cannot
from groups.models import Doctor
from surveys.models import Trial
from tests.analysis import pdf
from tests.analysis.conftest import pilot

OUTCOMES = ("pmi", "wwas", "pis")
NUMBER = re.compile(r"−?\d*\.?\d+")
SAID = {"2", "1", ".001", ".999", "256"}  # Tables 1 and 2, Figure 1, "< .001", "> .999", SHA-256


@pytest.fixture
def results(trial: Trial) -> Any:
    return report.results(dataset.read(trial), software())


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for child in value.values():
            yield from strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings(child)
    else:
        yield str(value)


def printed(value: Any) -> Iterator[str]:
    """Every way in which the values of the results may be printed."""
    if isinstance(value, dict):
        for child in value.values():
            yield from printed(child)
    elif isinstance(value, list):
        for child in value:
            yield from printed(child)
    elif isinstance(value, str):
        yield from NUMBER.findall(value)
        yield from (part.lstrip("0") for part in NUMBER.findall(value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (str(value), fixed(value), fixed(abs(value)), share(value), share(value, 3))


def foreign(text: str, results: Any) -> set[str]:
    """The numbers in a text that are no value of the results."""
    return set(NUMBER.findall(text)) - set(printed(results)) - SAID


def test_every_number_on_the_page_is_in_the_results(results: Any) -> None:
    shown = " ".join(strings(page(results)))

    assert len(NUMBER.findall(shown)) > 300
    assert foreign(shown, results) == set()
    assert foreign(f"{shown} 98.76", results) == {"98.76"}


def test_every_number_in_the_pdf_is_in_the_results(results: Any) -> None:
    shown = page(results)
    figure = figures.draw(panels(results), shown["figure"]["alt"])

    text = pdf.text(paper.pdf(shown, figure))

    ticks = set(NUMBER.findall(" ".join(re.findall(r"<g id=\"xtick.*?</text>", figure, re.DOTALL))))
    pages = {str(number) for number in range(1, 6)}
    words = text.replace("\n", " ")
    assert len(NUMBER.findall(words)) > 300
    assert foreign(words, results) - ticks - pages == set()
    for sentence in (shown["title"], shown["lead"], shown["table2"]["caption"], *shown["limits"]):
        assert sentence.split()[0] in words
    assert results["data"]["sha256"] in words


def test_the_page_follows_the_results(results: Any) -> None:
    results["ancova"]["pmi"]["contrasts"]["arm_2nd_minus_1st"]["estimate"] = -7.654
    results["ancova"]["pmi"]["anova_type3"]["arm"]["p"] = 0.0004

    shown = page(results)

    total = next(row for row in shown["table2"]["rows"] if row["kind"] == "total")
    assert [cell["text"] for cell in total["cells"][6:9:2]] == ["−7.65", "<\u202f.001"]
    assert shown["headlines"][0]["strong"] == "7.65 points lower"


def test_an_interval_with_zero_in_it_is_said_to_fit_no_difference(results: Any) -> None:
    results["ancova"]["pmi"]["contrasts"]["arm_2nd_minus_1st"]["ci95"] = [-0.25, 0.62]
    results["ancova"]["wwas"]["contrasts"]["arm_2nd_minus_1st"]["ci95"] = [0.25, 0.62]

    ends = [sentence["after"].split(". ")[1:] for sentence in page(results)["headlines"][:2]]

    assert ends == [["No difference at all fits these answers too."], []]


def test_each_result_is_named_in_full_with_the_number_analysed(results: Any) -> None:
    shown = page(results)["headlines"]

    assert [sentence["before"].split(":")[0] for sentence in shown] == [
        "Psychological medicine (PMI)",
        "Work-related well-being (WWAS)",
        "Professional isolation (PIS)",
    ]
    assert [sentence["after"].count(f", n = {results['ancova']['pmi']['n_used']})") for sentence in shown] == [1, 1, 1]
    assert [sentence["after"].endswith("The direction of this scale is not declared.") for sentence in shown] == [
        False,
        False,
        True,
    ]


def test_the_undeclared_scales_are_named(results: Any) -> None:
    assert [each for each in page(results)["limits"] if "direction" in each] == [
        "The direction of PIS is not declared; a higher score is called neither better nor worse."
    ]


def test_table_2_shows_the_adjusted_means_of_each_cell(results: Any) -> None:
    outcome = results["ancova"]["pmi"]
    mean = {(m["arm"], m["level"]): f"{fixed(m['emmean'])} ± {fixed(m['se'])}" for m in outcome["emmeans"]["cells"]}

    rows = [[cell["text"] for cell in row["cells"]] for row in page(results)["table2"]["rows"][:3]]

    assert rows[0][:6] == ["PMI", "GPs", mean["Balint", "gp"], "8", mean["Control", "gp"], "5"]
    assert rows[1][:6] == ["", "registrars", mean["Balint", "registrar"], "5", mean["Control", "registrar"], "3"]
    assert rows[2][3::2] == ["13", "8", fixed(outcome["anova_type3"]["arm"]["F"]), rows[2][9]]
    assert page(results)["table2"]["rows"][2]["cells"][7]["small"] == "(1, 16)"


def test_table_2_ends_each_scale_with_the_test_of_the_arm(results: Any) -> None:
    totals = [row["cells"] for row in page(results)["table2"]["rows"] if row["kind"] == "total"]

    for cells, outcome in zip(totals, results["ancova"].values(), strict=True):
        arm, difference = outcome["anova_type3"]["arm"], outcome["contrasts"]["arm_2nd_minus_1st"]
        control, balint = outcome["emmeans"]["arm"]
        assert [cell["text"] for cell in cells[2:5:2]] == [
            f"{fixed(mean['emmean'])} ± {fixed(mean['se'])}" for mean in (balint, control)
        ]
        assert [(cell["text"], cell["small"]) for cell in cells[6:]] == [
            (fixed(difference["estimate"]), interval(difference["ci95"])),
            (fixed(arm["F"]), "(1, 16)"),
            (p_value(arm["p"]), ""),
            (share(arm["partial_eta2"]), interval(arm["ci90"]["eta2p_ncp_over_ncp_plus_df2"], as_share=True)),
        ]


def test_the_scores_as_answered_are_shown_by_arm(results: Any) -> None:
    rows = [[cell["text"] for cell in row["cells"][1:]] for row in page(results)["scores"]["rows"]]

    def shown(described: dict[str, Any]) -> list[str]:
        return [f"{fixed(described['mean'])} ± {fixed(described['sd'])}", str(described["n"])]

    by_arm = [[results["scales"][name][wave]["descriptives_by_arm"] for wave in ("pre", "post")] for name in OUTCOMES]
    assert rows == [
        [arm, *shown(before[i]), *shown(after[i])]
        for before, after in by_arm
        for arm, i in (("Balint", 1), ("Control", 0))
    ]


def test_alpha_is_shown_with_the_people_it_was_computed_from(results: Any) -> None:
    rows = page(results)["scales"]["rows"]
    found = [[scale[wave]["reliability"] for wave in ("pre", "post")] for scale in results["scales"].values()]

    assert any(each["n_listwise"] < each["n_any"] for both in found for each in both)
    for row, both in zip(rows, found, strict=True):
        assert [(cell["text"], cell["small"]) for cell in row["cells"][4:]] == [
            shown
            for each in both
            for shown in (
                (share(each["listwise"]["alpha_raw"]), interval(each["listwise"]["ci95_feldt"], as_share=True)),
                (str(each["n_listwise"]), ""),
            )
        ]


def test_the_checks_are_levene_and_the_interaction(results: Any) -> None:
    rows = page(results)["checks"]["rows"]

    for row, outcome in zip(rows, results["ancova"].values(), strict=True):
        levene, both = (
            outcome["assumptions"]["levene_residuals_mean_SPSS_UNIANOVA"],
            outcome["anova_type3"]["arm:level"],
        )
        assert [(cell["text"], cell["small"]) for cell in row["cells"][1:]] == [
            (fixed(levene["F"]), "(3, 17)"),
            (p_value(levene["p"]), ""),
            (fixed(both["F"]), "(1, 16)"),
            (p_value(both["p"]), ""),
        ]


def test_the_figure_draws_the_means_of_table_2(results: Any) -> None:
    for panel, outcome in zip(panels(results), results["ancova"].values(), strict=True):
        cells, arms = outcome["emmeans"]["cells"], outcome["emmeans"]["arm"]
        pairs = [(cells[1], cells[0]), (cells[3], cells[2]), (arms[1], arms[0])]
        assert [group["title"] for group in panel["groups"]] == ["GPs", "registrars", "all"]
        assert [
            [(mean["mean"], mean["ci95"], mean["arm"]) for mean in group["means"]] for group in panel["groups"]
        ] == [[(mean["emmean"], mean["ci95"], mean["arm"]) for mean in pair] for pair in pairs]


def test_only_a_declared_direction_is_called_better(results: Any) -> None:
    shown = page(results)

    rows = {row["cells"][0]["text"]: row["cells"][3]["text"] for row in shown["scales"]["rows"]}
    assert rows["Professional isolation"] == "not declared"
    assert rows["Psychological medicine"] == "higher is better"
    said = [*strings(shown["headlines"]), shown["lead"], *strings(shown["table2"]), shown["figure"]["alt"]]
    assert [sentence for sentence in said if "better" in sentence] == []


def test_subscales_are_marked_exploratory(results: Any) -> None:
    rows = page(results)["scales"]["rows"]

    assert [row["cells"][0]["small"] for row in rows] == ["PMI", "WWAS", *["EXPLORATORY"] * 5, "PIS"]


def test_a_trial_by_availability_says_so_and_shows_change_scores(results: Any) -> None:
    shown = page(results)

    assert shown["tags"][0] == {"kind": "stop", "text": "NON-RANDOM"}
    assert shown["limits"][0].startswith("NON-RANDOM")
    assert [[cell["text"] for cell in row["cells"]] for row in shown["change"]["rows"]] == [
        [name.upper(), fixed(outcome["contrasts"]["arm_2nd_minus_1st"]["estimate"]), fixed(change["estimate"])]
        for (name, outcome), change in zip(results["ancova"].items(), results["change"].values(), strict=True)
    ]


def test_every_sheet_of_paper_says_non_random(results: Any) -> None:
    shown = page(results)

    sheets = pdf.pages(paper.pdf(shown, figures.draw(panels(results), shown["figure"]["alt"])))

    assert len(sheets) > 2
    assert [sheet.count("NON-RANDOM") > 0 for sheet in sheets] == [True] * len(sheets)


def test_a_randomised_trial_does_not(trial: Trial) -> None:
    Trial.objects.update(allocation=Trial.Allocation.RANDOMISED)

    shown = page(report.results(dataset.read(Trial.objects.get()), {}))

    assert shown["change"] is None
    assert shown["lead"].endswith("The trial declares that they were allocated at random.")
    assert not [text for text in strings(shown) if "NON-RANDOM" in text]


def test_an_empty_cell_is_said_in_words_with_the_means_as_they_are(rae: Doctor) -> None:
    trial = pilot(rae, {("gp", 0): (6, 6), ("gp", 1): (6, 6), ("registrar", 1): (6, 6)})
    found = report.results(dataset.read(trial), {})

    shown = page(found)

    sentence = "The PMI cannot be analysed: Control × registrars is empty."
    rows = shown["table2"]["rows"][:3]
    described = found["scales"]["pmi"]["post"]["descriptives_by_cell"]
    assert shown["headlines"][0]["before"] == sentence
    assert rows[2]["cells"][1]["text"].startswith(sentence)
    left = found["ancova"]["pmi"]["fallback_additive_model"]["contrast_arm"]
    assert rows[2]["cells"][1]["text"].endswith(
        "Without the interaction, as if the arms differed alike in both levels, the adjusted difference is"
        f" {fixed(left['estimate'])}, 95\u202f% CI {interval(left['ci95'])}."
    )
    assert rows[0]["cells"][2]["text"] == f"{fixed(described[2]['mean'])} ± {fixed(described[2]['sem'])}"
    assert [cell["text"] for cell in rows[1]["cells"][4:6]] == ["–", "0"]
    assert sentence in figures.draw(panels(found), shown["figure"]["alt"])
    assert paper.pdf(shown, figures.draw(panels(found), shown["figure"]["alt"])).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("no_complete_cases", "nobody has a score both before and after"),
        ("factor_with_one_level", "all who have a score before and after are in one arm, or are of one level"),
        ("empty_cell", "Control × registrars and Balint × registrars is empty"),
        ("df_resid_not_positive", "4 people are too few for the model"),
        ("outcome_zero_variance", "everybody has the same score after"),
        ("covariate_zero_variance", "everybody has the same score before"),
        ("rank_deficient", "within each arm and level everybody has the same score before"),
        ("zero_residual_variance", "the model meets every score exactly, and leaves no error to compare with"),
    ],
)
def test_each_of_the_eight_codes_has_words(code: str, words: str) -> None:
    cells = [{"arm": a, "level": b, "n": 2 * (b == "gp")} for a in ("Control", "Balint") for b in ("gp", "registrar")]

    assert cannot("pmi", {"code": code, "n_used": 4, "cells": cells}) == f"The PMI cannot be analysed: {words}."


def test_what_people_typed_is_shown_as_typed(trial: Trial) -> None:
    """Markup, formulas and typst code in a title or an arm's name are text on page, figure and paper."""
    odd = '#panic() $x^2$ <b>&amp;"'
    Trial.objects.update(title=odd)
    trial.arm_set.filter(order=1).update(name=odd[:40])
    found = report.results(dataset.read(Trial.objects.get()), {})
    shown = page(found)

    figure = figures.draw(panels(found), shown["figure"]["alt"])

    assert "$x^2$ &lt;b&gt;" in figure
    assert odd in pdf.text(paper.pdf(shown, figure))


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (fixed(1.046), "1.05"),
        (fixed(-0.114), "−0.11"),
        (fixed(-0.001), "0.00"),
        (fixed(None), "–"),
        (fixed(float("nan")), "–"),
        (share(0.4821), ".48"),
        (share(-0.0125), "−.01"),
        (share(1.0), "1.00"),
        (share(-1.2), "−1.20"),
        (share(10.5), "10.50"),
        (p_value(0.0024), ".002"),
        (p_value(0.00099), "<\u202f.001"),
        (p_value(0.9994), ".999"),
        (p_value(0.9999), ">\u202f.999"),
    ],
)
def test_numbers_are_printed_as_journals_do(shown: str, text: str) -> None:
    assert shown == text
