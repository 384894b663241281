"""What an import would do (导入前核对): as data for a page, before anything is written.

In: a file, or a reading of it. Out: columns, first rows, counts, by what the register was known, and what the
registry would gain; all masked, none of it kept in the registry.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from yiyuan.apps.intake.choosing import Chooser
from yiyuan.apps.intake.models import ImportJob, ListChange
from yiyuan.apps.intake.progress import Teller
from yiyuan.apps.intake.services import WholeList
from yiyuan.apps.intake.writing import write_rows
from yiyuan.apps.registry.bulk.copying import Origin
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.looking import (
    SheetLook,
    count_by_county,
    first_rows,
    look_at,
    reasons_of_group,
)
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.reading import Reading


class _TakenBack(Exception):
    """Ends the trial so that nothing of it stays."""


def columns_of(
    job: ImportJob, path: Path, profile: Profile | None, chooser: Chooser
) -> list[dict[str, object]]:
    """Return the columns of each sheet with masked examples and the facts that are missing."""
    looks = look_at(job.kind, path, profile=profile, choose=chooser)
    return [_sheet(look) for look in looks]


def _sheet(look: SheetLook) -> dict[str, object]:
    return {
        "name": look.name,
        "title": look.title[:200],
        "columns": [
            {
                "header": column.header,
                "field": column.field,
                "examples": list(column.examples),
                "can_choose": column.can_choose,
            }
            for column in look.columns
        ],
        "missing": [list(fields) for fields in look.missing],
    }


def try_out(
    job: ImportJob, reading: Reading, origin: Origin, whole_list: WholeList | None, teller: Teller
) -> dict[str, object]:
    """Return what writing these rows would change; it is written, counted and taken back.

    :raises UnreadableFile: when it would be refused whole.
    """
    found: dict[str, object] = {}
    with TemporaryDirectory(prefix="yiyuan-try-") as work:
        try:
            with transaction.atomic():
                found["changed"] = write_rows(reading, origin, Path(work), whole_list, teller.wrote)
                found["list"] = _list_changes(job) if whole_list else {}
                raise _TakenBack
        except _TakenBack:
            pass
    return found


def _list_changes(job: ImportJob) -> Mapping[str, int]:
    kinds = (kind for kind, _ in ListChange.KINDS)
    return {kind: ListChange.objects.filter(job=job, kind=kind).count() for kind in kinds}


def preview_of(reading: Reading, group: str) -> dict[str, object]:
    """Return the rows as they were understood, the counts, and by what the register was known."""
    count = reading.files[0]
    columns, rows = first_rows(reading)
    return {
        "read": count.read,
        "accepted": count.accepted,
        "refused": dict(count.refused),
        "groups": list(count.groups),
        "group_by": reasons_of_group(reading, group or None) if reading.kind.name == "hardship" else [],
        "columns": columns,
        "rows": rows,
        "counties": dict(count_by_county(reading)),
    }


def require_of_this_city(reading: Reading, counties: frozenset[str]) -> None:
    """Refuse a list every row of which speaks of a county that is none of this city's.

    :raises UnreadableFile: it is a list of another place.
    """
    found = count_by_county(reading)
    named = {code: number for code, number in found.items() if code}
    if counties and named and not set(named) & counties and "" not in found:
        places = "、".join(sorted(named)[:5])
        raise UnreadableFile(
            f"这份文件没有一行是本市的：写的县区是 {places}。请核对是不是别的市的名单；"
            "如果县区代码改过，请先在配置里说明"
        )
