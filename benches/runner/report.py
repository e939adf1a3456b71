"""The tables of the comparison, in Markdown, and putting them into a document between two markers.

Left out: any verdict; the document around the tables is written by hand.
"""

from runner import targets
from runner.figures import (
    megabytes,
    middle,
    millis,
    rate,
    ratio,
    seconds_as_millis,
    spread,
    table,
    tenths,
    written,
)


def column(head, key, form):
    """A column with the median of a figure."""
    return head, lambda figures: written(middle(figures.get(key)), form)


RATE = ("requests/s", lambda figures: spread(figures["rate"]))
FAILED = ("failed", lambda figures: f"{sum(figures['failed']):,}")
RATIO = column("ratio", "ratio", ratio)
P50 = column("p50", "p50", millis)
P99 = column("p99", "p99", millis)
AFTER = column("memory after", "loaded", megabytes)

CHECK = [
    RATE,
    RATIO,
    P50,
    P99,
    column("memory, idle", "idle", megabytes),
    AFTER,
    column("binary", "size", megabytes),
    column("first answer", "first_answer", seconds_as_millis),
    FAILED,
]
MANY = [RATE, RATIO, P50, P99, AFTER, FAILED]
NEW = [RATE, RATIO, P50, P99, FAILED]
SIGN_IN = [
    column("sign-ins/s", "rate", tenths),
    column("bare hashes/s", "bare", tenths),
    column("of the bare hash", "ratio", ratio),
    P50,
    FAILED,
]
FLOOD = [
    column("p99 alone", "alone", millis),
    column("p99 in the flood", "beside", millis),
    RATIO,
    column("checks/s alone", "rate_alone", rate),
    column("checks/s in the flood", "rate_beside", rate),
    column("sign-ins/s meanwhile", "signed_in", tenths),
]
KINDS_OF_FLOOD = ["sign-ins", "visitors", "slow clients", "large bodies", "large sessions"]
MEMORY = [column(kind, kind, megabytes) for kind in KINDS_OF_FLOOD] + [
    ("bound printed at start", lambda figures: figures["bound"][-1] or "not printed")
]


def comparison(data):
    """All tables of one run."""
    reference = next(program["name"] for program in data["programs"] if program["kunci"])
    sizes = {program["name"]: {"size": [program["size"]]} for program in data["programs"]}

    def measured(scenario):
        return _with_ratios(data["results"].get(scenario, {}), reference)

    check = {name: sizes[name] | figures for name, figures in measured("check").items()}
    parts = [
        _heading(data, reference),
        "### A session check\n",
        _rows("`GET /profile`, one session", CHECK, check),
        "### Checks of many sessions\n",
        f"The SQLite stores hold {data['sessions']:,} sessions, "
        "the memory store of tower-sessions 20,000.\n",
        _rows("`GET /profile`, 20,000 sessions in turn", MANY, measured("many")),
        "### New sessions\n",
        _rows("a new session with every request", NEW, measured("new")),
        "### Sign-ins\n",
        _rows("`POST /login`, 32 clients", SIGN_IN, data["results"].get("sign-in", {})),
        "### Checks during a flood of sign-ins\n",
        _rows("session checks beside sign-ins", FLOOD, _floods(data["results"])),
        "### Memory under floods\n",
        _rows("highest resident memory", MEMORY, data["results"].get("memory", {})),
        "### Beside the targets\n",
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
        f"{data['rounds']} rounds of {data['seconds']} seconds in turns, "
        f"with {data['load']}, one thread and 32 connections.\n"
        f"{data['machine']}\n"
        "Figures are medians; where a range follows, it is the lowest and the highest round.\n"
        f"A ratio says how many times as many requests {reference} answers.\n"
    )


def _rows(first, columns, results):
    """A table with a row for each program."""
    head = [first] + [name for name, _ in columns]
    rows = [[name] + [show(figures) for _, show in columns] for name, figures in results.items()]
    return table(head, rows)


def _with_ratios(results, reference):
    """The same results, each with the ratio of the reference to it."""
    ours = middle(results.get(reference, {}).get("rate"))
    return {
        name: figures | {"ratio": [ours / middle(figures["rate"]) if ours else None]}
        for name, figures in results.items()
    }


def _floods(results):
    """Both kinds of checks in one table."""
    kinds = {"flood-calm": "about 1,500 checks/s", "flood-full": "as many checks as go"}
    return {
        f"{name}, {words}": figures
        for kind, words in kinds.items()
        for name, figures in results.get(kind, {}).items()
    }
