"""A report's sentences, made from its results. Every number in them is a value of the results, printed."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysis.numerals import fixed, percent

Results = dict[str, Any]


def label(name: str) -> str:
    """The short name of an outcome: PMI."""
    return name.upper()


def level_words(level: str) -> str:
    return {"gp": _("GPs"), "registrar": _("registrars")}.get(level, level)


def tags(results: Results) -> list[dict[str, str]]:
    found = []
    if results["trial"]["non_random"]:
        found.append({"kind": "stop", "text": _("NON-RANDOM")})
    if "working_wording" in results["limits"]:
        found.append({"kind": "care", "text": _("Working wording, not validated")})
    return [*found, {"kind": "", "text": _("Self-check passed")}]


def headline(results: Results, name: str) -> dict[str, str]:
    """What came out for one outcome: `before`, `strong`, `after` read as one. Higher is never called better."""
    outcome, scale = results["ancova"][name], results["scales"][name]
    if outcome["status"] != "ok":
        return {"before": cannot(name, outcome), "strong": "", "after": ""}
    control, intervention = results["trial"]["arms"]
    difference = outcome["contrasts"]["arm_2nd_minus_1st"]
    sentence = _(
        "{title} ({scale}): doctors in the arm {intervention} scored {difference} after than those in {control},"
        " adjusted for the score before, on a scale from {min} to {max} ({percent} interval {low} to {high}, n = {n})."
    )
    before, after = sentence.split("{difference}")
    facts = {
        "title": scale["title"],
        "scale": label(name),
        "n": outcome["n_used"],
        "intervention": intervention,
        "control": control,
        "min": scale["min"],
        "max": scale["max"],
        "percent": percent(results["conventions"]["interval_difference_percent"]),
        "low": fixed(difference["ci95"][0]),
        "high": fixed(difference["ci95"][1]),
    }
    ending = after.format(**facts)
    if difference["ci95"][0] <= 0 <= difference["ci95"][1]:
        ending = " ".join([ending, _("No difference at all fits these answers too.")])
    if scale["direction"] == "undeclared":
        ending = " ".join([ending, _("The direction of this scale is not declared.")])
    return {"before": before.format(**facts), "strong": points(difference["estimate"]), "after": ending}


def points(difference: float) -> str:
    size = fixed(abs(difference))
    if difference < 0:
        return _("{size} points lower").format(size=size)
    return _("{size} points higher").format(size=size)


def cannot(name: str, outcome: Results) -> str:
    return _("The {scale} cannot be analysed: {reason}.").format(scale=label(name), reason=reason(outcome))


def reason(outcome: Results) -> str:
    """An error code of the analysis in words."""
    empty = [f"{cell['arm']} × {level_words(cell['level'])}" for cell in outcome["cells"] if cell["n"] == 0]
    return {
        "no_complete_cases": _("nobody has a score both before and after"),
        "factor_with_one_level": _("all who have a score before and after are in one arm, or are of one level"),
        "empty_cell": _("{cells} is empty").format(cells=_(" and ").join(empty)),
        "df_resid_not_positive": _("{n} people are too few for the model").format(n=outcome["n_used"]),
        "outcome_zero_variance": _("everybody has the same score after"),
        "covariate_zero_variance": _("everybody has the same score before"),
        "rank_deficient": _("within each arm and level everybody has the same score before"),
        "zero_residual_variance": _("the model meets every score exactly, and leaves no error to compare with"),
    }[outcome["code"]]


def lead(results: Results) -> str:
    total = results["flow"]["total"]
    sentence = _("{enrolled} doctors were enrolled, {both} answered before and after.").format(
        enrolled=total["enrolled"], both=total["answered_both"]
    )
    if not results["trial"]["non_random"]:
        return " ".join([sentence, _("The trial declares that they were allocated at random.")])
    return " ".join([sentence, _("They were allocated by availability, so a difference may be who they were.")])


LIMITS = {
    "non_random": lambda: _("NON-RANDOM: people were allocated by availability, so a difference may be who they were."),
    "no_plan": lambda: _(
        "No analysis plan was approved here before the answers came in: no outcome is named as the primary one, and p"
        " values are not corrected for the number of outcomes."
    ),
    "one_group_per_cell": lambda: _(
        "Each arm and level counts as one group: what a group and its leaders did cannot be told from what the arm did;"
        " the effect of a group cannot be estimated. Intervals and p values take doctors as independent of each other,"
        " which those of one group are not."
    ),
    "working_wording": lambda: _("The items are in working wording that has not been validated."),
    "undeclared_direction": lambda: _(
        "The direction of {scales} is not declared; a higher score is called neither better nor worse."
    ),
    "versions_differ": lambda: _("An instrument was asked in another version than the one that is scored here."),
    "late_before": lambda: _(
        "The questionnaire before was sent by {n} when the one after had been opened: what happened by then may be in"
        " their score before."
    ),
    "still_open": lambda: _("A questionnaire is still open: the figures may change."),
    "incomplete": lambda: _(
        "Whoever did not answer both times, or left too many items blank, is left out of the adjusted means."
    ),
}


def limits(results: Results) -> list[str]:
    undeclared = [label(name) for name, scale in results["scales"].items() if scale["direction"] == "undeclared"]
    facts = {"scales": ", ".join(undeclared), "n": results["data"].get("n_before_late", 0)}
    found = [LIMITS[code]().format(**facts) for code in results["limits"]]
    for wave in results["waves"]:
        if "wording_waived_on" in wave:
            day = date_format(date.fromisoformat(wave["wording_waived_on"]), "j F Y")
            when = {"pre": _("before"), "post": _("after")}[wave["name"]]
            found.append(
                _("Working wording was accepted for the questionnaire {when} on {day}.").format(when=when, day=day)
            )
    return found


def conventions(results: Results) -> list[str]:
    shares = results["conventions"]
    return [
        _("Model: score after on score before, arm, level and arm × level; rows with all of them present."),
        _("Differences are {intervention} minus {control}.").format(
            control=results["trial"]["arms"][0], intervention=results["trial"]["arms"][1]
        ),
        _("Partial η²: {percent} interval by the noncentral F distribution, ncp / (ncp + df).").format(
            percent=percent(shares["interval_partial_eta2_percent"])
        ),
        _("Differences, means and alpha: {percent} intervals.").format(
            percent=percent(shares["interval_difference_percent"])
        ),
        _("A reversed item counts lowest plus highest point minus the answer; a blank is never zero."),
    ]


def origin(results: Results) -> list[dict[str, str]]:
    """Where the figures come from: data, instruments, programs."""
    facts = [{"name": _("Data, SHA-256"), "value": results["data"]["sha256"]}]
    if "as_of" in results["data"]:
        day = date_format(date.fromisoformat(results["data"]["as_of"]), "j F Y")
        facts.append({"name": _("Last answer"), "value": day})
    facts += [
        {"name": label(each["id"]), "value": f"{WORDINGS[each['wording']]()}, {_('version')} {each['version']}"}
        for each in results["instruments"]
    ]
    programs = ", ".join(f"{name} {version}" for name, version in results["software"].items())
    return [*facts, {"name": _("Computed with"), "value": programs}]


WORDINGS = {
    "working": lambda: _("working wording, not validated"),
    "licensed": lambda: _("licensed wording"),
}
