"""`./yiyuan test`: all tests, on a database server of their own (测试).

In: pytest's arguments. Out: pytest's report; 0 when everything passed, 1 when not, 2 for wrong arguments.
The files are shared out among as many processes as there are processors, unless the arguments say otherwise.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from yiyuan.interfaces.commands.refusals import told_plainly

PYTEST_WRONG_USE = 4
PROCESSES_MAX = 8  # each keeps a database and may keep a browser
# Who says one of these says how many processes, or wants to speak with the only one.
CHOOSES_PROCESSES = frozenset(
    {"-n", "--numprocesses", "--maxprocesses", "--dist", "--tx", "-d", "no:xdist"}
    | {"--pdb", "--trace", "-s", "--capture", "--sw", "--stepwise"}
)
RUNS_NO_TEST = frozenset(
    {"--collect-only", "--co", "--fixtures", "--markers", "--help", "-h", "--version", "-V"}
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Take every word as it stands, also those that look like options: they are pytest's."""
    parser.prefix_chars = "\0"
    parser.add_argument("words", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace) -> int:
    """Run the tests; where no Chromium is found the browser tests are left out, unless `CI=true`."""
    return told_plainly(lambda: _test(options.words))


def _test(words: Sequence[str]) -> int:
    from yiyuan.runtime.chromium import find_chromium
    from yiyuan.runtime.places import CHECKOUT

    if find_chromium() is None:
        message = "没有找到 Chromium (no Chromium found; CHROMIUM names one):"
        if os.environ.get("CI") == "true":
            print(f"{message} 浏览器测试无法进行 (CI needs the browser tests)。", file=sys.stderr)
            return 1
        print(f"{message} 跳过浏览器测试 (browser tests are left out)。", flush=True)
    command = pytest_command(*in_parallel(words), *words)
    return _exit_code(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)


def pytest_command(*words: str) -> list[str]:
    """Return the command that runs pytest over everything but the benchmarks."""
    return [sys.executable, "-P", "-m", "pytest", "--ignore=tests/benchmark", *words]


def in_parallel(words: Sequence[str]) -> list[str]:
    """Return the options that share the files out among processes; none where they would not help."""
    from yiyuan.runtime.places import CHECKOUT

    processes = min(os.cpu_count() or 1, PROCESSES_MAX)
    places = {CHECKOUT / word.split("::")[0] for word in words if word.startswith("tests/")}
    # A file stays whole on one process; of a place that is not there pytest alone says so with its own code.
    is_one_file = len(places) == 1 and not any(place.is_dir() for place in places)
    is_lost = not all(place.exists() for place in places)
    if processes == 1 or is_one_file or is_lost or any(_says_how(word) for word in words):
        return []
    # In the order of `tests/order.py`, not by the number of tests in a file.
    return [f"--numprocesses={processes}", "--dist=loadfile", "--no-loadscope-reorder"]


def _says_how(word: str) -> bool:
    is_short_with_number = word.startswith("-n") and word[2:].isalnum()
    return is_short_with_number or word.split("=")[0] in CHOOSES_PROCESSES | RUNS_NO_TEST


def _exit_code(code: int) -> int:
    if code == PYTEST_WRONG_USE:
        return 2
    return 1 if code else 0
