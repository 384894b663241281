"""`./yiyuan scheme replay DRAFT` (按新方案重算): who gains and who loses before a draft is put in force.

In: a draft, the version it is held against, and files, or nothing for the city's own data, or past cases.
Out: a table, or one JSON object with `--json`; `replay.json` and `changes.parquet` in `--out`. Exit 1 with a
message.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.money import yuan

if TYPE_CHECKING:
    from yiyuan.rules.terms import SchemeVersion

CHANGES = {
    "newly_entitled": "原来不赔，现在赔",
    "no_longer_entitled": "原来赔，现在不赔",
    "more": "赔得多了",
    "less": "赔得少了",
    "newly_undetermined": "现在定不了",
    "no_longer_undetermined": "原来定不了，现在能定",
    "same": "一样",
}
OUTCOMES = {"entitled": "赔", "not_entitled": "不赔", "undetermined": "定不了"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "draft", type=Path, metavar="DRAFT", help="新的方案 (scheme directory or version file)"
    )
    parser.add_argument(
        "--against", type=Path, metavar="OLD", help="和哪一版比；不写就是同目录的上一版，或本市现行的版本"
    )
    for name, words in (
        ("hardship", "困难群体名册"),
        ("settlements", "住院结算"),
        ("claimed", "已赔的结算号"),
    ):
        parser.add_argument(f"--{name}", nargs="+", action="extend", default=[], metavar="F", help=words)
    parser.add_argument("--cases", type=Path, metavar="FILE", help="过去的事故案例文件 (YAML)，逐案比")
    parser.add_argument("--out", type=Path, metavar="DIR", help="结果另存到这个文件夹")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 (one JSON object)")


def run(options: argparse.Namespace) -> int:
    """Replay what was given and print it; 1 when it cannot be done, 2 on wrong use."""
    from yiyuan.interfaces.commands.refusals import told_plainly

    if bool(options.hardship) is not bool(options.settlements):
        print("--hardship 和 --settlements 要一起写；都不写就用本市的数据", file=sys.stderr)
        return 2
    if options.cases is not None and options.settlements:
        print("--cases 和 --settlements 只写一种", file=sys.stderr)
        return 2
    return told_plainly(lambda: _replay(options))


def _replay(options: argparse.Namespace) -> int:
    if options.cases is not None:
        return _cases(options)
    found = _of_files(options) if options.settlements else _of_the_city(options)
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)
    return 0


def _versions(options: argparse.Namespace) -> "tuple[SchemeVersion, SchemeVersion]":
    from yiyuan.rules.scheme_file.loading import load_file, version_files

    draft = options.draft if options.draft.is_file() else version_files(options.draft)[-1]
    if options.against is not None:
        old = options.against if options.against.is_file() else version_files(options.against)[-1]
    else:
        earlier = [file for file in version_files(draft.parent) if file.stem < draft.stem]
        if not earlier:
            raise SchemeError(
                f"{draft.parent} 里没有比 {draft.stem} 更早的版本；请用 --against 指明和哪一版比"
            )
        old = earlier[-1]
    return load_file(old), load_file(draft)


def _of_files(options: argparse.Namespace) -> dict[str, Any]:
    from yiyuan.batch.replay import ReplayRequest, replay

    old, new = _versions(options)
    files = (tuple(options.hardship), tuple(options.settlements), tuple(options.claimed))
    return replay(ReplayRequest(old, new, *files, out=options.out))


def _of_the_city(options: argparse.Namespace) -> dict[str, Any]:
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.surroundings import enter

    with running_database() as urls:
        enter(urls)
        return _replay_registry(options)


def _replay_registry(options: argparse.Namespace) -> dict[str, Any]:
    from yiyuan.apps.registry.queries import get_city
    from yiyuan.apps.schemes.queries import get_terms
    from yiyuan.apps.screening.errors import NothingToScreen
    from yiyuan.apps.screening.replaying import replay_registry
    from yiyuan.rules.scheme_file.loading import load_file, version_files

    if get_city() is None:
        raise SchemeError("这里还没有城市；先 ./yiyuan run，或用 --hardship、--settlements 给出文件")
    if options.against is None:
        draft = options.draft if options.draft.is_file() else version_files(options.draft)[-1]
        old, new = get_terms(), load_file(draft)
    else:
        old, new = _versions(options)
    try:
        return replay_registry(old=old, new=new, out=options.out)
    except NothingToScreen as error:
        raise SchemeError("还没有名册或住院结算；读入以后再重算") from error


def _cases(options: argparse.Namespace) -> int:
    from yiyuan.rules.holidays import BASE_FILE, load_holidays
    from yiyuan.rules.replaying import replay_cases
    from yiyuan.rules.scheme_file.loading import load_cases
    from yiyuan.runtime.places import CHECKOUT

    old, new = _versions(options)
    found = replay_cases(old, new, load_cases(options.cases), load_holidays(CHECKOUT / "schemes" / BASE_FILE))
    changes_fen = [one.change_fen for one in found if one.change_fen is not None]
    if options.json:
        cases = [
            {
                "case": one.case,
                "before": one.before and dict(zip(("outcome", "benefit_fen"), one.before, strict=True)),
                "after": one.after and dict(zip(("outcome", "benefit_fen"), one.after, strict=True)),
                "change_fen": one.change_fen,
                "refused": one.refused,
            }
            for one in found
        ]
        print(json.dumps({"cases": cases, "change_fen": sum(changes_fen)}, ensure_ascii=False))
        return 0
    for one in found:
        if one.before is None or one.after is None:
            print(f"{one.case}：比不了，{one.refused}")
            continue
        print(f"{one.case}：{_result(*one.before)} → {_result(*one.after)}（{yuan(one.change_fen or 0)} 元）")
    print(
        f"{old.version} → {new.version}：{len(found)} 个案例，比得了 {len(changes_fen)} 个，"
        f"合计 {yuan(sum(changes_fen))} 元"
    )
    return 0


def _result(outcome: str, benefit_fen: int) -> str:
    return f"{yuan(benefit_fen)} 元" if outcome == "entitled" else OUTCOMES[outcome]


def _print(found: dict[str, Any]) -> None:
    total = found["total"]
    print(f"{found['before']['version']} → {found['after']['version']}：{total['count']:,} 人次重算")
    print(
        f"  原来 {yuan(total['before_fen'])} 元，现在 {yuan(total['after_fen'])} 元，"
        f"多 {total['gaining']:,} 人次 {yuan(total['gain_fen'])} 元，"
        f"少 {total['losing']:,} 人次 {yuan(total['loss_fen'])} 元"
    )
    print(
        f"  其中已赔或在办 {found['claimed']['count']:,} 人次，差 {yuan(found['claimed']['change_fen'])} 元"
    )
    words = {"by_change": "结论", "by_county": "县区", "by_group": "群体", "by_month": "月份"}
    for name, label in words.items():
        print(label)
        for key, sums in found[name].items():
            print(f"  {_named(name, key):<24}{_line(sums)}")
    for side, label in (("gain", "多得最多的"), ("lose", "少得最多的")):
        print(label if found["biggest"][side] else f"{label}：没有")
        for one in found["biggest"][side]:
            print(
                f"  {one['setl_id']}  {one['county_code']}  {one['month']}"
                f"  {yuan(one['old_fen'])} → {yuan(one['new_fen'])} 元"
            )
    print(f"用时 {found['seconds']} 秒")


def _named(name: str, key: str) -> str:
    return CHANGES[key] if name == "by_change" else key or "（未写）"


def _line(sums: Mapping[str, int]) -> str:
    return (
        f"{sums['count']:>12,}{yuan(sums['before_fen']):>18}{yuan(sums['after_fen']):>18}"
        f"{yuan(sums['change_fen']):>18} 元"
    )
