"""A specification is checked before anything is computed."""

import json
from typing import Any

import pytest

from analysis.stats.spec import SpecError, read_spec

SCALE = {"name": "PIS", "min": 1, "max": 5, "min_valid": 1, "items": {"pre": ["a", "b"]}, "reverse": {"pre": ["a"]}}
FACTORS = {"arm": {"column": "arm", "levels": ["C", "B"]}, "level": {"column": "level", "levels": ["G", "R"]}}


def spec(**parts: Any) -> bytes:
    return json.dumps({"id": "T", "scales": [SCALE], "factors": FACTORS, **parts}).encode()


def test_a_specification_is_read() -> None:
    read = read_spec(spec(numeric_columns=["x"], outcomes=[{"name": "O", "post": "PIS_pre", "pre": "x"}], ordinal=None))

    assert read.arm is not None
    assert read.arm.levels == ("C", "B")
    assert read.scales[0].reverse == {"pre": ("a",)}
    assert read.outcomes[0].pre == "x"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "the specification is not JSON"),
        (b"[]", "the specification is not a JSON object"),
        (b"[" * 100_000, "the specification is not JSON"),
        (spec(id=3), "id is not a text"),
        (spec(scales=[{**SCALE, "min": "1"}]), r"scales\[0\].min is not a number"),
        (spec(scales=[{**SCALE, "max": 10**400}]), r"scales\[0\].max is not a number"),
        (spec(scales=[{**SCALE, "max": 1e200}]), r"scales\[0\].max is not a number"),
        (spec(scales=[{**SCALE, "min": 5}]), r"scales\[0\].min must be less than max"),
        (spec(scales=[{**SCALE, "min_valid": 0}]), r"scales\[0\].min_valid is not a positive whole number"),
        (spec(scales=[{**SCALE, "min_valid": 3}]), r"scales\[0\].items.pre: fewer items than min_valid"),
        (spec(scales=[{**SCALE, "reverse": {"post": ["a"]}}]), r"scales\[0\].reverse: a wave without items"),
        (spec(scales=[{**SCALE, "scoring": "median"}]), r"scales\[0\].scoring is neither mean nor sum"),
        (spec(scales=[{**SCALE, "items": {"pre": ["b", "b"]}}]), r"scales\[0\].items.pre: different item columns"),
        (spec(scales=[{**SCALE, "reverse": {"pre": ["z"]}}]), "a reversed item is not among the items"),
        (spec(scales=[SCALE, SCALE]), "two scales or numeric columns have the same name"),
        (spec(factors={"arm": {"column": "arm", "levels": ["a", "b", "c"]}}), "one or two different levels are needed"),
        (spec(outcomes=[{"name": "O", "post": "PIS_post", "pre": "PIS_pre"}]), "'PIS_post' is no score"),
        (spec(factors={}, outcomes=[{"name": "O", "post": "PIS_pre", "pre": "PIS_pre"}]), "needs the factors"),
        (spec(factors={**FACTORS, "level": FACTORS["arm"]}), "arm and level are the same column"),
        (spec(numeric_columns="x"), "numeric_columns is not a list of texts"),
        (spec(scales=3), "scales is not a list of objects"),
    ],
)
def test_a_wrong_specification_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        read_spec(content)
