"""Paths, settings from the environment, and progress messages."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench"
KUNCI = ROOT / "target" / "release" / "kunci"
BUILT = WORK / "build" / "release"
PEERS = ROOT / "benches" / "peers"
LOAD = ROOT / "benches" / "load.lua"
GUNICORN = ROOT / "benches" / ".venv" / "bin" / "gunicorn"


def require_wrk():
    """Exits with a hint if the load generator is missing."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: on Debian, run apt-get install wrk")


def fresh_folder(name):
    """Creates an empty temporary folder."""
    path = WORK / "run" / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def remove_temporary():
    """Removes databases and logs, but no built programs."""
    shutil.rmtree(WORK / "run", ignore_errors=True)


def setting(name, default):
    """Reads a setting of the same type as the default from the environment."""
    text = os.environ.get(name, "")
    try:
        return type(default)(text) if text else default
    except ValueError:
        sys.exit(f"invalid value {text!r} for {name}: expected a number")


def say(text):
    """Prints a progress message at once."""
    print(text, flush=True)
