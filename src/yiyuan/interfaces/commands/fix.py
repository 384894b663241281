"""`./yiyuan fix`: put the code into its form (整理格式).

In: nothing. Out: formatted files; what could not be mended is printed.
"""

import argparse
import subprocess
import sys

from yiyuan.interfaces.commands.check import CODE


def configure(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_options: argparse.Namespace) -> int:
    """Sort, mend and format; 1 when something is left that only a person can mend."""
    from yiyuan.runtime.places import CHECKOUT

    ruff = [sys.executable, "-m", "ruff"]
    left = subprocess.run([*ruff, "check", "--fix", *CODE], cwd=CHECKOUT, check=False).returncode
    form = subprocess.run([*ruff, "format", *CODE], cwd=CHECKOUT, check=False).returncode
    return 1 if left or form else 0
