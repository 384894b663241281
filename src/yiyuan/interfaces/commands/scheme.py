"""`./yiyuan scheme …` (方案): check a directory, compare plans, replay the past, write the guide.

In: scheme directories or files. Out: every finding with file and line, then the remarks; what differs in
words and numbers. Exit 1 with findings.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from yiyuan.interfaces.commands import scheme_guide, scheme_premium, scheme_replay

if TYPE_CHECKING:
    from yiyuan.rules.cases import Case


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    check = verbs.add_parser("check", help="检查方案目录，跑手算案例 (validate, run the worked cases)")
    check.add_argument("directory", type=Path, metavar="DIR", help="方案目录 (scheme directory)")
    check.add_argument("--json", action="store_true", help="每处一个 JSON 对象 (one JSON object a finding)")
    check.set_defaults(run_verb=_check)
    diff = verbs.add_parser("diff", help="比较两份方案 (what differs, in words and numbers)")
    for name, words in (("old", "原来的方案 (scheme directory or version file)"), ("new", "新的方案")):
        diff.add_argument(name, type=Path, metavar=name.upper(), help=words)
    diff.set_defaults(run_verb=_diff)
    replay = verbs.add_parser("replay", help="过去的案子按新方案重算 (who gains, who loses, at what cost)")
    scheme_replay.configure(replay)
    replay.set_defaults(run_verb=scheme_replay.run)
    reference = verbs.add_parser("reference", help="方案文件的参考页 (every key of the file, as Markdown)")
    reference.set_defaults(run_verb=_reference)
    guide = verbs.add_parser("guide", help="写理赔指南 (the guide for residents, PDF or HTML)")
    scheme_guide.configure(guide)
    premium = verbs.add_parser("premium", help="保费账单 (what each county pays in, who pays it, when)")
    scheme_premium.configure(premium)


def run(options: argparse.Namespace) -> int:
    """Do what the verb says; return 1 with findings."""
    code: int = options.run_verb(options)
    return code


def _reference(options: argparse.Namespace) -> int:
    from yiyuan.rules.scheme_file.reference import load_schema, reference

    print(reference(load_schema()), end="")
    return 0


def _diff(options: argparse.Namespace) -> int:
    from yiyuan.kernel.errors import YiyuanError
    from yiyuan.rules.differences import differences, effects
    from yiyuan.rules.holidays import BASE_FILE, load_holidays
    from yiyuan.rules.scheme_file.loading import load_file, read_tree
    from yiyuan.runtime.places import CHECKOUT

    try:
        old, new = _version_file(options.old), _version_file(options.new)
        found = differences(read_tree(old), read_tree(new))
        cases = {case.name: case for file in (new, old) for case in _golden_cases(file.parent)}
        holidays = load_holidays(CHECKOUT / "schemes" / BASE_FILE)
        changed, compared = effects(load_file(old), load_file(new), list(cases.values()), holidays)
    except YiyuanError as error:
        print(error, file=sys.stderr)
        return 1
    for difference in found:
        print(difference)
    for effect in changed:
        print(f"案例 {effect}")
    print(f"{old} → {new}：{len(found)} 处不同；{compared} 个手算案例里 {len(changed)} 个结果不同")
    return 0


def _version_file(path: Path) -> Path:
    from yiyuan.rules.scheme_file.loading import version_files

    # Of a directory the newest version is meant.
    return path if path.is_file() else version_files(path)[-1]


def _golden_cases(directory: Path) -> "list[Case]":
    from yiyuan.rules.checking import GOLDEN
    from yiyuan.rules.scheme_file.loading import load_cases

    return [case for file in sorted((directory / GOLDEN).glob("*.yaml")) for case in load_cases(file)]


def _check(options: argparse.Namespace) -> int:
    from yiyuan.kernel.errors import CalendarError
    from yiyuan.rules.checking import check_scheme
    from yiyuan.rules.holidays import BASE_FILE, load_holidays
    from yiyuan.runtime.places import CHECKOUT

    try:
        report = check_scheme(options.directory, load_holidays(CHECKOUT / "schemes" / BASE_FILE))
    except CalendarError as error:
        print(error, file=sys.stderr)
        return 1
    if options.json:
        for severity, one in report.by_severity():
            found = {
                "severity": severity,
                "file": one.file,
                "line": one.line or None,
                "clause": one.clause,
                "text": one.message,
            }
            print(json.dumps(found, ensure_ascii=False))
        return 1 if report.faults else 0
    for remark in report.remarks:
        print(f"请再看 {remark}")
    for remark in report.assumed:
        print(f"提示 {remark}")
    if report.untranslated:
        print(f"提示 {len(report.untranslated)} 处没有英文，页面上先用中文（--json 逐处列出）")
    for fault in report.faults:
        print(fault)
    verdict = f"有 {len(report.faults)} 处要改" if report.faults else "没有错误"
    print(
        f"{options.directory}：{report.versions} 个版本，{report.cases} 个手算案例，"
        f"{len(report.assumed)} 处推定，{len(report.untranslated)} 处没有英文，"
        f"{len(report.remarks)} 处请再看；{verdict}"
    )
    return 1 if report.faults else 0
