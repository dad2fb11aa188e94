"""How a number is printed. PURE."""

import math

NARROW = "\u202f"  # between a number and its per cent sign
DASH = "–"


def fixed(value: float | None, digits: int = 2) -> str:
    """1.05, −0.11, never −0.00; a dash for what is undefined."""
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def share(value: float | None, digits: int = 2) -> str:
    """A number that cannot leave −1 to 1 by its nature, without the zero before the point: .48, −.12, 1.00."""
    text = fixed(value, digits)
    return text.replace("0.", ".", 1) if text.startswith(("0.", "−0.")) else text


def p_value(p: float) -> str:
    """Three decimals, never .000 or 1.000."""
    if p < 0.001:
        return f"<{NARROW}.001"
    return f">{NARROW}.999" if p >= 0.9995 else share(p, 3)


def interval(limits: list[float | None], as_share: bool = False) -> str:
    """[0.47, 1.63], or with `as_share` [.13, .61]."""
    low, high = (share(limit) if as_share else fixed(limit) for limit in limits)
    return f"[{low}, {high}]"


def percent(value: int) -> str:
    return f"{value}{NARROW}%"
