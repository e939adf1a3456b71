"""Describes the machine for the report, without names of hosts or users."""

import os
import platform
import subprocess
from datetime import datetime, timezone


def description():
    """Returns one sentence on processor, memory and system."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = "virtual machine" if _is_virtual() else "machine"
    return (
        f"A {kind} with {cores} cores ({_processor()}), {memory:.0f} GiB of memory, "
        f"{platform.system()} {platform.release().split('-')[0]}. "
        "The load generator runs on the same cores."
    )


def today():
    """Returns the date in UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d")


def load_generator():
    """Returns the name and version of wrk."""
    shown = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return " ".join((shown.stdout or shown.stderr).split()[:2])


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def _is_virtual():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return any(line.startswith("flags") and " hypervisor" in line for line in lines)
