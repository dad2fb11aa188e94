"""The analysis of change scores, printed beside the ANCOVA where arms were not formed by chance."""

import numpy as np

from analysis.stats import linear
from analysis.stats.ancova import EXACT, MISSING, Factor
from analysis.stats.arrays import Floats
from analysis.stats.linear import Estimate


def change_difference(post: Floats, pre: Floats, arm: Factor, level: Factor) -> Estimate | None:
    """The arms' difference (second minus first) in post - pre, cells weighted equally, over the complete rows.

    With arms that differ before, it answers another question than the ANCOVA (Lord 1967, Psychol Bull 68:304-305).
    None where no number exists.
    """
    used = ~np.isnan(post) & ~np.isnan(pre) & (arm.codes != MISSING) & (level.codes != MISSING)
    a, b = 1.0 - 2.0 * arm.codes[used], 1.0 - 2.0 * level.codes[used]
    design = np.column_stack([np.ones(len(a)), a, b, a * b])
    change = (post - pre)[used]
    if len(change) <= design.shape[1] or linear.rank(design) < design.shape[1]:
        return None
    model = linear.fit(design, change)
    if model.sse <= EXACT * float(change @ change):
        return None
    return linear.estimate(model, np.array([0.0, -2.0, 0.0, 0.0]))
