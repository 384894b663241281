"""`./yiyuan bench` (性能测量): measure, compare, and say which targets are met.

In: names of benchmarks, each a module of `tests/benchmark` with `measure(quick)`. Out: a table, or one
JSON object a line; full runs also go to `benchmarks/results/<name>.json` with the machine and the commit.
1 when a target is missed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.benchmark.figures import Figure

NAMES = (
    *("screen", "intake", "claims", "assess", "site", "money"),
    *("people", "insight", "api", "growth", "peers"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"测哪些：{' '.join(NAMES)}；不写就全测")
    parser.add_argument(
        "--quick", action="store_true", help="小一些，每项一分钟以内 (smaller, a minute a name)"
    )
    parser.add_argument("--json", action="store_true", help="一行一个 JSON 对象 (one object a line)")


def run(options: argparse.Namespace) -> int:
    """Measure the named benchmarks, or all there are; 0 when every target is met."""
    from yiyuan.runtime.places import CHECKOUT

    sys.path.insert(0, str(CHECKOUT))
    available = [name for name in NAMES if find_spec(f"tests.benchmark.{name}")]
    unknown = [name for name in options.names if name not in available]
    if unknown:
        print(f"没有这项测量：{'、'.join(unknown)}；有的是 {'、'.join(available)}", file=sys.stderr)
        return 2
    is_met = True
    for name in options.names or available:
        figures = list(
            measured(import_module(f"tests.benchmark.{name}").measure(options.quick), as_json=options.json)
        )
        if not options.quick:
            keep_figures(CHECKOUT, name, figures)
        is_met = is_met and all(figure.met for figure in figures)
    return 0 if is_met else 1


def measured(figures: "Iterable[Figure]", *, as_json: bool) -> "Iterator[Figure]":
    """Yield figures, each printed as soon as it is there."""
    for figure in figures:
        line = json.dumps(asdict(figure), ensure_ascii=False) if as_json else _line(figure)
        print(line, flush=True)
        yield figure


def _line(figure: "Figure") -> str:
    target = "" if figure.target is None else f"目标 {figure.target}"
    mark = "达到" if figure.met else "未达到"
    value = f"{figure.value:,.10g} {figure.unit}"
    return f"{figure.metric:<72}{value:>20}  {target:<14}{mark}  {figure.baseline}"


def keep_figures(checkout: Path, name: str, figures: "list[Figure]") -> None:
    """Write figures with the machine and the commit; repeating it overwrites them."""
    folder = checkout / "benchmarks" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(checkout),
        "machine": _machine(),
        "figures": [asdict(figure) for figure in figures],
    }
    text = json.dumps(kept, ensure_ascii=False, indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _commit(checkout: Path) -> str | None:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None  # an unpacked archive has no history
    return found.stdout.strip()


def _machine() -> dict[str, Any]:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return {
        "system": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 1024**3, 1),
        "python": platform.python_version(),
    }
