"""`./yiyuan test`: all tests, on a database server of their own (测试).

In: pytest's arguments. Out: pytest's report; 0 when everything passed, 1 when not, 2 for wrong arguments.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from yiyuan.interfaces.commands.refusals import told_plainly

PYTEST_WRONG_USE = 4


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
    return _exit_code(subprocess.run(pytest_command(*words), cwd=CHECKOUT, check=False).returncode)


def pytest_command(*words: str) -> list[str]:
    """Return the command that runs pytest over everything but the benchmarks."""
    return [sys.executable, "-P", "-m", "pytest", "--ignore=tests/benchmark", *words]


def _exit_code(code: int) -> int:
    if code == PYTEST_WRONG_USE:
        return 2
    return 1 if code else 0
