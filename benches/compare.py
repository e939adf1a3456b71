"""Compares Kunci with its peers and writes tables and a chart into docs/performance.md.

`make bench` builds everything and runs this program. Environment variables: ROUNDS (default 3),
SECONDS per measurement (default 3), SESSIONS in the SQLite stores (default 1,000,000).
For example: ROUNDS=2 make bench
"""

import json
import os
import subprocess
import time

from runner import machine, memory, paths, plot, programs, report, scenarios, sign_ins
from runner.paths import ROOT, WORK, say


def fill(sessions):
    """Fills the stores that start with many sessions, and returns their folders."""
    started = time.monotonic()
    folders = {
        "axum-memory": paths.fresh_folder("axum-memory"),
        "axum-sqlite": paths.fresh_folder("axum-sqlite"),
        "kunci": paths.fresh_folder("filled") / "data",
    }
    say(f"filling the SQLite stores with {sessions:,} sessions")
    subprocess.run(
        [
            paths.BUILT / "fill",
            folders["kunci"],
            "--sessions",
            str(sessions),
            "--users",
            str(max(sessions // 20, 2)),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    file = folders["axum-sqlite"] / "sessions.db"
    subprocess.run(
        [
            paths.BUILT / "axum-sqlite",
            "fill",
            file,
            str(sessions),
            folders["axum-sqlite"] / "cookies",
        ],
        check=True,
    )
    say(f"filled in {time.monotonic() - started:.0f} s")
    return folders


def measure(everything, filled, rounds, seconds):
    """Runs every scenario."""
    results = scenarios.Results()
    ours = [program for program in everything if program.is_kunci]
    on_disk = [program for program in ours if program.store == "SQLite"]
    scenarios.check_one_session(results, everything, rounds, seconds)
    many = programs.with_many_sessions(everything, filled)
    scenarios.check_many_sessions(results, many, rounds, seconds)
    creators = [program for program in everything if program.new_session]
    scenarios.create_sessions(results, creators, rounds, seconds)
    sign_ins.sign_in_rate(results, on_disk, rounds, seconds)
    sign_ins.checks_during_flood(results, on_disk, rounds, seconds)
    memory.peak_memory(results, on_disk, seconds)
    return results.plain()


def describe(program):
    """Returns the properties of a program for the tables."""
    size = os.path.getsize(program.binary) if program.binary else None
    return {
        "name": program.name,
        "kunci": program.is_kunci,
        "transport": program.transport,
        "store": program.store,
        "size": size,
    }


def main():
    """Measures, writes the report and removes temporary files."""
    paths.require_wrk()
    rounds = paths.setting("ROUNDS", 3)
    seconds = paths.setting("SECONDS", 3)
    sessions = paths.setting("SESSIONS", 1_000_000)
    started = time.monotonic()
    try:
        filled = fill(sessions)
        everything = programs.all_programs(filled)
        results = measure(everything, filled, rounds, seconds)
    finally:
        paths.remove_temporary()
    data = {
        "date": machine.today(),
        "machine": machine.description(),
        "rounds": rounds,
        "seconds": seconds,
        "sessions": sessions,
        "load": machine.load_generator(),
        "programs": [describe(program) for program in everything],
        "results": results,
    }
    (WORK / "comparison.json").write_text(json.dumps(data, indent=1))
    tables = report.comparison(data)
    (WORK / "comparison.md").write_text(tables)
    (WORK / "comparison.svg").write_text(plot.comparison(data))
    report.put_between("comparison", tables, ROOT / "docs" / "performance.md")
    (ROOT / "docs" / "performance.svg").write_text(plot.comparison(data))
    print(tables)
    say(f"measured in {time.monotonic() - started:.0f} s")
    say("updated docs/performance.md and its chart")


if __name__ == "__main__":
    main()
