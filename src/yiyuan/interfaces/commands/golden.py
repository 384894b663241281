"""`./yiyuan golden` (手算案例): run the worked cases of every scheme of the project.

In: nothing. Out: a line for each scheme and each case that does not match; exit 1 with any.
"""

import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare nothing: every scheme is run."""


def run(options: argparse.Namespace) -> int:
    """Print how the worked cases came out; return 1 when one does not match."""
    from yiyuan.rules.checking import Report, check_scheme
    from yiyuan.rules.holidays import BASE_FILE, load_holidays
    from yiyuan.runtime.places import CHECKOUT

    holidays = load_holidays(CHECKOUT / "schemes" / BASE_FILE)
    reports: dict[str, Report] = {
        file.parent.name: check_scheme(file.parent, holidays)
        for file in sorted((CHECKOUT / "schemes").glob("*/sources.yaml"))
    }
    for name, report in reports.items():
        for fault in report.faults:
            print(fault)
        print(f"{name}：{report.cases} 个手算案例，{len(report.faults)} 处不符")
    return 1 if any(report.faults for report in reports.values()) else 0
