"""Formats the comparison as Markdown tables and inserts them into a document."""

from runner import targets
from runner.figures import (
    formatted,
    megabytes,
    median,
    micros,
    millis,
    rate,
    ratio,
    seconds_as_millis,
    spread,
    table,
    tenths,
)


def column(head, key, form):
    """Returns a column with the median of a value."""
    return head, lambda figures: formatted(median(figures.get(key)), form)


RATE = ("requests/s", lambda figures: spread(figures["rate"]))
FAILED = ("failed", lambda figures: f"{sum(figures['failed']):,}")
RATIO = column("ratio", "ratio", ratio)
CPU = column("CPU per request", "cpu", micros)
P50 = column("p50", "p50", millis)
P99 = column("p99", "p99", millis)
LOADED = column("memory after load", "loaded", megabytes)

CHECK = [
    RATE,
    RATIO,
    CPU,
    P50,
    P99,
    column("memory when idle", "idle", megabytes),
    LOADED,
    column("binary", "size", megabytes),
    column("first answer", "first_answer", seconds_as_millis),
    FAILED,
]
MANY = [RATE, RATIO, CPU, P50, P99, LOADED, FAILED]
NEW = [RATE, RATIO, CPU, P50, P99, FAILED]
SIGN_IN = [
    column("sign-ins/s", "rate", tenths),
    column("bare hashes/s", "bare", tenths),
    column("share of bare hashing", "ratio", ratio),
    P50,
    FAILED,
]
FLOOD = [
    column("p99 without flood", "alone", millis),
    column("p99 during flood", "during", millis),
    RATIO,
    column("checks/s without flood", "rate_alone", rate),
    column("checks/s during flood", "rate_during", rate),
    column("sign-ins/s", "signed_in", tenths),
]
KINDS_OF_FLOOD = ["sign-ins", "visitors", "slow clients", "large bodies", "large sessions"]
MEMORY = [column(kind, kind, megabytes) for kind in KINDS_OF_FLOOD] + [
    ("limit printed at start", lambda figures: figures["limit"][-1] or "not printed")
]


def comparison(data):
    """Returns all tables of one run."""
    reference = next(program["name"] for program in data["programs"] if program["kunci"])
    sizes = {program["name"]: {"size": [program["size"]]} for program in data["programs"]}

    def measured(scenario):
        return _with_ratios(data["results"].get(scenario, {}), reference)

    check = {name: sizes[name] | figures for name, figures in measured("check").items()}
    parts = [
        _heading(data, reference),
        "### Session checks, one session\n",
        _rows("`GET /profile`, one session", CHECK, check),
        "### Session checks, many sessions\n",
        f"The SQLite stores hold {data['sessions']:,} sessions. "
        "The memory store of tower-sessions holds 20,000.\n",
        _rows("`GET /profile`, 20,000 sessions in turn", MANY, measured("many")),
        "### New sessions\n",
        _rows("one new session per request", NEW, measured("new")),
        "### Sign-ins\n",
        _rows("`POST /login`, 32 clients", SIGN_IN, data["results"].get("sign-in", {})),
        "### Session checks during a flood of sign-ins\n",
        _rows("`GET /profile`, one session", FLOOD, _floods(data["results"])),
        "### Memory under floods\n",
        _rows("peak resident memory", MEMORY, data["results"].get("memory", {})),
        "### Targets\n",
        targets.section(data),
    ]
    return "\n".join(parts)


def put_between(name, text, document):
    """Replaces the text between `<!-- begin NAME -->` and `<!-- end NAME -->`."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, found, rest = document.read_text().partition(begin)
    if not found or end not in rest:
        raise RuntimeError(f"{document} lacks {begin} and {end}")
    after = rest.partition(end)[2]
    document.write_text(f"{before}{begin}\n\n{text}\n{end}{after}")


def _heading(data, reference):
    return (
        f"Measured on {data['date']} with `make bench`: "
        f"{data['rounds']} rounds of {data['seconds']} seconds per program, "
        f"{data['load']} with one thread and 32 connections.\n"
        f"{data['machine']}\n"
        "Values are medians. A range in parentheses gives the lowest and the highest round.\n"
        f"The ratio is the rate of {reference} divided by the rate of the row.\n"
        "CPU per request is the CPU time of the server in user and kernel mode, "
        "divided by the number of requests.\n"
    )


def _rows(first, columns, results):
    """Returns a table with one row per program."""
    head = [first] + [name for name, _ in columns]
    rows = [[name] + [show(figures) for _, show in columns] for name, figures in results.items()]
    return table(head, rows)


def _with_ratios(results, reference):
    """Adds to each result the ratio of the reference's rate to its own."""
    ours = median(results.get(reference, {}).get("rate"))
    return {
        name: figures | {"ratio": [ours / median(figures["rate"]) if ours else None]}
        for name, figures in results.items()
    }


def _floods(results):
    """Returns the results of both loads, for one table."""
    kinds = {"flood-moderate": "about 1,500 checks/s", "flood-full": "full load"}
    return {
        f"{name}, {words}": figures
        for kind, words in kinds.items()
        for name, figures in results.get(kind, {}).items()
    }
