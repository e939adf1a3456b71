"""Measures Kunci with up to 10 million sessions, and session checks during a purge.

`make bench-scale` builds everything and runs this program. Environment variables: SIZES (numbers
of sessions), EXPIRED (number of expired sessions), ROUNDS and SECONDS.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import time
from dataclasses import replace

from runner import load, machine, paths, programs, report, scenarios
from runner.figures import (
    NOTHING,
    formatted,
    median,
    micros,
    millis,
    ratio,
    seconds_as_millis,
    spread,
    table,
)
from runner.load import Request
from runner.paths import ROOT, WORK, say
from runner.sign_ins import MODERATE_CLIENTS, MODERATE_PAUSE

ACCOUNTS = 1_000
VISITORS = 200_000
LIVING_BESIDE_EXPIRED = 100_000
QUIET_SECONDS = 20
PURGE_SECONDS = 60


def fill(name, sessions, users=ACCOUNTS, expired=0):
    """Fills a data folder, and returns its path and the size of the database."""
    data = paths.fresh_folder(name) / "data"
    say(f"filling: {sessions + expired:,} sessions")
    started = time.monotonic()
    subprocess.run(
        [
            paths.BUILT / "fill",
            data,
            "--sessions",
            str(sessions),
            "--users",
            str(users),
            "--expired",
            str(expired),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    say(f"filled in {time.monotonic() - started:.0f} s")
    return data, (data / "kunci.db").stat().st_size


def check_sizes(filled, transport, rounds, seconds):
    """Checks 20,000 sessions in turn on each size, for every round."""
    results = scenarios.Results()
    sized = [
        replace(programs.kunci(transport, "SQLite", data), name=f"{size:,}")
        for size, (data, _) in filled.items()
    ]

    def run(program):
        with program.start() as server:
            request = Request("/profile", cookies=program.cookies_file())
            load.run(server.port, request, scenarios.WARM_UP)
            results.add(
                "scale",
                program.name,
                first_answer=server.first_answer,
                **load.run_with_cpu(server, request, seconds),
                memory=server.resident(),
            )

    scenarios.run_rounds("sizes", sized, rounds, run)
    return results.plain()["scale"]


def moderate_checks(data, transport, seconds):
    """Measures checks at moderate load, from the start of the server."""
    program = programs.kunci(transport, "SQLite", data)
    with program.start() as server:
        request = Request("/profile", cookies=program.cookies_file(), pause=MODERATE_PAUSE)
        figures = load.run(server.port, request, seconds, MODERATE_CLIENTS)
        return figures | {"read": server.read_from_disk()}


def drop_from_page_cache(path):
    """Removes a file from the page cache, as after a restart of the machine."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def count_sessions(data):
    """Counts the rows, including those of expired sessions."""
    with sqlite3.connect(f"file:{data / 'kunci.db'}?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM sessions").fetchone()[0]


def measure_purge(transport, expired):
    """Measures checks during a purge, with the database in the page cache and without.

    A third measurement has no expired sessions, for comparison.
    """
    quiet, _ = fill("quiet", LIVING_BESIDE_EXPIRED)
    busy, _ = fill("busy", LIVING_BESIDE_EXPIRED, expired=expired)
    cold = paths.fresh_folder("cold") / "data"
    shutil.copytree(busy, cold)
    before = count_sessions(busy)
    # The system writes the copy later, which would disturb the measurements.
    os.sync()
    say("checks without expired sessions")
    alone = moderate_checks(quiet, transport, QUIET_SECONDS)
    say("checks during a purge")
    during = moderate_checks(busy, transport, PURGE_SECONDS)
    say("checks during a purge, with an empty page cache")
    drop_from_page_cache(cold / "kunci.db")
    from_disk = moderate_checks(cold, transport, PURGE_SECONDS)
    return {
        "alone": alone,
        "during": during,
        "from_disk": from_disk,
        "removed": before - count_sessions(busy),
        "expired": expired,
    }


def tables(data):
    """Formats the results as Markdown tables."""
    rows, first = [], None
    for name, figures in data["sizes"].items():
        checks = median(figures["rate"])
        first = first or checks
        rows.append(
            [
                name,
                spread(figures["rate"]),
                ratio(first / checks),
                formatted(median(figures.get("cpu")), micros),
                millis(median(figures["p99"])),
                f"{data['bytes'][name]:.0f}",
                seconds_as_millis(median(figures["first_answer"])),
                f"{median(figures['memory']) / 1e6:.1f} MB",
            ]
        )
    rows.append(
        [
            f"{VISITORS:,} of visitors",
            NOTHING,
            NOTHING,
            NOTHING,
            NOTHING,
            f"{data['visitor_bytes']:.0f}",
            NOTHING,
            NOTHING,
        ]
    )
    head = [
        "sessions",
        "checks/s",
        "slowdown",
        "CPU per check",
        "p99",
        "bytes per session",
        "first answer",
        "memory after load",
    ]
    purge = data["purge"]
    kinds = (
        ("without expired sessions", purge["alone"]),
        ("during the purge", purge["during"]),
        ("during the purge, empty page cache", purge["from_disk"]),
    )
    steps = [
        [
            words,
            f"{figures['rate']:,.0f}",
            millis(figures["p50"]),
            millis(figures["p99"]),
            millis(figures["p999"]),
            millis(figures["max"]),
            f"{figures['read'] / 1e6:.1f} MB",
        ]
        for words, figures in kinds
    ]
    step_head = ["session checks", "checks/s", "p50", "p99", "p99.9", "maximum", "read from disk"]
    return (
        f"Measured on {data['date']} with `make bench-scale`: "
        f"Kunci on {data['transport']} and SQLite, "
        f"{data['rounds']} rounds of {data['seconds']} seconds per size.\n{data['machine']}\n\n"
        f"{table(head, rows)}\n"
        f"The purge removed {purge['removed']:,} of {purge['expired']:,} expired sessions in the "
        f"{PURGE_SECONDS} seconds of the measurement.\n\n"
        f"{table(step_head, steps)}"
    )


def main():
    """Measures, writes the report and removes temporary files."""
    paths.require_wrk()
    sizes = [int(size) for size in paths.setting("SIZES", "10000 1000000 10000000").split()]
    rounds, seconds = paths.setting("ROUNDS", 3), paths.setting("SECONDS", 5)
    expired = paths.setting("EXPIRED", 1_000_000)
    transport = programs.transports()[0]
    try:
        filled = {size: fill(f"size-{size}", size) for size in sizes}
        _, visitor_bytes = fill("visitors", VISITORS, users=0)
        measured = {
            "date": machine.today(),
            "machine": machine.description(),
            "transport": transport,
            "rounds": rounds,
            "seconds": seconds,
            "bytes": {f"{size:,}": length / size for size, (_, length) in filled.items()},
            "visitor_bytes": visitor_bytes / VISITORS,
            "sizes": check_sizes(filled, transport, rounds, seconds),
            "purge": measure_purge(transport, expired),
        }
    finally:
        paths.remove_temporary()
    (WORK / "scale.json").write_text(json.dumps(measured, indent=1))
    text = tables(measured)
    (WORK / "scale.md").write_text(text)
    report.put_between("scale", text, ROOT / "docs" / "performance.md")
    print(text)
    say("updated docs/performance.md")


if __name__ == "__main__":
    main()
