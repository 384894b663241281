"""`./yiyuan backup`: the city in one file (备份).

In: the running or stopped city. Out: a file with its database, uploads and keys, readable by its owner alone.
"""

import argparse
import datetime as dt
from pathlib import Path

from yiyuan.interfaces.commands.refusals import told_plainly


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the file."""
    parser.add_argument("file", type=Path, help="备份文件 (the file to write)")


def run(options: argparse.Namespace) -> int:
    """Write the backup; the site may be running."""
    return told_plainly(lambda: _back_up(options.file))


def _back_up(file: Path) -> int:
    from yiyuan.runtime.archive import ArchiveRefusedError, back_up, has_data
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.places import find_places
    from yiyuan.runtime.progress import Progress

    with running_database() as urls:
        if not has_data(urls):
            raise ArchiveRefusedError(
                "这里还没有城市,没有可备份的数据。先 ./yiyuan run (there is no city yet)。"
            )
        with Progress().step("备份"):
            size = back_up(urls, find_places(), file, dt.datetime.now(dt.UTC))
    print(f"已备份到 {file} ({size:,} 字节)。其中有密钥,请与数据同样保管 (it holds the keys: keep it safe)。")
    return 0
