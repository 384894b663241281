"""`./yiyuan run`: the main job end to end, then the site (一条命令).

In: how many people, or an empty city; a port. Out: a working site, its address, one sign-in for each role.
"""

import argparse
import datetime as dt
import os
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from yiyuan.interfaces.commands.refusals import told_plainly

if TYPE_CHECKING:
    from yiyuan.runtime.database import DatabaseUrls
    from yiyuan.runtime.processes import Site
    from yiyuan.runtime.progress import Progress

SignIn = tuple[str, str, str]
PEOPLE = 100_000
BOTH = (
    "--published-year 的人数和月份是公布的，不能再写 --people 或 --months"
    " (the published year has its own people and months: leave --people and --months out)"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    from yiyuan.runtime.processes import DEFAULT_PORT

    parser.add_argument(
        "--people", type=_people, default=None, metavar="N", help=f"演示城市的人数 ({PEOPLE})"
    )
    parser.add_argument(
        "--months",
        type=_months,
        default=None,
        metavar="M",
        help="让演示城市逐月过完头 M 个月，1 到 12 (live through the first M months)",
    )
    parser.add_argument(
        "--published-year",
        action="store_true",
        help="从招标到关账过完公布的 2019 年，总数与公布的一致，明细均为虚构；几分钟"
        " (live the published year from tender to closing; every single row is invented)",
    )
    parser.add_argument("--empty", action="store_true", help="自己的城市,不生成演示数据 (a city of your own)")
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, metavar="P", help=f"端口 ({DEFAULT_PORT})"
    )
    parser.add_argument("--no-browser", action="store_true", help="不打开浏览器")
    parser.add_argument("--today", type=_date, metavar="DATE", help="业务日期 (YYYY-MM-DD)")


def run(options: argparse.Namespace) -> int:
    """Run the site until it is stopped; 0 when its user stopped it, 1 when something failed."""
    from yiyuan.runtime.processes import stoppable

    if options.published_year and (options.people is not None or options.months is not None):
        print(BOTH, file=sys.stderr)
        return 2
    options.people = PEOPLE if options.people is None else options.people
    options.months = options.months or 0
    with stoppable():
        return told_plainly(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    from yiyuan.runtime.one_site import sole_site
    from yiyuan.runtime.places import find_places
    from yiyuan.runtime.progress import Progress
    from yiyuan.runtime.room import wait_for_room

    progress, places = Progress(), find_places()
    with sole_site(places) as announce:
        while (code := _run_site(options, progress, announce)) is None:
            progress.say(
                f"磁盘满了,网站停下等空间: {places.server}。腾出空间后自己接着运行"
                " (the disk is full; the site goes on by itself once there is room)。"
            )
            wait_for_room(places.server)
        progress.say("已全部停止 (everything has stopped)。")
    return code


def _run_site(
    options: argparse.Namespace, progress: "Progress", announce: Callable[[str], None]
) -> int | None:
    """Run the site once; return its exit code, or None where it ended because the disk is full."""
    from yiyuan.runtime.cluster import DatabaseFailedError
    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.places import find_places
    from yiyuan.runtime.processes import Site
    from yiyuan.runtime.room import has_room
    from yiyuan.runtime.surroundings import enter

    before = dict(os.environ)
    try:
        with running_database() as urls:
            enter(urls)
            sign_ins = _prepare_city(options, urls, progress)
            with Site(urls, options.port, progress.say) as site:
                announce(site.address)
                code: int | None = _serve(site, sign_ins, options)
                # Asked at once: while the rest is stopped, somebody may make room.
                if code and not has_room(find_places().server):
                    code = None
                progress.say("正在停止 (stopping)…")
    except DatabaseFailedError as failure:
        if has_room(find_places().server):
            raise
        progress.say(str(failure))
        return None
    finally:
        # What was entered names the database; the next round finds it by itself.
        os.environ.clear()
        os.environ.update(before)
    return code


def _prepare_city(
    options: argparse.Namespace, urls: "DatabaseUrls", progress: "Progress"
) -> Sequence[SignIn]:
    import django

    django.setup()
    from django.db import connections

    from yiyuan.interfaces.commands.first_city import prepare

    _migrate(urls, progress)
    sign_ins = prepare(options, progress)
    # From here on we only watch.
    connections.close_all()
    return sign_ins


def _migrate(urls: "DatabaseUrls", progress: "Progress") -> None:
    from yiyuan.runtime.cluster import DatabaseFailedError
    from yiyuan.runtime.surroundings import process_environment

    if _is_migrated():
        return
    # A process of its own, because tables are made by their owner and this process works as the application.
    command = [sys.executable, "-P", "-m", "yiyuan", "manage", "migrate", "--no-input", "--verbosity", "0"]
    with progress.step("更新数据库结构"):
        done = subprocess.run(
            command, env=process_environment(urls), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DatabaseFailedError(f"数据库结构没有更新 (migration failed):\n{done.stderr[-2000:]}")


def _is_migrated() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _serve(site: "Site", sign_ins: Sequence[SignIn], options: argparse.Namespace) -> int:
    try:
        _welcome(site.address, sign_ins)
        _open_browser(site.address, options)
        return site.watch()
    except KeyboardInterrupt:
        # A site is there until somebody stops it: that is its good end.
        return 0


def _welcome(address: str, sign_ins: Sequence[SignIn]) -> None:
    print(f"\n一元已就绪 (Yiyuan is ready): {address}\n")
    for role, user_name, password in sign_ins:
        print(f"    {role}    用户名 {user_name}    密码 {password}")
    print("\n按 Ctrl-C 停止 (stop with Ctrl-C)。", flush=True)


def _open_browser(address: str, options: argparse.Namespace) -> None:
    has_desktop = sys.platform == "darwin" or any(
        name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    # Without a desktop this would start a text browser over our own output.
    if has_desktop and not options.no_browser:
        webbrowser.open(address)


def _people(word: str) -> int:
    people = _whole_number(word)
    if people < 1:
        raise argparse.ArgumentTypeError("人数至少为 1;空的城市请用 --empty")
    return people


def _months(word: str) -> int:
    months = _whole_number(word)
    if not 1 <= months <= 12:
        raise argparse.ArgumentTypeError("月数应在 1 到 12 之间")
    return months


def _port(word: str) -> int:
    port = _whole_number(word)
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError("端口应在 1 到 65535 之间")
    return port


def _date(word: str) -> dt.date:
    try:
        return dt.date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{word}”不是日期,应如 2019-11-20 (not a date)") from None


def _whole_number(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{word}”不是整数 (not a whole number)") from None
