"""Drawing premium bills (保费通知书): the rule's sums as papers, and their corrections as further papers.

In: the frozen head counts of a year. Out: one bill a county, dues by payer and instalment, ledger entries.
Drawing again draws only what has changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import connection
from django.db.models import Sum
from django.utils.timezone import localtime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.underwriting.errors import BillRefused
from yiyuan.apps.underwriting.head_counts import standing_head_counts
from yiyuan.apps.underwriting.models import Bill, Due, FrozenHeadCount
from yiyuan.apps.underwriting.numbering import next_number
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.errors import CaseError, SchemeError
from yiyuan.rules.premium import CountyFacts, PremiumBill, PremiumLine, instalments_of, premium_bill
from yiyuan.rules.terms import SchemeVersion

BILL_LOCK = 0x59594250  # advisory lock: the bills of the city are drawn by one at a time


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is the same in all bills of one drawing."""

    terms: SchemeVersion
    due_on: date | None
    actor: Actor
    occurred_at: datetime
    request_key: str

    @property
    def today(self) -> date:
        return localtime(self.occurred_at).date()

    @property
    def programme_from(self) -> date:
        return self.terms.valid.from_on


@exactly_once()
def draw_bills(
    *, programme_from: date, due_on: date | None, actor: Actor, occurred_at: datetime, request_key: str
) -> Sequence[str]:
    """Draw the bills of every county whose head count stands; return the numbers of those that are new.

    A county whose sums have changed gets a correction. `due_on` is the day on which the premium is due where
    the scheme names no instalments. Repeating it draws nothing more.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises BillRefused: no head count stands, a fact is missing, a payer is missing, or no due day is known.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BILL_LOCK])
    terms = get_terms(programme_from)
    counts = standing_head_counts(programme_from)
    sums = _work_out(terms, counts)
    drawing = _Drawing(terms, due_on, actor, occurred_at, request_key)
    drawn = [
        _draw(drawing, code, counts.get(code), *lines)
        for code, lines in _by_account(sums).items()
        if code or lines[0]
    ]
    return [number for number in drawn if number]


def _work_out(terms: SchemeVersion, counts: Mapping[str, FrozenHeadCount]) -> PremiumBill:
    if not counts:
        raise BillRefused("no_head_count")
    try:
        return premium_bill(terms, {code: _facts(terms, count) for code, count in counts.items()})
    except (CaseError, SchemeError) as error:
        raise BillRefused(str(error)) from error


def _facts(terms: SchemeVersion, count: FrozenHeadCount) -> CountyFacts:
    facts: dict[str, int] = {"registered_persons": count.persons, "persons": count.persons}
    if count.households is not None:
        facts["households"] = count.households
    said = terms.premium.facts if terms.premium else {}
    return {name: value for name, value in facts.items() if name == "registered_persons" or name in said}


def _by_account(sums: PremiumBill) -> dict[str, tuple[list[PremiumLine], list[PremiumLine]]]:
    found: dict[str, tuple[list[PremiumLine], list[PremiumLine]]] = {}
    for side, lines in enumerate((sums.parts, sums.payers)):
        for line in lines:
            found.setdefault(line.county_code or "", ([], []))[side].append(line)
    return found


def _draw(
    drawing: _Drawing,
    code: str,
    count: FrozenHeadCount | None,
    parts: Sequence[PremiumLine],
    payers: Sequence[PremiumLine],
) -> str:
    """Draw one account's bill or correction; return its number, empty where nothing has changed."""
    standing = Bill.objects.filter(
        county_code=code, programme_from=drawing.programme_from, corrected_by=None
    ).first()
    changes = _changes(drawing, code, payers)
    if standing and not changes:
        return ""
    total_fen = sum(line.amount_fen for line in parts)
    number = next_number("BF", code, drawing.programme_from.year)
    bill = Bill.objects.create(
        number=number,
        county_code=code,
        programme_from=drawing.programme_from,
        head_count=count,
        parts=[[line.name, line.name_zh, line.amount_fen, line.clause] for line in parts],
        total_fen=total_fen,
        change_fen=total_fen - (standing.total_fen if standing else 0),
        corrects=standing,
        scheme_sha256=drawing.terms.sha256,
        drawn_at=drawing.occurred_at,
        drawn_by=drawing.actor.id,
        drawn_by_name=drawing.actor.name,
        request_key=f"{drawing.request_key}:{code}",
    )
    for due in changes:
        due.bill = bill
    Due.objects.bulk_create(changes)
    _post(bill, drawing)
    verb = "correct_bill" if standing else "draw_bill"
    said = {"total_fen": total_fen, "change_fen": bill.change_fen}
    audit(verb, ("bill", number), drawing.actor, drawing.occurred_at, bill.request_key, **said)
    return number


def _changes(drawing: _Drawing, code: str, payers: Sequence[PremiumLine]) -> list[Due]:
    """Return what each payer owes more or less than the dues that stand, by instalment."""
    rows = Due.objects.filter(county_code=code, bill__programme_from=drawing.programme_from)
    owed = {
        (row["payer"], row["instalment"]): int(row["fen"])
        for row in rows.values("payer", "instalment").annotate(fen=Sum("amount_fen"))
    }
    names = dict(rows.values_list("payer", "payer_name"))
    clauses = dict(rows.values_list("payer", "clause"))
    wanted: dict[tuple[str, int], tuple[date | None, int]] = {}
    for payer, group in groupby(sorted(payers, key=lambda line: line.name), key=lambda line: line.name):
        lines = list(group)
        names[payer], clauses[payer] = lines[0].name_zh, lines[0].clause
        sums = instalments_of(drawing.terms, sum(line.amount_fen for line in lines))
        wanted |= {(payer, place): one for place, one in enumerate(sums, start=1)}
    days = [on for on, _fen in instalments_of(drawing.terms, 0)]
    return [
        Due(
            county_code=code,
            payer=payer,
            payer_name=names[payer],
            instalment=place,
            due_on=_due_on(drawing, days[place - 1]),
            amount_fen=change,
            clause=clauses[payer],
        )
        for payer, place in sorted({*owed, *wanted})
        if (change := wanted.get((payer, place), (None, 0))[1] - owed.get((payer, place), 0))
    ]


def _due_on(drawing: _Drawing, instalment_on: date | None) -> date:
    on = instalment_on or drawing.due_on
    if on is None:
        raise BillRefused("no_due_day")
    # Nobody is late on the day a bill is drawn.
    return max(on, drawing.today)


def _post(bill: Bill, drawing: _Drawing) -> None:
    if not bill.change_fen:
        return
    kind = EntryKind.BILL_PREMIUM if bill.change_fen > 0 else EntryKind.CORRECT_PREMIUM
    entry = NewEntry(
        kind,
        bill.number,
        abs(bill.change_fen),
        f"bill:{bill.number}",
        county_code=bill.county_code,
        programme_from=bill.programme_from,
    )
    post_entries(entries=[entry], actor=drawing.actor, occurred_at=drawing.occurred_at)
