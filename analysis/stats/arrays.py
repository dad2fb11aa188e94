"""The array types used by every module, and the way from results to plain JSON values."""

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


def is_constant(values: Floats) -> bool:
    """Whether all values are the same number (an empty array is constant).

    A variance is no test for this: the mean of equal numbers may miss them by a rounding error.
    """
    return values.size == 0 or bool(np.ptp(values) == 0.0)


def plain(value: Any) -> Any:
    """`value` as JSON knows it: dataclasses become objects, NaN becomes null, None is left out of objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
