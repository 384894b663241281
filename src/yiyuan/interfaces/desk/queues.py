"""A queue of claims as the workbench and the list show it (案件队列): ruler, groups, columns, rows.

In: rows and counts from `claims.queries`. Out: plain values for the components.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.claims.queries import OPEN_STATES, ClaimRow
from yiyuan.apps.claims.states import State
from yiyuan.interfaces.desk.addresses import claim_address, with_query
from yiyuan.interfaces.desk.labels import kept_words, state_word

BUCKETS: dict[str, Promise] = {
    "late": gettext_lazy("已超期"),
    "today": gettext_lazy("今天到期"),
    "tomorrow": gettext_lazy("下个工作日到期"),
    "later": gettext_lazy("再往后"),
    "paused": gettext_lazy("已暂停"),
}
# Days left and limit of the badge that stands for a bucket of the ruler.
BADGES = {"late": (-1, 1), "today": (0, 1), "tomorrow": (1, 2), "later": (3, 3), "paused": (1, 1)}
KINDS: dict[str, str] = {
    State.REPORTED: "open",
    State.LODGED: "open",
    State.AWAITING_DOCUMENTS: "stop",
    State.ASSESSED: "mid",
    State.APPROVED: "mid",
    State.DECLINED: "back",
    State.APPEALED: "mid",
    State.WITHDRAWN: "stop",
    State.PAID: "done",
    State.CLOSED: "done",
}
NEXT: dict[str, Promise] = {
    State.LODGED: gettext_lazy("初审"),
    State.AWAITING_DOCUMENTS: gettext_lazy("看缺件"),
    State.ASSESSED: gettext_lazy("复核"),
    State.APPROVED: gettext_lazy("看付款"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    row: ClaimRow
    url: str
    state: str
    kind: str
    next_step: str
    remark: str
    tag: str
    has_clock: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that are due at the same time; without a title in a table sorted by sum."""

    title: str
    lines: tuple[Line, ...]


def ruler(request: HttpRequest, counts: Mapping[str, int], current: str) -> list[dict[str, object]]:
    """Return the cells of the deadline ruler; the one in use leads back to all."""
    return [
        {
            "words": words,
            "count": counts[bucket],
            "url": with_query(request, due=None if bucket == current else bucket),
            "left": BADGES[bucket][0],
            "limit": BADGES[bucket][1],
            "paused": bucket == "paused",
            "tone": "" if bucket in ("late", "today", "paused") else "plain",
            "current": bucket == current,
        }
        for bucket, words in BUCKETS.items()
    ]


def groups(rows: Sequence[ClaimRow], counts: Mapping[str, int], order: str, actor_id: str) -> list[Group]:
    """Return the lines under the day they are due, with how many there are and how many are shown."""
    lines = [line(row, actor_id) for row in rows]
    if order != "due":
        return [Group("", tuple(lines))] if lines else []
    urgent = tuple(one for one in lines if one.row.is_emergency)
    found = [Group(_("急难 %(count)d 件，先办") % {"count": len(urgent)}, urgent)] if urgent else []
    for bucket, words in BUCKETS.items():
        inside = tuple(one for one in lines if not one.row.is_emergency and _bucket(one.row) == bucket)
        if inside:
            found.append(Group(_title(str(words), counts.get(bucket, len(inside)), len(inside)), inside))
    return found


def line(row: ClaimRow, actor_id: str) -> Line:
    """Return one row in words; a claim that this person has assessed says that another must go on."""
    is_own = row.state is State.ASSESSED and row.assessor_id == actor_id
    is_assessed = row.state is State.ASSESSED
    remark = _("初审：%(name)s") % {"name": row.assessor_name} if is_assessed else kept_words(row.gap)
    return Line(
        row=row,
        url=claim_address(row.number),
        state=state_word(row.state),
        kind=KINDS[row.state],
        next_step=str(NEXT.get(row.state, _("查看"))),
        remark=remark,
        tag=_tag(row, is_own=is_own),
        has_clock=row.state in OPEN_STATES,
    )


def _tag(row: ClaimRow, *, is_own: bool) -> str:
    words = kept_words(row.payment_note) or (_("您初审过，要由别人复核") if is_own else "")
    return _("急难 %(words)s") % {"words": words} if row.is_emergency else words


def columns(request: HttpRequest, order: str, *, can_pick: bool) -> list[dict[str, object]]:
    """Return the heads of the table; due and sum sort, and turn round when pressed again."""
    heads: list[dict[str, object]] = [
        _sortable(request, order, "due", _("时限")),
        {"label": _("申请人")},
        {"label": _("案号")},
        {**_sortable(request, order, "sum", _("拟赔（元）")), "right": True},
        {"label": _("状态")},
        {"label": _("提醒")},
        {"label": _("下一步")},
    ]
    return [{"pick": True}, *heads] if can_pick else heads


def summed(rows: Iterable[ClaimRow]) -> int:
    """Return the sum of the rows in fen."""
    return sum(row.benefit_fen for row in rows)


def _sortable(request: HttpRequest, order: str, name: str, label: str) -> dict[str, object]:
    is_up, is_down = order == name, order == f"-{name}"
    head: dict[str, object] = {"label": label, "url": with_query(request, sort=f"-{name}" if is_up else name)}
    if is_up or is_down:
        head["sorted"] = "ascending" if is_up else "descending"
    return head


def _bucket(row: ClaimRow) -> str:
    if row.days_left is None:
        return "paused"
    if row.days_left < 0:
        return "late"
    return ("today", "tomorrow", "later")[min(row.days_left, 2)]


def _title(words: str, total: int, shown: int) -> str:
    if total > shown:
        return _("%(when)s %(total)d 件，本页 %(shown)d 件") % {"when": words, "total": total, "shown": shown}
    return _("%(when)s %(total)d 件") % {"when": words, "total": total}
