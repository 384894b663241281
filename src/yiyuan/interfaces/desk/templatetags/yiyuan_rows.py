"""The lines of a queue (清单的行): written in one go, since a page has fifty and each has some twenty values.

In: lines in words, as `queues` and the screening page make them. Out: rows of a table, every value escaped.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yiyuan.apps.payments.states import BatchState
from yiyuan.interfaces.desk.queues import Line
from yiyuan.interfaces.desk.templatetags.yiyuan_format import short_day, short_day_time, yuan
from yiyuan.interfaces.desk.templatetags.yiyuan_marks import clock, escaped, pick, status, tag

register = template.Library()


@register.simple_tag
def claim_rows(lines: Iterable[Line], can_pick: object) -> SafeString:
    """Return claims as rows, each with a box to pick it where something can be done with many."""
    number_label, sum_label, waiting = _("案号"), _("拟赔（元）"), _("等补件，没有起算")
    written = []
    for line in lines:
        row, person = line.row, line.row.person
        number, name, step = escaped(row.number), escaped(person.name), escaped(line.next_step)
        box = f'<td role="cell">{pick(row.number, row.benefit_fen, row.number, person.name)}</td>'
        written.append(
            f'<tr role="row" data-row>{box if can_pick else ""}<td role="cell">{_clock(line, waiting)}</td>'
            f'<th role="rowheader" scope="row">{name} <span class="faint small">{escaped(row.place)}</span>'
            f' <span class="id">**{escaped(person.id_tail)}</span></th>'
            f'<td role="cell" class="num" data-label="{escaped(number_label)}">{number}</td>'
            f'<td role="cell" class="right" data-label="{escaped(sum_label)}">{yuan(row.benefit_fen)}</td>'
            f'<td role="cell">{status(line.kind, line.state)}</td><td role="cell">{_said(line)}</td>'
            f'<td role="cell"><a class="go" data-open href="{escaped(line.url)}"'
            f' aria-label="{step} {number} {name}">{step}</a></td></tr>\n'
        )
    return SafeString("".join(written))


def _clock(line: Line, waiting: str) -> str:
    row = line.row
    if not line.has_clock:
        return f'<span class="quiet">{short_day(row.due_on) if row.due_on else ""}</span>'
    if row.days_left is None:
        return clock(1, 1, paused=True, words=waiting)
    return clock(row.days_left, row.limit_days)


def _said(line: Line) -> str:
    if line.tag:
        return tag("soon", line.tag)
    return f'<span class="quiet small">{escaped(line.remark)}</span>' if line.remark else ""


@register.simple_tag
def proposal_rows(lines: Iterable[Mapping[str, Any]], can_pick: object) -> SafeString:
    """Return proposals as rows, each with a box to pick it where this person decides."""
    labels = [_("乡镇"), _("群体"), _("病种"), _("剩余费用（元）"), _("拟赔（元）")]
    place, group, disease, residual, benefit = map(escaped, labels)
    see, marks = escaped(_("看理由")), _proposal_marks()
    written = []
    for line in lines:
        proposal, person = line["proposal"], line["person"]
        name, stay = escaped(person.name), escaped(proposal.setl_id)
        box = f'<td role="cell">{pick(proposal.pk, proposal.benefit_fen, person.name, proposal.setl_id)}</td>'
        written.append(
            f'<tr role="row" data-row>{box if can_pick else ""}<th role="rowheader" scope="row">{name}'
            f' <span class="id">**{escaped(person.id_tail)}</span></th>'
            f'<td role="cell" data-label="{place}">{escaped(line["place"])}</td>'
            f'<td role="cell" data-label="{group}">{escaped(line["group"] or "—")}</td>'
            f'<td role="cell" class="screen-only" data-label="{disease}">'
            f"{escaped(line['disease'] or '—')}</td>"
            f'<td role="cell" class="right" data-label="{residual}">{yuan(proposal.residual_fen)}</td>'
            f'<td role="cell" class="right" data-label="{benefit}"><b>{yuan(proposal.benefit_fen)}</b></td>'
            f'<td role="cell" class="quiet small">{escaped(line["reason"])}</td>'
            f'<td role="cell">{marks.get(proposal.state, marks["open"])}</td>'
            f'<td role="cell"><a class="go" data-open href="{escaped(line["url"])}"'
            f' aria-label="{see} {name} {stay}">{see}</a></td></tr>\n'
        )
    return SafeString("".join(written))


def _proposal_marks() -> Mapping[str, str]:
    return {
        "open": status("open", _("已提名")),
        "confirmed": status("done", _("已确认")),
        "declined": status("back", _("已决定不赔")),
        "lapsed": status("stop", _("不再应赔")),
    }


@register.simple_tag
def batch_rows(rows: Iterable[Mapping[str, Any]], is_payer: object) -> SafeString:
    """Return batches as rows; one that waits for its second person says so to a payer."""
    counted, summed, built, released = map(escaped, (_("笔数"), _("合计（元）"), _("组批"), _("放行")))
    see, let_go = escaped(_("看明细")), escaped(_("放行"))
    written = []
    for row in rows:
        batch, name, url, (word, mark) = row["batch"], escaped(row["name"]), escaped(row["url"]), row["word"]
        step = let_go if is_payer and batch.state == BatchState.RESERVED else see
        written.append(
            f'<tr role="row" data-row><th role="rowheader" scope="row"><a data-open href="{url}">{name}</a>'
            f'</th><td role="cell">{status(mark, word)}</td>'
            f'<td role="cell" class="right" data-label="{counted}">{batch.order_count:,}</td>'
            f'<td role="cell" class="right" data-label="{summed}">{yuan(batch.total_fen)}</td>'
            f'<td role="cell" data-label="{built}">{_by(batch.built_by_name, batch.built_at)}</td>'
            f'<td role="cell" data-label="{released}">{_by(batch.released_by_name, batch.released_at)}</td>'
            f'<td role="cell"><a class="go" href="{url}">{step}<span class="heard"> {name}</span></a></td>'
            "</tr>\n"
        )
    return SafeString("".join(written))


def _by(name: str, at: datetime | None) -> str:
    return f'{escaped(name)} <span class="faint small">{short_day_time(localtime(at))}</span>' if at else "—"


@register.simple_tag
def held_rows(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return the claims that no batch takes, each with its reason."""
    unit = escaped(_("元"))
    return SafeString(
        "".join(
            f'<li><a href="{escaped(row["url"])}">{escaped(row["number"])}</a> {escaped(row["person"].name)}'
            f' <span class="num">{yuan(row["fen"])} {unit}</span><p>{escaped(row["why"])}</p></li>'
            for row in rows
        )
    )
