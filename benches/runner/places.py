"""Where things are: the repository, the built programs, and the folder for whatever is temporary.

Left out: building; the Makefile does that.
"""

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
    """End with a hint when there is no load generator."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: on Debian, run apt-get install wrk")


def fresh_folder(name):
    """Make an empty folder below the one for temporary things."""
    path = WORK / "run" / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def remove_temporary():
    """Remove databases and logs; what was built stays."""
    shutil.rmtree(WORK / "run", ignore_errors=True)


def setting(name, default):
    """Read a number from the environment."""
    text = os.environ.get(name, "")
    try:
        return type(default)(text) if text else default
    except ValueError:
        sys.exit(f"{name} must be a number, not {text!r}")


def say(text):
    """Tell what goes on."""
    print(text, flush=True)
