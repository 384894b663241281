"""Notices of holidays (放假安排) that come by a file: a new version of a year, and the promises it moves.

In: the days of one or several notices. Out: days kept, open promises counted anew with their old due day.
"""

from collections.abc import Sequence
from datetime import date

from yiyuan.apps.claims.promises import follow_calendar
from yiyuan.apps.deadlines.queries import list_versions
from yiyuan.apps.deadlines.services import record_holidays
from yiyuan.apps.registry.bulk.copying import Origin
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.kernel.actor import SYSTEM_ACTOR
from yiyuan.kernel.workdays import HolidayRow


def take_notices(rows: Sequence[HolidayRow], origin: Origin) -> int:
    """Keep the days of these notices and let the open promises follow; return how many days were new.

    Repeating it changes nothing.

    :raises UnreadableFile: a version of a year that we have already is told otherwise; it needs a new number.
    """
    told: dict[tuple[int, int], set[tuple[date, str]]] = {}
    for row in rows:
        told.setdefault((row.year, row.version), set()).add((row.on, row.kind))
    known = list_versions(year for year, _ in told)
    for (year, version), days in sorted(told.items()):
        if (year, version) in known and known[year, version] != days:
            newest = max(number for of_year, number in known if of_year == year)
            raise UnreadableFile(
                f"{year} 年第 {version} 版放假安排已经有了，和文件里的不一样。"
                f"发过的版本不能改；如果是新的通知，版本请写 {newest + 1}，并写明从哪天可知"
            )
    added = record_holidays(
        holidays=rows,
        actor=SYSTEM_ACTOR,
        occurred_at=origin.recorded_at,
        request_key=f"import:{origin.job_id}:holidays",
    )
    if added:
        names = "、".join(f"{year} 年第 {version} 版" for year, version in sorted(set(told) - set(known)))
        follow_calendar(
            reason=f"放假安排 {names}",
            actor=SYSTEM_ACTOR,
            occurred_at=origin.recorded_at,
            request_key=f"import:{origin.job_id}:calendar",
        )
    return added
