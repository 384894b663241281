"""`./yiyuan screen` (批量筛查): who is entitled and unpaid, from files alone.

In: a scheme directory, registers, settlements and claimed ids as CSV or Parquet. Out: `decisions.parquet`,
`refused.parquet` and `manifest.json` in `--out`, and a short table on the terminal.
"""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

ENGINES = ("duckdb", "spark")
DATES = ("admission", "discharge", "settlement")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--scheme", required=True, type=Path, metavar="DIR", help="方案目录")
    parser.add_argument(
        "--version", type=date.fromisoformat, metavar="DATE", help="方案版本的起始日；只有一个版本时可省"
    )
    parser.add_argument(
        "--hardship", required=True, nargs="+", action="extend", metavar="F", help="困难群体名册"
    )
    parser.add_argument(
        "--settlements", required=True, nargs="+", action="extend", metavar="F", help="住院结算"
    )
    parser.add_argument(
        "--claimed", nargs="*", action="extend", default=[], metavar="F", help="已赔付或在办的结算号"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="结果放在哪个文件夹")
    parser.add_argument("--engine", choices=ENGINES, default="duckdb", help="计算引擎")
    parser.add_argument("--on", choices=DATES, default="admission", help="以哪一天为准：入院、出院或结算")
    parser.add_argument("--reading", metavar="NAME", help="采用哪种释义；默认是方案自己的")


def run(options: argparse.Namespace) -> int:
    """Screen the files and print what was found."""
    from yiyuan.interfaces.commands.refusals import told_plainly

    if options.engine != "duckdb":
        return _say("这里只装有 duckdb 引擎；请去掉 --engine spark (only the duckdb engine is installed)", 1)
    return told_plainly(lambda: _screen(options))


def _screen(options: argparse.Namespace) -> int:
    from yiyuan.batch.run import ScreenRequest, screen
    from yiyuan.rules.scheme_file.loading import load_scheme

    scheme = load_scheme(options.scheme, options.version)
    if options.reading is not None and options.reading not in scheme.top_up.readings:
        return _say(f"方案没有释义 {options.reading}；有的是 {'、'.join(scheme.top_up.readings)}", 2)
    request = ScreenRequest(
        scheme=scheme,
        hardship=tuple(options.hardship),
        settlements=tuple(options.settlements),
        claimed=tuple(options.claimed),
        out=options.out,
        on=options.on,
        reading=options.reading,
    )
    _print_summary(screen(request), options.out)
    return 0


def _say(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


def _print_summary(manifest: dict[str, Any], out: Path) -> None:
    from yiyuan.kernel.money import yuan

    for entry in manifest["inputs"]:
        print(f"{entry['path']}：读 {entry['read']}，收 {entry['accepted']}，拒 {entry['refused']}")
    print(f"结论 {manifest['decisions']} 条；名册之外的结算 {manifest['outside_register']['count']} 条")
    for reason, total in manifest["by_reason"].items():
        print(f"  {reason:<22}{total['count']:>12,}{yuan(total['benefit_fen']):>18} 元")
    print(f"结果在 {out}（用时 {manifest['run']['seconds']} 秒）")
