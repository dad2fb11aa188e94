"""What page and PDF show: sentences, tables, and the figure with the text that stands for it."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analysis import tables, words
from analysis.numerals import fixed, interval, percent
from analysis.words import Results, cannot, label, level_words


def page(results: Results) -> dict[str, Any]:
    """Everything a reader sees, in order."""
    return {
        "title": results["trial"]["title"],
        "language": get_language(),
        "words": headings(),
        "tags": words.tags(results),
        "headlines": [words.headline(results, name) for name in results["ancova"]],
        "lead": words.lead(results),
        "flow": tables.flow(results),
        "table2": tables.table2(results),
        "change": tables.change(results) if results["trial"]["non_random"] else None,
        "figure": figure_text(results),
        "scores": tables.scores(results),
        "scales": tables.scales(results),
        "checks": tables.checks(results),
        "limits": words.limits(results),
        "conventions": words.conventions(results),
        "origin": words.origin(results),
    }


def headings() -> dict[str, str]:
    return {
        "report": _("Report"),
        "flow": _("Table 1. Who took part"),
        "table2": _("Table 2. Means after, adjusted for the score before"),
        "change": _("Beside it: change scores"),
        "figure": _("Figure 1. Adjusted means"),
        "scores": _("Scores as answered"),
        "scales": _("Scales and reliability"),
        "checks": _("Checks of the model"),
        "limits": _("Limits"),
        "conventions": _("How it was computed"),
        "origin": _("Where it comes from"),
    }


def panels(results: Results) -> list[dict[str, Any]]:
    """What the figure draws: for each outcome its rows of adjusted means, or the reason why there are none."""
    return [_panel(results, name) for name in results["ancova"]]


def _panel(results: Results, name: str) -> dict[str, Any]:
    outcome, scale = results["ancova"][name], results["scales"][name]
    axis = _("{scale}, adjusted for the score before, {min} to {max}").format(
        scale=label(name), min=scale["min"], max=scale["max"]
    )
    if outcome["status"] != "ok":
        return {"axis": axis, "reason": cannot(name, outcome), "groups": []}
    cells, (control, intervention) = outcome["emmeans"]["cells"], outcome["emmeans"]["arm"]
    groups = [
        (level_words(level), cells[2 * j + 1], cells[2 * j]) for j, level in enumerate(results["trial"]["levels"])
    ]
    return {
        "axis": axis,
        "reason": "",
        "groups": [_group(*each) for each in (*groups, (_("all"), intervention, control))],
    }


def _group(title: str, *means: Results) -> dict[str, Any]:
    """Two means with their intervals, intervention first."""
    shown = [{"mean": m["emmean"], "ci95": m["ci95"], "text": fixed(m["emmean"]), "arm": m["arm"]} for m in means]
    return {"title": title, "means": shown}


def figure_text(results: Results) -> dict[str, str]:
    """Caption, and the text that stands for the figure where it cannot be seen."""
    control, intervention = results["trial"]["arms"]
    caption = _(
        "Filled circles: {intervention}. Open squares: {control}. Bars are {percent} intervals of the adjusted means."
    )
    facts = {"percent": percent(results["conventions"]["interval_mean_percent"])}
    said = [_("Adjusted means with {percent} intervals.").format(**facts)]
    for name, panel in zip(results["ancova"], panels(results), strict=True):
        said.append(
            panel["reason"]
            or f"{label(name)}: {'; '.join(_said(each, (intervention, control)) for each in panel['groups'])}."
        )
    return {"caption": caption.format(intervention=intervention, control=control, **facts), "alt": " ".join(said)}


def _said(group: dict[str, Any], arms: tuple[str, str]) -> str:
    means = [f"{arm} {mean['text']} {interval(mean['ci95'])}" for arm, mean in zip(arms, group["means"], strict=True)]
    return f"{group['title']}, {', '.join(means)}"
