"""What payers owe, have paid and are late with (应收、已收、欠拨), from dues and receipts alone.

In: a year and a scope. Out: frozen balances in fen. Credits (receipts, dues below 0) go to the oldest due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, Case, F, Sum, When

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.deadlines.queries import count_days_left, get_calendar
from yiyuan.apps.underwriting.models import Due, Receipt
from yiyuan.kernel.scope import Scope

SIGNED = Sum(
    Case(
        When(kind=Receipt.REFUNDED, then=-F("amount_fen")),
        default=F("amount_fen"),
        output_field=BigIntegerField(),
    )
)


@dataclass(frozen=True, slots=True)
class Balance:
    """One payer of a county in a year; `late_since` is the oldest day that has passed unpaid."""

    county_code: str
    payer: str
    payer_name: str
    owed_fen: int
    received_fen: int
    late_fen: int
    late_since: date | None
    late_working_days: int
    next_due_on: date | None

    @property
    def open_fen(self) -> int:
        """What is still to come, whether its day has passed or not; never below 0."""
        return max(self.owed_fen - self.received_fen, 0)

    @property
    def over_fen(self) -> int:
        """What has come beyond what is owed."""
        return max(self.received_fen - self.owed_fen, 0)


def list_balances(
    programme_from: date, today: date, *, scope: Scope, county_code: str | None = None
) -> Sequence[Balance]:
    """Return the balance of every payer with a due, by county and payer; some hundreds at most."""
    dues = Due.objects.filter(within(scope), bill__programme_from=programme_from)
    receipts = Receipt.objects.filter(within(scope), programme_from=programme_from)
    if county_code is not None:
        dues, receipts = dues.filter(county_code=county_code), receipts.filter(county_code=county_code)
    received = {
        (row["county_code"], row["payer"]): int(row["fen"])
        for row in receipts.values("county_code", "payer").annotate(fen=SIGNED)
    }
    owed: dict[tuple[str, str], list[Due]] = {}
    for due in dues.order_by("county_code", "payer", "due_on", "pk"):
        owed.setdefault((due.county_code, due.payer), []).append(due)
    return [_balance(rows, received.get(key, 0), today) for key, rows in owed.items()]


def find_balance(programme_from: date, today: date, county_code: str, payer: str) -> Balance | None:
    """Return one payer's balance, None where nothing was ever owed."""
    scope = Scope(frozenset({county_code})) if county_code else Scope(is_city=True)
    found = list_balances(programme_from, today, scope=scope, county_code=county_code)
    return next((one for one in found if one.payer == payer), None)


def _balance(dues: Sequence[Due], received_fen: int, today: date) -> Balance:
    credit = received_fen - sum(due.amount_fen for due in dues if due.amount_fen < 0)
    late_fen, late_since, next_due_on = 0, None, None
    for due in (due for due in dues if due.amount_fen > 0):
        left = max(due.amount_fen - credit, 0)
        credit = max(credit - due.amount_fen, 0)
        if left and due.due_on < today:
            late_fen, late_since = late_fen + left, late_since or due.due_on
        elif left:
            next_due_on = next_due_on or due.due_on
    working_days = -count_days_left(get_calendar(today), today, late_since) if late_since else 0
    first = dues[0]
    return Balance(
        county_code=first.county_code,
        payer=first.payer,
        payer_name=dues[-1].payer_name,
        owed_fen=sum(due.amount_fen for due in dues),
        received_fen=received_fen,
        late_fen=late_fen,
        late_since=late_since,
        late_working_days=working_days,
        next_due_on=next_due_on,
    )
