"""Children (子进程计量): a whole program's cost, as the operating system counts it.

In: a command. Out: its processor seconds (user and system), its peak memory and its time on the wall.
Processor seconds hardly move under other load, seconds on the wall do; so ratios are taken of the former.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took."""

    cpu_seconds: float
    peak_gib: float
    wall_seconds: float


def run_python(*words: str) -> Cost:
    """Run `python -m` with the words in the checkout and return its cost.

    :raises RuntimeError: when it fails; the message carries what it said.
    """
    return run([sys.executable, "-m", *words])


def run(command: Sequence[str]) -> Cost:
    """Run the command in the checkout and return its cost.

    :raises RuntimeError: when it fails; the message carries what it said.
    """
    begun = time.monotonic()
    surroundings = {**os.environ, "PYTHONPATH": f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}"}
    child = subprocess.Popen(
        command, cwd=CHECKOUT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None, "stderr is a pipe"
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{said}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024**2, time.monotonic() - begun)
