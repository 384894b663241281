"""`./yiyuan assess` (逐案理算): decide the cases of a YAML file by a scheme directory, no database.

In: a scheme directory and a case file. Out: one JSON object a line; exit 1 when a case does not match what
was worked out by hand, or cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yiyuan.kernel.workdays import HolidayRow
    from yiyuan.rules.assessment import Assessment
    from yiyuan.rules.cases import Case
    from yiyuan.rules.terms import SchemeVersion


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--scheme", type=Path, required=True, metavar="DIR", help="方案目录 (scheme directory)"
    )
    parser.add_argument("--cases", type=Path, required=True, metavar="FILE", help="案例文件 (YAML)")
    parser.add_argument(
        "--version",
        type=date.fromisoformat,
        metavar="DATE",
        help="用从这一天起的版本；不写就按出险日选 (version by its first day; default: by the date of loss)",
    )


def run(options: argparse.Namespace) -> int:
    """Print the assessments; return 1 when a case is unreadable, outside every version, or does not match."""
    from yiyuan.kernel.errors import YiyuanError
    from yiyuan.rules.holidays import BASE_FILE, load_holidays
    from yiyuan.rules.scheme_file.loading import load_cases, load_scheme, load_versions
    from yiyuan.runtime.places import CHECKOUT

    try:
        if options.version is None:
            versions = load_versions(options.scheme)
        else:
            versions = (load_scheme(options.scheme, options.version),)
        cases = load_cases(options.cases)
        holidays = load_holidays(CHECKOUT / "schemes" / BASE_FILE)
    except YiyuanError as error:
        print(error, file=sys.stderr)
        return 1
    failed = [case.name for case in cases if not _print_case(versions, case, holidays)]
    return 1 if failed else 0


def _print_case(versions: "Sequence[SchemeVersion]", case: "Case", holidays: "Sequence[HolidayRow]") -> bool:
    from yiyuan.kernel.errors import YiyuanError
    from yiyuan.rules.assessment import assess, choose_version
    from yiyuan.rules.expectations import mismatches

    try:
        assessment = assess(choose_version(versions, case), case, holidays)
    except YiyuanError as error:
        print(error, file=sys.stderr)
        return False
    answer = as_json(assessment)
    wrong = mismatches(assessment, case)
    if case.expect is not None:
        answer["match"] = not wrong
    print(json.dumps(answer, ensure_ascii=False))
    for difference in wrong:
        print(f"案例“{case.name}”：{difference}", file=sys.stderr)
    return not wrong


def as_json(assessment: "Assessment") -> dict[str, Any]:
    """Return the assessment as the object that is printed; amounts in fen, dates ISO 8601."""
    deadline = assessment.deadline
    return {
        "case": assessment.case,
        "outcome": assessment.outcome,
        "benefit_fen": assessment.benefit_fen,
        "by_benefit": assessment.by_benefit,
        "by_person": assessment.by_person,
        "trace": [step._asdict() for step in assessment.trace],
        "deadline": deadline
        and {
            "due_on": deadline.due_on.isoformat(),
            **({"due_at": deadline.due_at.isoformat()} if deadline.due_at else {}),
            "rule": deadline.rule,
            "provisional": deadline.provisional,
        },
        "undecided": list(assessment.undecided),
    }
