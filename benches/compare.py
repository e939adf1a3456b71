"""Compares Kunci with its peers and writes tables and a plot into docs/performance.md.

Run it by `make bench`, which builds everything first. ROUNDS, SECONDS and SESSIONS in the
environment change how often, how long and on how many sessions is measured.
Left out: any judgement; nothing is asserted.
"""

import json
import os
import subprocess
import time

from runner import floods, machine, places, plot, programs, report, scenarios, sign_ins
from runner.places import ROOT, WORK, say


def fill(sessions):
    """Fill the stores that begin with many sessions; say where they are."""
    begun = time.monotonic()
    folders = {
        "axum-memory": places.fresh_folder("axum-memory"),
        "axum-sqlite": places.fresh_folder("axum-sqlite"),
        "kunci": places.fresh_folder("filled") / "data",
    }
    say(f"filling the SQLite stores with {sessions:,} sessions")
    subprocess.run(
        [
            places.BUILT / "fill",
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
            places.BUILT / "axum-sqlite",
            "fill",
            file,
            str(sessions),
            folders["axum-sqlite"] / "cookies",
        ],
        check=True,
    )
    say(f"filled in {time.monotonic() - begun:.0f} s")
    return folders


def measure(everything, filled, rounds, seconds):
    """Run every scenario."""
    results = scenarios.Results()
    ours = [program for program in everything if program.is_kunci]
    on_disk = [program for program in ours if program.store == "SQLite"]
    scenarios.check_one_session(results, everything, rounds, seconds)
    many = programs.with_many_sessions(everything, filled)
    scenarios.check_many_sessions(results, many, rounds, seconds)
    makers = [program for program in everything if program.new_session]
    scenarios.make_sessions(results, makers, rounds, seconds)
    sign_ins.sign_in_rate(results, on_disk, rounds, seconds)
    sign_ins.checks_during_flood(results, on_disk, rounds, seconds)
    floods.peak_memory(results, on_disk, seconds)
    return results.plain()


def describe(program):
    """What the tables say of a program apart from what was measured."""
    size = os.path.getsize(program.binary) if program.binary else None
    return {
        "name": program.name,
        "kunci": program.is_kunci,
        "transport": program.transport,
        "store": program.store,
        "size": size,
    }


def main():
    """Measure, write down, and clean up."""
    places.require_wrk()
    rounds = places.setting("ROUNDS", 3)
    seconds = places.setting("SECONDS", 3)
    sessions = places.setting("SESSIONS", 1_000_000)
    begun = time.monotonic()
    try:
        filled = fill(sessions)
        everything = programs.all_programs(filled)
        results = measure(everything, filled, rounds, seconds)
    finally:
        places.remove_temporary()
    written = {
        "date": machine.today(),
        "machine": machine.in_words(),
        "rounds": rounds,
        "seconds": seconds,
        "sessions": sessions,
        "load": machine.load_generator(),
        "programs": [describe(program) for program in everything],
        "results": results,
    }
    (WORK / "comparison.json").write_text(json.dumps(written, indent=1))
    tables = report.comparison(written)
    (WORK / "comparison.md").write_text(tables)
    (WORK / "comparison.svg").write_text(plot.comparison(written))
    report.put_between("comparison", tables, ROOT / "docs" / "performance.md")
    (ROOT / "docs" / "performance.svg").write_text(plot.comparison(written))
    print(tables)
    say(f"measured in {time.monotonic() - begun:.0f} s")
    say("docs/performance.md and its plot are renewed")


if __name__ == "__main__":
    main()
