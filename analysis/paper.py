"""The report as a tagged PDF (PDF/UA-1), set by typst. Texts reach it as JSON data, never as source."""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

SOURCE = Path(__file__).parent / "typst" / "report.typ"
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"  # DejaVu Sans, as in the figure
NO_TIME = 0  # the file carries no time of its making: the same results are the same bytes


def pdf(page: dict[str, Any], figure: str) -> bytes:
    """The PDF of a report's page (`analysis.page.page`) and its figure (SVG)."""
    document = typst.compile(
        SOURCE,
        root=SOURCE.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"page": json.dumps(page), "figure": figure},
        pdf_standards="ua-1",
        timestamp=NO_TIME,
    )
    if not isinstance(document, bytes):
        raise TypeError("one document was expected")
    return document
