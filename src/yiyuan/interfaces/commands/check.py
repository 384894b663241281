"""`./yiyuan check`: everything that can be known in two minutes (快速检查).

In: the checkout. Out: each part with its time; the words of those that failed; 1 when one did.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from yiyuan.interfaces.commands.refusals import told_plainly

CODE = ("src", "tests", "yiyuan")
PARTS_AT_ONCE = 2


@dataclass(frozen=True)
class Part:
    """One check: what it is called, and its command."""

    title: str
    command: list[str]
    uses_database: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a part."""

    part: Part
    is_passed: bool
    seconds: float
    words: str


def configure(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_options: argparse.Namespace) -> int:
    """Run all parts, two at a time; 0 when every one passed."""
    return told_plainly(_check)


def parts() -> list[Part]:
    """Return the parts, the longest first, so that two processors end together."""
    from yiyuan.interfaces.commands.test import in_parallel, pytest_command

    python = [sys.executable, "-P", "-m"]
    quick = ["-q", "-m", "not slow and not browser", "tests/unit", "tests/property", "tests/architecture"]
    return [
        Part("类型 (mypy --strict)", [*python, "mypy"]),
        Part("单元与性质测试 (unit, property)", pytest_command(*in_parallel(quick), *quick)),
        Part(
            "迁移 (makemigrations --check)",
            # Django's own, because ours would use the city and its keys.
            [*python, "django", "makemigrations", "--check", "--dry-run"],
            uses_database=True,
        ),
        Part("分层 (import contracts)", [str(Path(sys.executable).parent / "lint-imports")]),
        Part("方案 (scheme check)", [*python, "yiyuan", "scheme", "check", "schemes/zhumadian-yiyuan"]),
        Part("代码 (ruff check)", [*python, "ruff", "check", *CODE]),
        Part("格式 (ruff format --check)", [*python, "ruff", "format", "--check", *CODE]),
    ]


def _check() -> int:
    from yiyuan.runtime.cluster import TESTS
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.secrets import fresh_keys
    from yiyuan.runtime.surroundings import COUNTIES, SETTINGS_MODULE

    began = time.monotonic()
    with running_database(TESTS) as urls:
        # Keys of their own: a check needs no city, and must not make the keys of one.
        # Its tests see the whole city, as those of `./yiyuan test` do: settings are read before they start.
        environment = os.environ | fresh_keys() | {"DJANGO_SETTINGS_MODULE": SETTINGS_MODULE, COUNTIES: "*"}
        with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
            running = [
                pool.submit(_run_part, part, environment | (urls.environment() if part.uses_database else {}))
                for part in parts()
            ]
            outcomes = [_told(future.result()) for future in as_completed(running)]
    failed = [outcome.part.title for outcome in outcomes if not outcome.is_passed]
    took = f"{time.monotonic() - began:.1f} 秒"
    if failed:
        print(f"\n没有通过 (failed), {took}: {'、'.join(failed)}")
        return 1
    print(f"\n全部通过 (all passed), {len(outcomes)} 项, {took}")
    return 0


def _run_part(part: Part, environment: dict[str, str]) -> Outcome:
    from yiyuan.runtime.places import CHECKOUT

    began = time.monotonic()
    done = subprocess.run(
        part.command,
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Outcome(part, done.returncode == 0, time.monotonic() - began, done.stdout)


def _told(outcome: Outcome) -> Outcome:
    mark = "✓" if outcome.is_passed else "✗"
    print(f"{mark} {outcome.part.title}  {outcome.seconds:.1f} 秒", flush=True)
    if not outcome.is_passed:
        print("".join(f"    {line}\n" for line in outcome.words.splitlines()), end="", flush=True)
    return outcome
