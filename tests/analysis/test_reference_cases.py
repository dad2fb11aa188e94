"""R's answers to the reference cases are ours, to the stated tolerance."""

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.stats.case import analyse
from analysis.stats.spec import read_spec
from analysis.stats.table import read_table

CASES = Path(__file__).parent / "cases"
# How many values each case lets us compare. Fewer means that an answer was lost.
COMPARED = {
    "P01_koppe_n21": 2282,
    "P02_trial_n34": 2360,
    "P03_unbalanced_n200": 2112,
    "P04_big_n20000": 670,
    "P05_dropouts_n60": 1556,
    "P06_zero_variance_item_n40": 722,
    "P07_empty_cell_n30": 498,
    "P08_perfect_fit_n24": 23,
    "P09_df_zero_n5": 23,
    "P10_garbage_n30": 700,
    "P11_near_collinear_n50": 285,
    "P12_hetero_slopes_n120": 1792,
    "P13_real_attitude": 106,
    "P14_real_mtcars": 285,
    "P15_real_obrienkaiser": 285,
}
FLOOR = 1e-9  # numbers smaller than this are compared absolutely


def answer(case: str) -> Any:
    folder = CASES / case
    return analyse(read_table((folder / "data.csv").read_bytes()), read_spec((folder / "spec.json").read_bytes()))


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every single value under its path; an empty list or object counts as one."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: dict[tuple[str, ...], Any] = {}
    for key, child in children:
        found |= leaves(child, (*path, str(key)))
    return found or {path: value}


def agree(ours: Any, theirs: Any, tolerance: float) -> bool:
    if isinstance(theirs, bool) or not isinstance(theirs, (int, float)):
        return type(ours) is type(theirs) and ours == theirs
    if isinstance(ours, bool) or not isinstance(ours, (int, float)):
        return False
    return abs(ours - theirs) <= tolerance * max(abs(theirs), FLOOR)


@pytest.mark.parametrize("case", sorted(COMPARED))
def test_every_value_agrees_with_r(case: str) -> None:
    theirs = leaves(json.loads((CASES / case / "expected.json").read_text(encoding="utf-8")))
    tolerance = json.loads((CASES / case / "spec.json").read_text(encoding="utf-8"))["rel_tol"]

    ours = leaves(answer(case))

    common = theirs.keys() & ours.keys()
    assert {path: (ours[path], theirs[path]) for path in common if not agree(ours[path], theirs[path], tolerance)} == {}
    assert len(common) >= COMPARED[case]


@pytest.mark.parametrize("case", sorted(COMPARED))
def test_no_value_is_invented(case: str) -> None:
    theirs = leaves(json.loads((CASES / case / "expected.json").read_text(encoding="utf-8")))

    ours = leaves(answer(case))

    assert [path for path in ours if path not in theirs] == []


def test_the_comparison_sees_a_wrong_value() -> None:
    assert not agree(1.0 + 1e-7, 1.0, 1e-8)
    assert not agree(None, 1.0, 1e-8)
    assert not agree(True, 1, 1e-8)
    assert not agree(0.0, None, 1e-8)
    assert agree(1.0 + 1e-9, 1, 1e-8)


@pytest.mark.parametrize("case", ["P01_koppe_n21", "P02_trial_n34", "P03_unbalanced_n200", "P14_real_mtcars"])
def test_the_careless_answers_are_not_ours(case: str) -> None:
    """Treatment coding, Type I or II, change scores: each gives another F in unbalanced data."""
    expected = json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))

    for name, ours in answer(case)["ancova"].items():
        traps = expected["ancova"][name]["traps"]
        f = {term: ours["anova_type3"][term]["F"] for term in ("arm", "level")}
        assert [
            trap for trap, wrong in traps.items() if agree(f["arm" if "arm" in trap else "level"], wrong, 1e-6)
        ] == []
