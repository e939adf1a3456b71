"""Session checks of one and of many sessions, and new sessions, for every program.

In each round, every program runs once, so that other load on the machine affects all of them.
"""

import time
from collections import defaultdict

from runner import load
from runner.load import Request
from runner.paths import say

WARM_UP = 1
REST = 0.3


class Results:
    """The results of every round, by scenario and program."""

    def __init__(self):
        self.figures = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, scenario, name, **figures):
        """Adds the results of one run."""
        for key, value in figures.items():
            self.figures[scenario][name][key].append(value)

    def plain(self):
        """Returns the results as plain dictionaries."""
        return {
            scenario: {name: dict(figures) for name, figures in programs.items()}
            for scenario, programs in self.figures.items()
        }


def run_rounds(what, programs, rounds, run):
    """Runs every program once per round. A program that fails is skipped from then on."""
    programs = list(programs)
    for number in range(1, rounds + 1):
        for program in list(programs):
            say(f"{what}, round {number} of {rounds}: {program.name}")
            try:
                run(program)
            except (RuntimeError, OSError) as error:
                say(f"skipped: {program.name}: {error}")
                programs.remove(program)


def check_one_session(results, programs, rounds, seconds):
    """Measures GET /profile with one cookie, and also memory and the first answer."""

    def run(program):
        with program.start() as server:
            time.sleep(REST)
            idle = server.resident()
            request = Request("/profile", cookie=program.sign_in(server))
            load.run(server.port, request, WARM_UP)
            figures = load.run_with_cpu(server, request, seconds)
            results.add(
                "check",
                program.name,
                idle=idle,
                loaded=server.resident(),
                first_answer=server.first_answer,
                **figures,
            )

    run_rounds("one session", programs, rounds, run)


def check_many_sessions(results, programs, rounds, seconds):
    """Measures GET /profile with many cookies in turn."""

    def run(program):
        with program.start() as server:
            program.sign_in(server)
            request = Request("/profile", cookies=program.cookies_file())
            load.run(server.port, request, WARM_UP)
            figures = load.run_with_cpu(server, request, seconds)
            results.add("many", program.name, loaded=server.resident(), **figures)

    run_rounds("many sessions", programs, rounds, run)


def create_sessions(results, programs, rounds, seconds):
    """Measures requests that each create a session, on stores that start empty."""

    def run(program):
        with program.start() as server:
            load.run(server.port, program.new_session, WARM_UP)
            figures = load.run_with_cpu(server, program.new_session, seconds)
            results.add("new", program.name, **figures)

    run_rounds("new sessions", [program.fresh() for program in programs], rounds, run)
