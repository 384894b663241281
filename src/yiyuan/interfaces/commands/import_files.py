"""`./yiyuan import KIND FILE…` (读入部门文件): to canonical files with `--to`, else into the database.

In: a kind, files, perhaps a group, a profile, a folder. Out: files and counts; exit 0 also with refused
rows, 1 when a file cannot be understood, 2 on wrong use.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yiyuan.exchange.reading import FileCount, Reading


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the words of this command to the parser."""
    from yiyuan.exchange.reading import KINDS

    kinds = "、".join(f"{kind.name}（{kind.label}）" for kind in KINDS.values())
    parser.add_argument("kind", choices=tuple(KINDS), metavar="KIND", help=f"文件种类：{kinds}")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="部门文件：.xlsx .xls .csv .txt")
    parser.add_argument(
        "--group", metavar="CODE", help="困难群体名册是哪一类，文件自己看不出时用，例如 orphan"
    )
    parser.add_argument(
        "--profile", type=Path, metavar="P", help="配置文件（YAML）：哪一栏是什么，见 docs/how-to/import.md"
    )
    parser.add_argument("--to", type=Path, metavar="DIR", help="写成文件，不动数据库")
    parser.add_argument("--dry-run", action="store_true", help="只检查，什么也不写")
    parser.add_argument("--json", action="store_true", help="每个文件输出一行 JSON")


def run(options: argparse.Namespace) -> int:
    """Read the files and return the exit code."""
    from yiyuan.exchange.errors import UnreadableFile
    from yiyuan.exchange.profiles import Profile, load_profile
    from yiyuan.exchange.reading import read_files

    if options.group and options.kind != "hardship":
        print("--group 只用于 hardship（困难群体名册）", file=sys.stderr)
        return 2
    try:
        profile = load_profile(options.profile) if options.profile else Profile()
        with read_files(options.kind, options.files, profile=profile, group=options.group) as reading:
            if options.to and not options.dry_run:
                _write(reading, options.to)
            elif not options.dry_run:
                _store(reading)
            _tell(reading, as_json=options.json)
    except UnreadableFile as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _write(reading: "Reading", folder: Path) -> None:
    from yiyuan.exchange.outputs import write_accepted, write_refused, write_to_mend

    folder.mkdir(parents=True, exist_ok=True)
    write_accepted(reading, folder / f"{reading.kind.name}.csv")
    write_refused(reading, folder / "refused.csv")
    write_to_mend(reading, folder / "to-mend")


def _store(reading: "Reading") -> None:
    """Hand the reading to the database's own service.

    :raises UnreadableFile: while this city keeps no database that imports could go into.
    """
    from yiyuan.exchange.errors import UnreadableFile

    raise UnreadableFile(f"{reading.kind.label}：还不能直接导入数据库，请加 --to 目录 写成文件")


def _tell(reading: "Reading", *, as_json: bool) -> None:
    for count in reading.files:
        if as_json:
            print(json.dumps(_as_json(count), ensure_ascii=False))
            continue
        groups = f"（{'、'.join(count.groups)}）" if count.groups else ""
        refused = count.read - count.accepted
        print(f"{count.file}{groups}：读到 {count.read} 行，收下 {count.accepted} 行，退回 {refused} 行")
        for reason, number in sorted(count.refused.items()):
            print(f"  {reason}  {number}")
        for note in count.notes:
            print(f"  注意：{note}")


def _as_json(count: "FileCount") -> dict[str, object]:
    return {"file": count.file, "read": count.read, "accepted": count.accepted, "refused": count.refused}
