"""`./yiyuan import KIND FILE…` (读入部门文件): to canonical files with `--to`, else into the city's database.

In: a kind, files, perhaps a group, a profile, a folder. Out: files and counts; exit 0 also with refused rows,
1 when a file cannot be understood, 2 on wrong use.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from yiyuan.interfaces.commands.refusals import told_plainly
from yiyuan.kernel.errors import YiyuanError

if TYPE_CHECKING:
    from yiyuan.exchange.profiles import Profile
    from yiyuan.exchange.reading import Reading
    from yiyuan.runtime.progress import Step


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the words of this command to the parser."""
    from yiyuan.exchange.reading import KINDS

    kinds = "、".join(f"{kind.name}（{kind.label}）" for kind in KINDS.values())
    parser.add_argument("kind", choices=tuple(KINDS), metavar="KIND", help=f"文件种类：{kinds}")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="部门文件：.xlsx .xls .csv .txt")
    parser.add_argument("--group", metavar="CODE", help="名册是哪一类，文件自己看不出时用，例如 orphan")
    parser.add_argument(
        "--profile", metavar="P", help="配置文件（YAML），或网页上存下的栏目对应的名称：哪一栏是什么"
    )
    parser.add_argument(
        "--whole-list", metavar="DAY", type=date.fromisoformat, help="名册是截至这一天的全部名单，和上次比"
    )
    parser.add_argument("--county", metavar="CODE", default="", help="全部名单只是这个县区的，六位代码")
    parser.add_argument("--to", type=Path, metavar="DIR", help="写成文件，不动数据库")
    parser.add_argument("--dry-run", action="store_true", help="只检查，什么也不写")
    parser.add_argument("--json", action="store_true", help="每个文件输出一行 JSON")


def run(options: argparse.Namespace) -> int:
    """Read the files and return the exit code."""
    if options.group and options.kind != "hardship":
        print("--group 只用于 hardship（困难群体名册）", file=sys.stderr)
        return 2
    if options.group:
        from yiyuan.exchange.registers import group_of_word

        group = group_of_word(options.group)
        if group is None:
            print(f"--group {options.group}：没有这一类，例如 orphan、孤儿、G6", file=sys.stderr)
            return 2
        options.group = group
    if (options.whole_list or options.county) and (options.kind != "hardship" or not options.whole_list):
        print("--whole-list、--county 只用于 hardship（困难群体名册）的全部名单", file=sys.stderr)
        return 2
    to_files = options.to is not None or options.dry_run
    return told_plainly(lambda: _to_files(options) if to_files else _to_database(options))


def _to_files(options: argparse.Namespace) -> int:
    from yiyuan.exchange.reading import read_files
    from yiyuan.runtime.progress import Progress

    profile = _profile_file(options)
    with Progress().step(f"读入 {len(options.files)} 个文件", unit="字节") as step:
        reading = read_files(
            options.kind, options.files, profile=profile, group=options.group, progress=_watch(step)
        )
    with reading:
        if not options.dry_run:
            _write(reading, options.to)
        for count in reading.files:
            groups = f"（{'、'.join(count.groups)}）" if count.groups else ""
            _tell(options, count.file, groups, count.read, count.accepted, count.refused, count.notes)
    return 0


def _write(reading: "Reading", folder: Path) -> None:
    from yiyuan.exchange.outputs import write_accepted, write_refused, write_to_mend

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise YiyuanError(f"结果写不进 {folder}：{error.strerror}；--to 应是一个文件夹") from error
    write_accepted(reading, folder / f"{reading.kind.name}.csv")
    write_refused(reading, folder / "refused.csv")
    write_to_mend(reading, folder / "to-mend")


def _to_database(options: argparse.Namespace) -> int:
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.surroundings import enter

    with running_database() as urls:
        enter(urls)
        import django

        django.setup()
        from yiyuan.apps.registry.queries import get_city

        if get_city() is None:
            print("这里还没有城市。先 ./yiyuan run 或 ./yiyuan run --empty，再导入", file=sys.stderr)
            return 1
        profile = _profile(options)
        return max(_import_one(options, path, profile) for path in options.files)


def _import_one(options: argparse.Namespace, path: Path, profile: "Profile | None") -> int:
    """Bring one file into the registry, whole or not at all; the same file again changes nothing."""
    from yiyuan.apps.intake.running import import_file
    from yiyuan.interfaces import clock
    from yiyuan.kernel.actor import Actor, Role
    from yiyuan.kernel.scope import EVERYWHERE
    from yiyuan.runtime.progress import Progress

    if not path.is_file():
        print(f"{path}：没有这个文件", file=sys.stderr)
        return 1
    with Progress().step(f"导入 {path.name}", unit="字节") as step:
        result = import_file(
            path=path,
            kind=options.kind,
            group=options.group or "",
            # Whoever may run commands on the server brings what a clerk or a payer brings.
            actor=Actor("command-line", "命令行", frozenset({Role.CLERK, Role.PAYER}), EVERYWHERE),
            occurred_at=clock.now(),
            request_key=f"command-line:{uuid4()}",
            profile=profile,
            progress=_watch(step),
            is_whole_list=options.whole_list is not None,
            as_of_on=options.whole_list,
            county_code=options.county,
        )
    if result.state == "failed":
        print(result.message, file=sys.stderr)
        return 1
    notes = [result.message] if result.message else []
    _tell(options, path.name, "", result.read, result.accepted, result.refused_by_reason, notes)
    return 0


def _profile_file(options: argparse.Namespace) -> "Profile | None":
    """Return the profile of a file; without a database there are no others.

    :raises UnreadableFile: there is no such file, or it is no profile.
    """
    from yiyuan.exchange.errors import UnreadableFile
    from yiyuan.exchange.profiles import load_profile

    if not options.profile:
        return None
    if not Path(options.profile).is_file():
        raise UnreadableFile(
            f"没有配置文件 {options.profile}。网页上存下的栏目对应在城市的数据库里，"
            "用 --to 或 --dry-run 时请先在“栏目对应”页下载配置，再写它的路径"
        )
    return load_profile(Path(options.profile))


def _profile(options: argparse.Namespace) -> "Profile | None":
    """Return the profile of a file, or the kept one of this name; None where the content is to decide.

    :raises UnreadableFile: there is neither.
    """
    from yiyuan.apps.intake.queries import find_profile
    from yiyuan.exchange.errors import UnreadableFile

    if not options.profile or Path(options.profile).is_file():
        return _profile_file(options)
    if (kept := find_profile(options.kind, options.profile)) is None:
        raise UnreadableFile(
            f"没有配置文件 {options.profile}，也没有叫这个名字的栏目对应；"
            "请核对名称，或在网页的“栏目对应”页看有哪些"
        )
    return kept


def _watch(step: "Step") -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        step.done, step.total = done, total

    return show


def _tell(
    options: argparse.Namespace,
    file: str,
    groups: str,
    read: int,
    accepted: int,
    refused: Mapping[str, int],
    notes: Sequence[str],
) -> None:
    if options.json:
        counts = {"file": file, "read": read, "accepted": accepted, "refused": dict(refused)}
        print(json.dumps(counts, ensure_ascii=False))
        return
    print(f"{file}{groups}：读到 {read} 行，收下 {accepted} 行，退回 {read - accepted} 行")
    for reason, number in sorted(refused.items()):
        print(f"  {reason}  {number}")
    for note in notes:
        print(f"  注意：{note}")
