"""The tables of the comparison, in Markdown, and putting them into a document between two markers.

Left out: any verdict; the document around the tables is written by hand.
"""

from runner import targets
from runner.figures import (
    NOTHING,
    megabytes,
    middle,
    millis,
    rate,
    ratio,
    seconds_as_millis,
    spread,
    table,
    written,
)


def comparison(data):
    """All tables of one run."""
    reference = next(program["name"] for program in data["programs"] if program["kunci"])
    parts = [
        _heading(data, reference),
        _check(data, reference),
        _many(data, reference),
        _new(data, reference),
        _sign_ins(data),
        _floods(data),
        _memory(data),
        targets.section(data),
    ]
    return "\n".join(parts)


def put_between(name, text, document):
    """Replace what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, found, rest = document.read_text().partition(begin)
    if not found or end not in rest:
        raise RuntimeError(f"{document} lacks {begin} and {end}")
    after = rest.partition(end)[2]
    document.write_text(f"{before}{begin}\n\n{text}\n{end}{after}")


def _heading(data, reference):
    return (
        f"Measured on {data['date']} by `make bench`: "
        f"{data['rounds']} rounds of {data['seconds']} "
        f"seconds in turns, with {data['load']}, one thread and 32 connections.\n"
        f"{data['machine']}\n"
        f"Figures are medians; where a range follows, it is the lowest and the highest round.\n"
        f"A ratio says how many times as much {reference} does.\n"
    )


def _ratio_of(results, reference, figures, key="rate"):
    ours, theirs = middle(results.get(reference, {}).get(key)), middle(figures.get(key))
    return ratio(ours / theirs) if ours and theirs else NOTHING


def _check(data, reference):
    results = data["results"].get("check", {})
    sizes = {program["name"]: program["size"] for program in data["programs"]}
    rows = []
    for name, figures in results.items():
        rows.append(
            [
                name,
                spread(figures["rate"]),
                _ratio_of(results, reference, figures),
                millis(middle(figures["p50"])),
                millis(middle(figures["p99"])),
                megabytes(middle(figures["idle"])),
                megabytes(middle(figures["loaded"])),
                written(sizes[name], megabytes),
                seconds_as_millis(middle(figures["first_answer"])),
                f"{sum(figures['failed']):,}",
            ]
        )
    head = [
        "`GET /profile`, one session",
        "requests/s",
        "ratio",
        "p50",
        "p99",
        "memory, idle",
        "memory after",
        "binary",
        "first answer",
        "failed",
    ]
    return f"### A session check\n\n{table(head, rows)}"


def _many(data, reference):
    results = data["results"].get("many", {})
    rows = [
        [
            name,
            spread(figures["rate"]),
            _ratio_of(results, reference, figures),
            millis(middle(figures["p50"])),
            millis(middle(figures["p99"])),
            megabytes(middle(figures["loaded"])),
            f"{sum(figures['failed']):,}",
        ]
        for name, figures in results.items()
    ]
    head = [
        "`GET /profile`, 20,000 sessions in turn",
        "requests/s",
        "ratio",
        "p50",
        "p99",
        "memory after",
        "failed",
    ]
    return (
        f"### Checks of many sessions\n\nThe SQLite stores hold {data['sessions']:,} sessions, "
        f"the memory store of tower-sessions 20,000.\n\n{table(head, rows)}"
    )


def _new(data, reference):
    results = data["results"].get("new", {})
    rows = [
        [
            name,
            spread(figures["rate"]),
            _ratio_of(results, reference, figures),
            millis(middle(figures["p50"])),
            millis(middle(figures["p99"])),
            f"{sum(figures['failed']):,}",
        ]
        for name, figures in results.items()
    ]
    head = ["a new session with every request", "requests/s", "ratio", "p50", "p99", "failed"]
    return f"### New sessions\n\n{table(head, rows)}"


def _sign_ins(data):
    results = data["results"].get("sign-in", {})
    rows = [
        [
            name,
            f"{middle(figures['rate']):.1f}",
            f"{middle(figures['bare']):.1f}",
            ratio(middle(figures["ratio"])),
            millis(middle(figures["p50"])),
            f"{sum(figures['failed']):,}",
        ]
        for name, figures in results.items()
    ]
    head = [
        "`POST /login`, 32 clients",
        "sign-ins/s",
        "bare hashes/s",
        "of the bare hash",
        "p50",
        "failed",
    ]
    return f"### Sign-ins\n\n{table(head, rows)}"


def _floods(data):
    rows = []
    for kind, words in (("calm", "about 1,500 checks/s"), ("full", "as many checks as go")):
        for name, figures in data["results"].get(f"flood-{kind}", {}).items():
            rows.append(
                [
                    f"{name}, {words}",
                    millis(middle(figures["alone"])),
                    millis(middle(figures["beside"])),
                    ratio(middle(figures["ratio"])),
                    rate(middle(figures["rate_alone"])),
                    rate(middle(figures["rate_beside"])),
                    f"{middle(figures['signed_in']):.1f}",
                ]
            )
    head = [
        "session checks beside sign-ins",
        "p99 alone",
        "p99 in the flood",
        "ratio",
        "checks/s alone",
        "checks/s in the flood",
        "sign-ins/s meanwhile",
    ]
    return f"### Checks during a flood of sign-ins\n\n{table(head, rows)}"


def _memory(data):
    results = data["results"].get("memory", {})
    floods = ["sign-ins", "visitors", "slow clients", "large bodies"]
    rows = [
        [name]
        + [written(middle(figures.get(flood)), megabytes) for flood in floods]
        + [figures["bound"][-1] or "not printed"]
        for name, figures in results.items()
    ]
    head = ["highest resident memory"] + floods + ["bound printed at start"]
    return f"### Memory under floods\n\n{table(head, rows)}"
