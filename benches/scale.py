"""Measures Kunci with few and with very many sessions, and checks while ended ones are removed.

Run it by `make bench-scale`, which builds everything first. SIZES (numbers of sessions), EXPIRED,
ROUNDS and SECONDS in the environment change what is measured.
Left out: any judgement; nothing is asserted.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import time
from dataclasses import replace

from runner import load, machine, places, programs, report, scenarios
from runner.figures import NOTHING, millis, middle, ratio, seconds_as_millis, spread, table
from runner.load import Shot
from runner.places import ROOT, WORK, say
from runner.sign_ins import CALM_CLIENTS, CALM_PAUSE

ACCOUNTS = 1_000
VISITORS = 200_000
LIVING_BESIDE_EXPIRED = 100_000
QUIET_SECONDS = 20
PURGE_SECONDS = 60


def fill(name, sessions, users=ACCOUNTS, expired=0):
    """Fill a data folder; say where it is and how large its database became."""
    data = places.fresh_folder(name) / "data"
    say(f"filling: {sessions + expired:,} sessions")
    begun = time.monotonic()
    subprocess.run(
        [
            places.BUILT / "fill",
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
    say(f"filled in {time.monotonic() - begun:.0f} s")
    return data, (data / "kunci.db").stat().st_size


def check_sizes(filled, transport, rounds, seconds):
    """Check 20,000 sessions in turn on each size, size after size and round after round."""
    results = scenarios.Results()
    sized = [
        replace(programs.kunci(transport, "SQLite", data), name=f"{size:,}")
        for size, (data, _) in filled.items()
    ]

    def turn(program):
        with program.start() as server:
            shot = Shot("/profile", cookies=program.cookies_file())
            load.run(server.port, shot, scenarios.WARM_UP)
            results.add(
                "scale",
                program.name,
                first_answer=server.first_answer,
                **load.run(server.port, shot, seconds),
                memory=server.resident(),
            )

    scenarios.in_turns("sizes", sized, rounds, turn)
    return results.plain()["scale"]


def calm_checks(data, transport, seconds):
    """The latency of a modest stream of checks, from the start of the server on."""
    program = programs.kunci(transport, "SQLite", data)
    with program.start() as server:
        shot = Shot("/profile", cookies=program.cookies_file(), pause=CALM_PAUSE)
        figures = load.run(server.port, shot, seconds, CALM_CLIENTS)
        return figures | {"read": server.read_from_disk()}


def forget_pages(path):
    """Have the system read a file from the disk again, as after the machine was started."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def count_sessions(data):
    """How many rows there are, living or not."""
    with sqlite3.connect(f"file:{data / 'kunci.db'}?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM sessions").fetchone()[0]


def measure_purge(transport, expired):
    """Checks while ended sessions are removed, with the database in memory and on the disk only.

    Beside them, the same checks with nothing to remove.
    """
    quiet, _ = fill("quiet", LIVING_BESIDE_EXPIRED)
    busy, _ = fill("busy", LIVING_BESIDE_EXPIRED, expired=expired)
    cold = places.fresh_folder("cold") / "data"
    shutil.copytree(busy, cold)
    before = count_sessions(busy)
    # What was copied is written at leisure, and would be in the way of what is measured.
    os.sync()
    say("checks with nothing to remove")
    alone = calm_checks(quiet, transport, QUIET_SECONDS)
    say("checks while ended sessions are removed")
    beside = calm_checks(busy, transport, PURGE_SECONDS)
    say("the same, with a database that has to be read from the disk")
    forget_pages(cold / "kunci.db")
    from_disk = calm_checks(cold, transport, PURGE_SECONDS)
    return {
        "alone": alone,
        "beside": beside,
        "from_disk": from_disk,
        "removed": before - count_sessions(busy),
        "expired": expired,
    }


def tables(data):
    """What was measured, in Markdown."""
    rows, first = [], None
    for name, figures in data["sizes"].items():
        checks = middle(figures["rate"])
        first = first or checks
        rows.append(
            [
                name,
                spread(figures["rate"]),
                ratio(first / checks),
                millis(middle(figures["p99"])),
                f"{data['bytes'][name]:.0f}",
                seconds_as_millis(middle(figures["first_answer"])),
                f"{middle(figures['memory']) / 1e6:.1f} MB",
            ]
        )
    rows.append(
        [
            f"{VISITORS:,}, visitors'",
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
        "times slower",
        "p99",
        "bytes of disk each",
        "first answer",
        "memory after",
    ]
    purge = data["purge"]
    kinds = (
        ("nothing to remove", purge["alone"]),
        ("while they are removed", purge["beside"]),
        ("the same, nothing of the database in memory", purge["from_disk"]),
    )
    steps = [
        [
            words,
            f"{shot['rate']:,.0f}",
            millis(shot["p50"]),
            millis(shot["p99"]),
            millis(shot["p999"]),
            millis(shot["max"]),
            f"{shot['read'] / 1e6:.1f} MB",
        ]
        for words, shot in kinds
    ]
    step_head = ["checks", "per second", "p50", "p99", "p99.9", "slowest", "read from the disk"]
    return (
        f"Measured on {data['date']} by `make bench-scale`, "
        f"Kunci on {data['transport']} and SQLite, "
        f"{data['rounds']} rounds of {data['seconds']} seconds in turns.\n{data['machine']}\n\n"
        f"{table(head, rows)}\n"
        f"Of {purge['expired']:,} ended sessions, {purge['removed']:,} were removed in the "
        f"{PURGE_SECONDS} seconds in which checks were measured.\n\n"
        f"{table(step_head, steps)}"
    )


def main():
    """Measure, write down, and clean up."""
    places.require_wrk()
    sizes = [int(size) for size in places.setting("SIZES", "10000 1000000 10000000").split()]
    rounds, seconds = places.setting("ROUNDS", 3), places.setting("SECONDS", 5)
    expired = places.setting("EXPIRED", 1_000_000)
    transport = programs.transports()[0]
    try:
        filled = {size: fill(f"size-{size}", size) for size in sizes}
        _, visitor_bytes = fill("visitors", VISITORS, users=0)
        measured = {
            "date": machine.today(),
            "machine": machine.in_words(),
            "transport": transport,
            "rounds": rounds,
            "seconds": seconds,
            "bytes": {f"{size:,}": length / size for size, (_, length) in filled.items()},
            "visitor_bytes": visitor_bytes / VISITORS,
            "sizes": check_sizes(filled, transport, rounds, seconds),
            "purge": measure_purge(transport, expired),
        }
    finally:
        places.remove_temporary()
    (WORK / "scale.json").write_text(json.dumps(measured, indent=1))
    text = tables(measured)
    (WORK / "scale.md").write_text(text)
    report.put_between("scale", text, ROOT / "docs" / "performance.md")
    print(text)
    say("docs/performance.md is renewed")


if __name__ == "__main__":
    main()
