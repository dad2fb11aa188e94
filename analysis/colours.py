"""The figure's colours, by day and by night. PURE.

An SVG shown as a picture knows nothing of the page's style sheet, so it brings the two sets along.
"""

INK, SOFT, LINE, LAMP, PAPER = "#22252f", "#505460", "#dad7d1", "#a5660a", "#f2f1ee"
NIGHT = {INK: "#ede9e2", SOFT: "#b4b3b5", LINE: "#333742", LAMP: "#d89a38", PAPER: "#16181f"}  # static/css/tokens.css


def themed(svg: str) -> str:
    """The figure in the colours of the reader's device: by night where that asks for dark pages."""
    names = {day: f"--c{place}" for place, day in enumerate(NIGHT)}
    for day, name in names.items():
        svg = svg.replace(day, f"var({name})")
    day_set = "".join(f"{name}:{day};" for day, name in names.items())
    night_set = "".join(f"{name}:{NIGHT[day]};" for day, name in names.items())
    style = f"<style>svg{{{day_set}}}@media (prefers-color-scheme:dark){{svg{{{night_set}}}}}</style>"
    return svg.replace("<defs>", f"<defs>{style}", 1)
