"""Medians, ranges and units, formatted for the tables."""

import statistics

NOTHING = "–"


def median(values):
    """Returns the median of the values that are not None, or None if there are none."""
    known = [value for value in values or () if value is not None]
    return statistics.median(known) if known else None


def formatted(value, form):
    """Returns the formatted value, or a dash for None."""
    return NOTHING if value is None else form(value)


def rate(value):
    """Formats a rate per second."""
    return f"{value:,.0f}"


def tenths(value):
    """Formats a small rate per second."""
    return f"{value:,.1f}"


def spread(values):
    """Formats the median, followed by the lowest and the highest value."""
    if not values:
        return NOTHING
    return f"{median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def ratio(value):
    """Formats a ratio."""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def micros(microseconds):
    """Formats microseconds."""
    return f"{microseconds:.1f} µs" if microseconds < 100 else f"{microseconds:,.0f} µs"


def millis(microseconds):
    """Formats microseconds as milliseconds."""
    value = microseconds / 1000
    return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def seconds_as_millis(seconds):
    """Formats seconds as milliseconds."""
    return millis(seconds * 1e6)


def megabytes(size):
    """Formats bytes as megabytes."""
    return f"{size / 1e6:.1f} MB"


def table(head, rows):
    """Formats a Markdown table: the first column is text, the others are numbers."""
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1))]
    lines += [" | ".join(row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"
