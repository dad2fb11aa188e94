"""A report's tables, made from its results. Every number in them is a value of the results, printed.

A table is {head, rows, caption}; a cell is {text, small, num, head, span}.
"""

from typing import Any

from django.utils.translation import gettext as _

from analysis.numerals import DASH, fixed, interval, p_value, percent, share
from analysis.words import Results, cannot, label, level_words

Cell = dict[str, Any]
Table = dict[str, Any]


def cell(text: object = "", small: str = "", num: bool = False, head: bool = False, span: int = 1) -> Cell:
    return {"text": str(text), "small": small, "num": num, "head": head, "span": span}


def number(text: object, small: str = "") -> Cell:
    return cell(text, small, num=True)


def row(*cells: Cell, kind: str = "") -> dict[str, Any]:
    """`kind`: "first" begins a group of rows, "total" ends it."""
    return {"cells": list(cells), "kind": kind}


def table(head: list[Cell], rows: list[dict[str, Any]], caption: str) -> Table:
    return {"head": head, "rows": rows, "caption": caption}


def flow(results: Results) -> Table:
    """Counts by arm and level; intervention first."""
    counts = results["flow"]
    head = [
        cell(_("Arm")),
        cell(_("Level")),
        number(_("Enrolled")),
        number(_("Answered before")),
        number(_("Answered after")),
        number(_("Both")),
    ]
    rows = []
    for i, arm in reversed(list(enumerate(results["trial"]["arms"]))):
        levels = counts["cells"][2 * i : 2 * i + 2]
        rows += [
            row(
                cell(arm if first else "", head=first),
                cell(level_words(each["level"])),
                *_counts(each),
                kind="first" if first else "",
            )
            for first, each in zip((True, False), levels, strict=True)
        ]
        rows.append(row(cell(), cell(_("all")), *_counts(counts["arms"][i]), kind="total"))
    rows.append(row(cell(_("Everybody"), head=True), cell(), *_counts(counts["total"]), kind="total"))
    return table(head, rows, _("Counted from the records. Only questionnaires that were sent are counted."))


def _counts(counts: Results) -> list[Cell]:
    return [number(counts[key]) for key in ("enrolled", "answered_pre", "answered_post", "answered_both")]


def table2(results: Results) -> Table:
    control, intervention = results["trial"]["arms"]
    shares = results["conventions"]
    mean = _("mean ± SE")
    head = [
        cell(_("Scale")),
        cell(_("Level")),
        number(intervention, mean),
        number(_("n")),
        number(control, mean),
        number(_("n")),
        number(_("Difference"), _("[{percent} CI]").format(percent=percent(shares["interval_difference_percent"]))),
        number("F", _("(df)")),
        number("p"),
        number(_("partial η²"), _("[{percent} CI]").format(percent=percent(shares["interval_partial_eta2_percent"]))),
    ]
    rows = [each for name in results["ancova"] for each in _outcome_rows(results, name)]
    caption = _(
        "Means after, adjusted for the score before. Type III sums of squares, sum-to-zero coding, at the mean of the"
        " score before of those analysed, cells weighted equally. F, p and partial η² are those of the arm."
    )
    return table(head, rows, caption)


def _outcome_rows(results: Results, name: str) -> list[dict[str, Any]]:
    outcome, levels = results["ancova"][name], results["trial"]["levels"]
    if outcome["status"] != "ok":
        return _raw_rows(results, name)
    cells, means = outcome["cells"], outcome["emmeans"]
    rows = []
    for j, level in enumerate(levels):
        control, intervention = means["cells"][2 * j], means["cells"][2 * j + 1]
        rows.append(
            row(
                cell(label(name) if j == 0 else "", head=j == 0),
                cell(level_words(level)),
                number(_mean(intervention)),
                number(cells[2 + j]["n"]),
                number(_mean(control)),
                number(cells[j]["n"]),
                *[cell()] * 4,
                kind="first" if j == 0 else "",
            )
        )
    return [*rows, _total_row(outcome)]


def _total_row(outcome: Results) -> dict[str, Any]:
    cells, (control, intervention) = outcome["cells"], outcome["emmeans"]["arm"]
    difference, arm = outcome["contrasts"]["arm_2nd_minus_1st"], outcome["anova_type3"]["arm"]
    return row(
        cell(),
        cell(_("all")),
        number(_mean(intervention)),
        number(cells[2]["n"] + cells[3]["n"]),
        number(_mean(control)),
        number(cells[0]["n"] + cells[1]["n"]),
        number(fixed(difference["estimate"]), interval(difference["ci95"])),
        number(fixed(arm["F"]), f"({arm['df']}, {outcome['model']['df_resid']})"),
        number(p_value(arm["p"])),
        number(share(arm["partial_eta2"]), interval(arm["ci90"]["eta2p_ncp_over_ncp_plus_df2"], as_share=True)),
        kind="total",
    )


def _mean(mean: Results) -> str:
    return f"{fixed(mean['emmean'])} ± {fixed(mean['se'])}"


def _raw_rows(results: Results, name: str) -> list[dict[str, Any]]:
    """What is left when an outcome cannot be analysed: the means as they are, and the reason."""
    described = results["scales"][name]["post"]["descriptives_by_cell"]
    rows = [
        row(
            cell(label(name) if j == 0 else "", head=j == 0),
            cell(level_words(level)),
            *_raw(described[2 + j]),
            *_raw(described[j]),
            *[cell()] * 4,
            kind="first" if j == 0 else "",
        )
        for j, level in enumerate(results["trial"]["levels"])
    ]
    outcome = results["ancova"][name]
    words = [cannot(name, outcome), _("The means above are as answered, not adjusted.")]
    if "fallback_additive_model" in outcome:
        difference = outcome["fallback_additive_model"]["contrast_arm"]
        words.append(
            _(
                "Without the interaction, as if the arms differed alike in both levels, the adjusted difference is"
                " {difference}, {percent} CI {interval}."
            ).format(
                difference=fixed(difference["estimate"]),
                percent=percent(results["conventions"]["interval_difference_percent"]),
                interval=interval(difference["ci95"]),
            )
        )
    return [*rows, row(cell(), cell(" ".join(words), span=9), kind="total")]


def _raw(described: Results) -> list[Cell]:
    if described["n"] == 0:
        return [number(DASH), number(0)]
    return [number(f"{fixed(described['mean'])} ± {fixed(described['sem'])}"), number(described["n"])]


def change(results: Results) -> Table:
    """The ANCOVA's difference beside that of the change scores."""
    ci = _("[{percent} CI]").format(percent=percent(results["conventions"]["interval_difference_percent"]))
    head = [cell(_("Scale")), number(_("Adjusted for the score before"), ci), number(_("Difference in change"), ci)]
    rows = []
    for name, outcome in results["ancova"].items():
        adjusted = outcome["contrasts"]["arm_2nd_minus_1st"] if outcome["status"] == "ok" else None
        rows.append(row(cell(label(name), head=True), _difference(adjusted), _difference(results["change"].get(name))))
    control, intervention = results["trial"]["arms"]
    caption = _(
        "Both are {intervention} minus {control}; change is after minus before. Where people were not allocated by"
        " chance, the two may disagree; neither is proof."
    )
    return table(head, rows, caption.format(control=control, intervention=intervention))


def _difference(estimate: Results | None) -> Cell:
    return number(fixed(estimate["estimate"]), interval(estimate["ci95"])) if estimate else number(DASH)


def scores(results: Results) -> Table:
    """Scores by arm and wave, as answered."""
    head = [cell(_("Scale")), cell(_("Arm"))]
    for when in (_("Before"), _("After")):
        head += [number(when, _("mean ± SD")), number(_("n"))]
    rows = []
    for name in results["ancova"]:
        for i, arm in reversed(list(enumerate(results["trial"]["arms"]))):
            before, after = (results["scales"][name][wave]["descriptives_by_arm"][i] for wave in ("pre", "post"))
            rows.append(
                row(
                    cell(label(name) if i else "", head=bool(i)),
                    cell(arm),
                    *_spread(before),
                    *_spread(after),
                    kind="first" if i else "",
                )
            )
    return table(head, rows, _("A score is the mean of the answered items, if enough of them are answered."))


def _spread(described: Results) -> list[Cell]:
    if described["n"] == 0:
        return [number(DASH), number(0)]
    return [number(f"{fixed(described['mean'])} ± {fixed(described['sd'])}"), number(described["n"])]


def scales(results: Results) -> Table:
    """Every scale with its range, direction and Cronbach's alpha; subscales are marked."""
    ci = _("[{percent} CI]").format(percent=percent(results["conventions"]["interval_alpha_percent"]))
    head = [cell(_("Scale")), number(_("Items")), number(_("Range")), cell(_("Direction"))]
    for when in (_("α before"), _("α after")):
        head += [number(when, ci), number(_("n"))]
    rows = [
        row(
            cell(scale["title"], _("EXPLORATORY") if scale["exploratory"] else label(name), head=True),
            number(scale["n_items"]),
            number(f"{scale['min']}–{scale['max']}"),
            cell(DIRECTIONS[scale["direction"]]()),
            *_alpha(scale["pre"]["reliability"]),
            *_alpha(scale["post"]["reliability"]),
            kind="" if scale["exploratory"] else "first",
        )
        for name, scale in results["scales"].items()
    ]
    caption = _(
        "Cronbach's alpha over those who answered every item, with Feldt's interval. Subscales are exploratory."
    )
    return table(head, rows, caption)


DIRECTIONS = {
    "higher_is_better": lambda: _("higher is better"),
    "lower_is_better": lambda: _("lower is better"),
    "undeclared": lambda: _("not declared"),
}


def _alpha(reliability: Results) -> list[Cell]:
    n = number(reliability.get("n_listwise", DASH))
    if reliability["status"] != "ok":
        return [number(DASH), n]
    listwise = reliability["listwise"]
    return [number(share(listwise["alpha_raw"]), interval(listwise["ci95_feldt"], as_share=True)), n]


def checks(results: Results) -> Table:
    """Equal variances, and whether the arms differ alike in both levels."""
    head = [
        cell(_("Scale")),
        number(_("Levene F"), _("(df)")),
        number("p"),
        number(_("Arm × level F"), _("(df)")),
        number("p"),
    ]
    rows = []
    for name, outcome in results["ancova"].items():
        if outcome["status"] == "ok":
            levene = outcome["assumptions"]["levene_residuals_mean_SPSS_UNIANOVA"]
            both = outcome["anova_type3"]["arm:level"]
            tested = {"F": both["F"], "df1": both["df"], "df2": outcome["model"]["df_resid"], "p": both["p"]}
            rows.append(row(cell(label(name), head=True), *_test(levene), *_test(tested)))
        else:
            rows.append(row(cell(label(name), head=True), *[number(DASH)] * 4))
    return table(head, rows, _("Levene's test on the residuals, as SPSS prints it with a covariate."))


def _test(test: Results) -> list[Cell]:
    if "F" not in test:
        return [number(DASH), number(DASH)]
    return [number(fixed(test["F"]), f"({test['df1']}, {test['df2']})"), number(p_value(test["p"]))]
