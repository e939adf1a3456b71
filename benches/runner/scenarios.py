"""What is measured of every program in turns: checks of one and of many sessions, new sessions.

All programs take one turn each before any takes its next, so that whatever else the machine does
falls on all of them. Left out: passwords, see sign_ins; memory under floods, see floods.
"""

import time
from collections import defaultdict

from runner import load
from runner.load import Shot
from runner.places import say

WARM_UP = 1
REST = 0.3


class Results:
    """For each scenario and program, every figure of every round."""

    def __init__(self):
        self.figures = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, scenario, name, **figures):
        """Keep the figures of one turn."""
        for key, value in figures.items():
            self.figures[scenario][name][key].append(value)

    def plain(self):
        """The same as plain dictionaries, to be written down."""
        return {
            scenario: {name: dict(figures) for name, figures in programs.items()}
            for scenario, programs in self.figures.items()
        }


def in_turns(what, programs, rounds, turn):
    """Give every program its turn, round after round; who fails is left out from then on."""
    programs = list(programs)
    for number in range(1, rounds + 1):
        for program in list(programs):
            say(f"{what}, round {number} of {rounds}: {program.name}")
            try:
                turn(program)
            except (RuntimeError, OSError) as error:
                say(f"left out: {program.name}: {error}")
                programs.remove(program)


def check_one_session(results, programs, rounds, seconds):
    """GET /profile with one cookie; also how soon and how small a program is."""

    def turn(program):
        with program.start() as server:
            time.sleep(REST)
            idle = server.resident()
            shot = Shot("/profile", cookie=program.sign_in(server))
            load.run(server.port, shot, WARM_UP)
            figures = load.run(server.port, shot, seconds)
            results.add(
                "check",
                program.name,
                idle=idle,
                loaded=server.resident(),
                first_answer=server.first_answer,
                **figures,
            )

    in_turns("one session", programs, rounds, turn)


def check_many_sessions(results, programs, rounds, seconds):
    """GET /profile with many cookies, one after the other."""

    def turn(program):
        with program.start() as server:
            program.sign_in(server)
            shot = Shot("/profile", cookies=program.cookies_file())
            load.run(server.port, shot, WARM_UP)
            figures = load.run(server.port, shot, seconds)
            results.add("many", program.name, loaded=server.resident(), **figures)

    in_turns("many sessions", programs, rounds, turn)


def make_sessions(results, programs, rounds, seconds):
    """A new session with every request, on stores that begin empty."""

    def turn(program):
        with program.start() as server:
            load.run(server.port, program.new_session, WARM_UP)
            figures = load.run(server.port, program.new_session, seconds)
            results.add("new", program.name, **figures)

    in_turns("new sessions", [program.fresh() for program in programs], rounds, turn)
