"""The figure of adjusted means as SVG: one panel an outcome, filled circles and open squares with their intervals.

Readable without colour; the same bytes for the same numbers.
"""

import io
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from analysis.colours import INK, LAMP, LINE, PAPER, SOFT

STYLES = (
    {"color": LAMP, "marker": "o", "markerfacecolor": LAMP},  # intervention
    {"color": SOFT, "marker": "s", "markerfacecolor": PAPER},  # control
)
WIDTH, PANEL_HEIGHT = 7.6, 2.9  # inches
GROUP_ROWS = 3  # two means and the title above them

mpl.rcParams.update(
    {"svg.hashsalt": "balint", "svg.fonttype": "none", "text.parse_math": False, "font.size": 9.5, "savefig.dpi": 72}
)


def draw(panels: list[dict[str, Any]], title: str) -> str:
    """The SVG of `panels`, each an axis title and groups of two means, or the reason why there are none.

    `title` says in words what the figure shows.
    """
    figure = Figure(figsize=(WIDTH, PANEL_HEIGHT * len(panels)), layout="constrained")
    FigureCanvasSVG(figure)
    figure.get_layout_engine().set(h_pad=0.12, w_pad=0.02)
    for axes, panel in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels, strict=True):
        _panel(axes, panel)
    sheet = io.StringIO()
    figure.savefig(sheet, format="svg", transparent=True, metadata={"Title": title, "Date": None, "Creator": None})
    return sheet.getvalue()


def _panel(axes: Axes, panel: dict[str, Any]) -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=SOFT)
    axes.set_xlabel(panel["axis"], color=SOFT)
    axes.set_yticks([])
    if panel["groups"]:
        axes.grid(axis="x", color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
        _means(axes, panel["groups"])
    else:
        axes.set_xticks([])
        axes.text(0.5, 0.5, panel["reason"], ha="center", va="center", color=INK, transform=axes.transAxes, wrap=True)


def _means(axes: Axes, groups: list[dict[str, Any]]) -> None:
    rows: list[tuple[int, str]] = []
    for place, group in enumerate(groups):
        top = GROUP_ROWS * place
        axes.text(
            0, top - 0.85, group["title"], transform=axes.get_yaxis_transform(), va="center", color=INK, weight="bold"
        )
        for row, (mean, style) in enumerate(zip(group["means"], STYLES, strict=True), start=top):
            _mean(axes, row, mean, style)
            rows.append((row, mean["arm"]))
    axes.set_yticks([row for row, _ in rows], [arm for _, arm in rows])
    axes.set_ylim(rows[-1][0] + 0.8, -1.4)
    axes.margins(x=0.08)


def _mean(axes: Axes, row: int, mean: dict[str, Any], style: dict[str, str]) -> None:
    """One mean with its interval, and its value in figures beside it."""
    high = mean["ci95"][1]
    axes.plot(mean["ci95"], [row, row], color=style["color"], linewidth=2, marker="|", markersize=7)
    axes.plot([mean["mean"]], [row], markersize=7, markeredgewidth=1.6, linestyle="none", **style)
    axes.annotate(mean["text"], (high, row), (7, 0), textcoords="offset points", va="center", color=INK)
