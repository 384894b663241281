"""What a held import shows (等人看过的导入): what it was taken for and why, what it would do.

In: a job that waits for a person. Out: the context of its page; nothing has been written yet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from yiyuan.apps.intake.queries import JobView, find_twins, get_previous
from yiyuan.apps.intake.services import MAY_BRING
from yiyuan.apps.registry.queries import get_division_names
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces.desk import fact_labels
from yiyuan.interfaces.desk.access import actor_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.import_labels import (
    LIST_CHANGES,
    column_word,
    group_reason,
    missing_words,
    reason_of_refusal,
)
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count
from yiyuan.kernel.actor import Role
from yiyuan.kernel.money import yuan

ROWS_SHOWN = 3


def held_context(request: HttpRequest, job: JobView) -> dict[str, object]:
    """Return what the page of a held import shows."""
    preview, actor = job.preview, actor_of(request)
    is_checked = "read" in preview
    sheets, first = preview.get("sheets", []), preview.get("rows", [])[:ROWS_SHOWN]
    return {
        "title": _title(job, is_checked),
        "is_checked": is_checked,
        "missing": [line for line in map(_missing, sheets) if line],
        "unknown": _unknown(sheets),
        "groups": "、".join(fact_labels.group_name(get_terms(), code) for code in preview.get("groups", [])),
        "group_by": "；".join(group_reason(code) for code in preview.get("group_by", [])),
        "columns": [
            {"label": _("栏目")},
            *({"label": _("第 %(row)d 行") % {"row": place}} for place in range(1, len(first) + 1)),
        ],
        "rows": [
            (column_word(name), [shown_cell(name, row[place]) for row in first])
            for place, name in enumerate(preview.get("columns", []))
        ],
        "reasons": [
            (reason_of_refusal(code), n)
            for code, n in sorted(preview.get("refused", {}).items(), key=lambda item: -item[1])
        ],
        "counties": _counties(preview.get("counties", {})),
        "known": preview["accepted"] - preview["changed"] if is_checked else 0,
        "list_counts": [(str(word), preview["list"].get(kind, 0)) for kind, word in LIST_CHANGES.items()]
        if preview.get("list")
        else [],
        "previous": get_previous(job),
        "twins": find_twins(job),
        "may_decide": MAY_BRING.get(job.kind, Role.CLERK) in actor.roles and actor.scope.is_city,
        "request_key": new_key(),
        "crumbs": [{"label": _("导入"), "url": reverse("desk:imports")}, {"label": job.file_name}],
    }


def shown_cell(column: str, cell: str) -> str:
    """Return a cell as understood in words where it is a code of ours, a sum in yuan."""
    if column.endswith("_fen") and cell.lstrip("-").isdigit():
        return yuan(int(cell))
    if column == "group":
        return fact_labels.group_name(get_terms(), cell)
    if column == "county_code" and cell:
        return get_division_names([cell]).get(cell, cell)
    return cell


def _title(job: JobView, is_checked: bool) -> str:
    if not is_checked:
        return _("还认不全 %(name)s 的栏目") % {"name": job.file_name}
    preview = job.preview
    return _("核对过了：读到 %(read)s 行，%(accepted)s 行能用，%(refused)s 行要另存") % {
        "read": count(preview["read"]),
        "accepted": count(preview["accepted"]),
        "refused": count(preview["read"] - preview["accepted"]),
    }


def _missing(sheet: Mapping[str, Any]) -> str:
    if not sheet["missing"]:
        return ""
    words = missing_words(sheet["missing"])
    if not sheet["name"]:
        return _("缺 %(facts)s") % {"facts": words}
    return _("工作表 %(sheet)s 缺 %(facts)s") % {"sheet": sheet["name"], "facts": words}


def _unknown(sheets: Sequence[Mapping[str, Any]]) -> str:
    names = [
        column["header"]
        for sheet in sheets
        for column in sheet["columns"]
        if not column["field"] and column["header"].strip()
    ]
    return "、".join(dict.fromkeys(names))


def _counties(found: Mapping[str, int]) -> list[tuple[str, int]]:
    names = get_division_names(found)
    return [
        (names.get(code) or (_("%(code)s，不是本市的") % {"code": code} if code else _("没有写")), n)
        for code, n in found.items()
    ]
