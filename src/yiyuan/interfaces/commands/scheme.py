"""`./yiyuan scheme check` (检查方案): validate a scheme directory and run its worked cases.

In: a scheme directory. Out: every finding with file and line, then the remarks; exit 1 with findings.
"""

import argparse
import sys
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    check = verbs.add_parser("check", help="检查方案目录，跑手算案例 (validate, run the worked cases)")
    check.add_argument("directory", type=Path, metavar="DIR", help="方案目录 (scheme directory)")


def run(options: argparse.Namespace) -> int:
    """Print what the check found; return 1 when anything is wrong."""
    from yiyuan.kernel.errors import CalendarError
    from yiyuan.rules.checking import check_scheme
    from yiyuan.rules.holidays import BASE_FILE, load_holidays
    from yiyuan.runtime.places import CHECKOUT

    try:
        report = check_scheme(options.directory, load_holidays(CHECKOUT / "schemes" / BASE_FILE))
    except CalendarError as error:
        print(error, file=sys.stderr)
        return 1
    for remark in [*report.assumed, *report.untranslated]:
        print(f"提示 {remark}")
    for remark in report.remarks:
        print(f"请再看 {remark}")
    for fault in report.faults:
        print(fault)
    verdict = f"有 {len(report.faults)} 处要改" if report.faults else "没有错误"
    print(
        f"{options.directory}：{report.versions} 个版本，{report.cases} 个手算案例，"
        f"{len(report.assumed)} 处推定，{len(report.untranslated)} 处没有英文，"
        f"{len(report.remarks)} 处请再看；{verdict}"
    )
    return 1 if report.faults else 0
