"""`./yiyuan restore`: a city from its backup (恢复).

In: a file `./yiyuan backup` made. Out: the city as it was then, whole; or a reason, and nothing changed.
"""

import argparse
from pathlib import Path

from yiyuan.interfaces.commands.refusals import told_plainly


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the file, and whether the city that is here may go."""
    parser.add_argument("file", type=Path, help="备份文件 (the file to read)")
    parser.add_argument(
        "--replace", action="store_true", help="替换现有城市的数据 (replace the city that is here)"
    )


def run(options: argparse.Namespace) -> int:
    """Restore the city; the site must not be running."""
    return told_plainly(lambda: _restore(options.file, is_replacing=options.replace))


def _restore(file: Path, *, is_replacing: bool) -> int:
    from yiyuan.runtime.archive import restore
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.one_site import sole_site
    from yiyuan.runtime.places import find_places
    from yiyuan.runtime.progress import Progress

    places = find_places()
    with sole_site(places), running_database() as urls, Progress().step("恢复"):
        made_at = restore(urls, places, file, is_replacing=is_replacing)
    print(f"已恢复 {made_at.astimezone():%Y-%m-%d %H:%M} 的备份 (restored)。")
    return 0
