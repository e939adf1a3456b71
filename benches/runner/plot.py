"""Draws the comparison as an SVG bar chart. Each bar is labelled with its value."""

from html import escape

from runner.figures import megabytes, median, rate

WIDTH = 860
NAMES = 270
BARS = 430
ROW = 22
TITLE = 44
OURS = "#0b6e4f"
THEIRS = "#8a94a0"
INK = "#1c2024"
PAPER = "#ffffff"


def comparison(data):
    """Returns a chart with panels for session checks, new sessions and idle memory."""
    ours = {program["name"] for program in data["programs"] if program["kunci"]}
    panels = [
        ("Session checks per second, one session", _medians(data, "check", "rate"), rate),
        (
            "Session checks per second, 20,000 sessions in turn",
            _medians(data, "many", "rate"),
            rate,
        ),
        ("New sessions per second", _medians(data, "new", "rate"), rate),
        ("Resident memory when idle", _medians(data, "check", "idle"), megabytes),
    ]
    body, top = [], 12
    for title, bars, form in panels:
        body.append(_panel(top, title, bars, form, ours))
        top += TITLE + ROW * len(bars)
    note = f"{data['date']}, medians of {data['rounds']} rounds. {data['machine']}"
    body.append(_text(16, top + 24, note, size=11))
    return _document(top + 40, body)


def _medians(data, scenario, key):
    found = data["results"].get(scenario, {})
    return [(name, median(figures[key])) for name, figures in found.items()]


def _panel(top, title, bars, form, ours):
    longest = max((value for _, value in bars), default=1)
    parts = [_text(16, top + 28, title, size=15, weight="bold")]
    for index, (name, value) in enumerate(bars):
        y = top + TITLE - 4 + ROW * index
        width = max(1, BARS * value / longest)
        colour = OURS if name in ours else THEIRS
        parts.append(_text(16, y + 13, name))
        parts.append(
            f'<rect x="{NAMES}" y="{y}" width="{width:.1f}" height="{ROW - 5}" fill="{colour}"/>'
        )
        parts.append(_text(NAMES + width + 8, y + 13, form(value)))
    return "\n".join(parts)


def _text(x, y, text, size=13, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{INK}">'
        f"{escape(text)}</text>"
    )


def _document(height, body):
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" role="img" '
        'aria-label="Kunci compared with its peers; performance.md contains the same values">'
    )
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>', *body, "</svg>\n"]
    )
