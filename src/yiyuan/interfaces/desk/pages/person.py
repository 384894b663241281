"""One person's file (个人档案): who, hardship, settlements, claims, accounts; reading it leaves a row.

In: the person's number. Out: a page; identity and account numbers stay masked.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.adjudication.services import reasons_now
from yiyuan.apps.claims.papers import is_alive
from yiyuan.apps.claims.queries import list_claims_of
from yiyuan.apps.deadlines.queries import count_days_left, get_calendar, get_clocks
from yiyuan.apps.registry.contacts import CALLERS, list_contacts
from yiyuan.apps.registry.naming import DECIDERS
from yiyuan.apps.registry.paper import list_paper_bills
from yiyuan.apps.registry.queries import (
    PersonView,
    SettlementView,
    StatusView,
    get_division_names,
    get_person,
    list_accounts,
    list_settlements_of,
    list_statuses,
)
from yiyuan.apps.registry.services import record_view
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening.queries import list_proposals_of
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import STAFF, actor_of, allow, may_see, scope_of
from yiyuan.interfaces.desk.addresses import new_key
from yiyuan.interfaces.desk.labels import reason_word, state_word
from yiyuan.interfaces.desk.pages.names import name_lines
from yiyuan.interfaces.desk.queues import KINDS
from yiyuan.interfaces.desk.scheme_labels import name_of
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope

PROPOSAL_MARKS = {"open": "open", "confirmed": "yes", "declined": "back", "lapsed": "stop"}
MONTHS_SHOWN = (1, 4, 7, 10)


@allow(*STAFF)
@require_safe
def show_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person's file and leave the row that says who read it."""
    try:
        person = get_person(pk, scope=scope_of(request))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    record_view(person_id=pk, actor=actor_of(request), occurred_at=clock.now(), request_key=new_key())
    today = clock.today()
    groups = {group.code: name_of(group) for group in get_terms().groups}
    statuses, settlements = list_statuses(pk), list_settlements_of(pk)
    context = {
        "title": _title(person, statuses, groups, today),
        "person": person,
        "age": person.age_on(today),
        "sex": {"1": _("男"), "2": _("女")}.get(person.sex, "—"),
        "place": _place(person),
        "statuses": [(status, groups.get(status.group, status.group)) for status in statuses],
        "status_columns": [
            {"label": _("群体")},
            {"label": _("从")},
            {"label": _("到")},
            {"label": _("来源")},
        ],
        "year": today.year,
        "bars": _bars(statuses, groups, today.year),
        "months": [(_month(month), _place_in_year(date(today.year, month, 1))) for month in MONTHS_SHOWN],
        "admissions": _admissions(settlements, today.year),
        "settlements": _settlement_rows(pk, settlements, scope_of(request)),
        "settlement_columns": _settlement_columns(),
        "claims": _claim_rows(pk, today, scope_of(request)),
        "claim_columns": _claim_columns(),
        "accounts": list_accounts(pk),
        "names": name_lines(pk),
        "may_decide_name": may_see(request, DECIDERS),
        "may_type": may_see(request, (Role.DESK_AGENT,)),
        "feed_key": new_key(),
        "contacts": list_contacts(pk),
        "may_call": may_see(request, CALLERS),
        "request_key": new_key(),
    }
    return render(request, "desk/person.html", context)


def _title(person: PersonView, statuses: Sequence[StatusView], groups: Mapping[str, str], on: date) -> str:
    held = [s.group for s in statuses if s.valid_from <= on and (s.valid_to is None or on < s.valid_to)]
    if not held:
        return _("%(name)s，今天不在六类群体") % {"name": person.name}
    words = "、".join(groups.get(group, group) for group in held)
    return _("%(name)s，今天是%(groups)s") % {"name": person.name, "groups": words}


def _place(person: PersonView) -> str:
    names = get_division_names((person.county_code, person.township_code))
    return names.get(person.county_code, "") + names.get(person.township_code, "")


def _place_in_year(on: date) -> str:
    """Return how far into its year a day is, as a length for SVG."""
    first, next_first = date(on.year, 1, 1), date(on.year + 1, 1, 1)
    hundredths = (on - first).days * 10_000 // (next_first - first).days
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _month(month: int) -> str:
    return _("%(month)d月") % {"month": month}


def _bars(
    statuses: Sequence[StatusView], groups: Mapping[str, str], year: int
) -> Sequence[dict[str, object]]:
    first, end = date(year, 1, 1), date(year + 1, 1, 1)
    bars: list[dict[str, object]] = []
    for code in dict.fromkeys(status.group for status in statuses):
        spells = [
            (max(s.valid_from, first), min(s.valid_to or end, end)) for s in statuses if s.group == code
        ]
        pieces = [_piece(start, stop) for start, stop in spells if start < stop]
        bars.append({"label": groups.get(code, code), "pieces": pieces})
    return bars


def _piece(start: date, stop: date) -> dict[str, str]:
    days = (date(start.year + 1, 1, 1) - date(start.year, 1, 1)).days
    hundredths = (stop - start).days * 10_000 // days
    return {"x": _place_in_year(start), "width": f"{hundredths // 100}.{hundredths % 100:02d}%"}


def _admissions(settlements: Sequence[SettlementView], year: int) -> Sequence[str]:
    days = {s.admitted_on for s in settlements if s.admitted_on and s.admitted_on.year == year}
    return [_place_in_year(day) for day in sorted(days)]


def _settlement_rows(
    person_id: int, settlements: Sequence[SettlementView], scope: Scope
) -> Sequence[dict[str, object]]:
    proposals = {proposal.setl_id: proposal for proposal in list_proposals_of(person_id, scope=scope)}
    others = reasons_now([s.setl_id for s in settlements if s.setl_id not in proposals])
    papers = list_paper_bills(settlement.setl_id for settlement in settlements)
    rows: list[dict[str, object]] = []
    for settlement in settlements:
        proposal, bill = proposals.get(settlement.setl_id), papers.get(settlement.setl_id)
        if proposal is not None:
            word, mark = reason_word(proposal.reason), PROPOSAL_MARKS[proposal.state]
        else:
            word, mark = _not_proposed(others[settlement.setl_id]), "stop"
        is_paper = bill is not None and bill.settlement.setl_id == settlement.setl_id
        rows.append(
            {
                "settlement": settlement,
                "proposal": proposal,
                "word": word,
                "mark": mark,
                "paper": bill if is_paper else None,
                "typed": bill if not is_paper else None,
                "may_use_feed": is_paper and bill.feed_setl_id and not is_alive(settlement.setl_id)
                if bill
                else False,
            }
        )
    return rows


def _not_proposed(reason: str) -> str:
    """Return why nobody proposed a stay: by the rule, or because no screening has seen it yet."""
    if reason in ("entitled", "needs_proof", "missing_fact"):
        return _("等下次筛查")
    return reason_word(reason)


def _settlement_columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("结算号")},
        {"label": _("住院")},
        {"label": _("总费用（元）"), "right": True},
        {"label": _("合规费用（元）"), "right": True},
        {"label": _("筛查结论")},
        {"label": _("拟赔（元）"), "right": True},
    ]


def _claim_rows(person_id: int, today: date, scope: Scope) -> Sequence[dict[str, object]]:
    claims = list_claims_of(person_id, scope=scope)
    clocks, calendar = get_clocks(claim.number for claim in claims), get_calendar(today)
    rows: list[dict[str, object]] = []
    for claim in claims:
        running = clocks.get(claim.number)
        is_running = running is not None and running.stopped_at is None
        rows.append(
            {
                "claim": claim,
                "word": state_word(claim.state),
                "mark": KINDS[claim.state],
                "clock": running if is_running else None,
                "left": count_days_left(calendar, today, running.due_on) if running else None,
            }
        )
    return rows


def _claim_columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("案号")},
        {"label": _("状态")},
        {"label": _("时限")},
        {"label": _("立案日")},
        {"label": _("赔付（元）"), "right": True},
    ]


routes: list[URLPattern] = [path("people/<int:pk>/", show_person, name="person")]
