"""Medians, spreads and units: how a number is written for people.

Left out: which numbers, see report.
"""

from statistics import median

NOTHING = "–"


def middle(values):
    """The median of what is there, or nothing."""
    there = [value for value in values or () if value is not None]
    return median(there) if there else None


def written(value, form):
    """A number in a form, or a dash."""
    return NOTHING if value is None else form(value)


def rate(value):
    """Requests per second."""
    return f"{value:,.0f}"


def tenths(value):
    """A small rate."""
    return f"{value:,.1f}"


def spread(values):
    """A median, and the lowest and highest beside it."""
    if not values:
        return NOTHING
    return f"{middle(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def ratio(value):
    """How many times."""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def millis(microseconds):
    """Microseconds as milliseconds."""
    value = microseconds / 1000
    return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def seconds_as_millis(seconds):
    """Seconds as milliseconds."""
    return millis(seconds * 1e6)


def megabytes(size):
    """Bytes as megabytes."""
    return f"{size / 1e6:.1f} MB"


def table(head, rows):
    """A table in Markdown; the first column is text, the others are figures."""
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1))]
    lines += [" | ".join(row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"
