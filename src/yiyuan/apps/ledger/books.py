"""The books (账簿): trial balance, account card, statements; as they are, or were known on a day.

In: an account, a county, an insurer, a month, a day. Out: opening, movements and closing in fen. Whole months
come from the balances that the sealing keeps, the rest from the entries of the months at the edges and from
those that are not sealed yet: no page reads all postings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from yiyuan.apps.ledger.chart import AccountCode
from yiyuan.apps.ledger.sealing import UNSEALED, get_settled
from yiyuan.kernel.scope import Scope

PAGE = 50
BLOCK = 2_000
COUNTIES_MAX = 5_000
CITY = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which postings count: of these counties, of one county, insurer, scheme year. None means all."""

    scope: Scope
    county_code: str | None = None
    insurer: str | None = None
    programme_from: date | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What an account has before a span, gains and gives in it, in fen; `closing_fen` is what it has then."""

    opening_fen: int = 0
    gained_fen: int = 0
    given_fen: int = 0

    @property
    def closing_fen(self) -> int:
        """Return what stands on the account when the span ends."""
        return self.opening_fen + self.gained_fen - self.given_fen


@dataclass(frozen=True, slots=True)
class CardLine:
    """One posting on an account's card, and what stands on the account after it."""

    entry_id: int
    kind: str
    subject: str
    county_code: str
    insurer: str
    occurred_at: datetime
    recorded_at: datetime
    amount_fen: int
    balance_fen: int
    is_reversal: bool
    position: int | None


class Key(NamedTuple):
    """Where a page of a card ends: the time and number of its last entry, and its insurer."""

    occurred_at: datetime
    entry_id: int
    insurer: str

    def named(self) -> dict[str, Any]:
        """Return it as the statements name it."""
        return {"at": self.occurred_at, "id": self.entry_id, "insurer_after": self.insurer}


# Movements as rows of (group, before the span?, gained, given): balances of whole months, and postings.
_FROM_BALANCES = """SELECT {group} AS whose, b.month < %(from)s AS is_before, b.gained_fen, b.given_fen
FROM ledger_balance b WHERE b.month < %(month)s AND {cut}"""
_FROM_POSTINGS = """SELECT {group} AS whose, b.occurred_at < %(from_at)s AS is_before,
    greatest(b.amount_fen, 0) AS gained_fen, greatest(-b.amount_fen, 0) AS given_fen
FROM (SELECT e.id, e.occurred_at, e.recorded_at, e.county_code, e.programme_from,
    p.account_id, p.insurer, p.amount_fen
    FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id WHERE {which}) b WHERE {cut}"""
_SEALED = "EXISTS (SELECT FROM ledger_link l WHERE l.entry_id = e.id)"


def sum_by_account(
    *, cut: Cut, from_on: date, to_on: date, known_at: datetime | None = None
) -> Mapping[str, Sums]:
    """Return what each account has, gains and gives from a day on and before another (half-open).

    `known_at` leaves out what was recorded later. `from_on` is the first day of a month.
    """
    found = _sums("b.account_id", cut, from_on, to_on, known_at)
    return {str(code): found.get(code, Sums()) for code in AccountCode}


def sum_by_county(
    *, account: str, cut: Cut, from_on: date, to_on: date, known_at: datetime | None = None
) -> Mapping[str, Sums]:
    """Return what stands and moves on one account, by county; blank is the whole city."""
    return _sums("b.county_code", cut, from_on, to_on, known_at, account)


def sum_by_insurer(
    *, account: str, cut: Cut, from_on: date, to_on: date, known_at: datetime | None = None
) -> Mapping[str, Sums]:
    """Return what stands and moves on one account, by insurer; blank is where none is named."""
    return _sums("b.insurer", cut, from_on, to_on, known_at, account)


def list_card(
    *, account: str, cut: Cut, month: date, after: Key | None = None, limit: int = PAGE
) -> tuple[Sequence[CardLine], Key | None]:
    """Return a page of a month's postings on an account, oldest first, with the balance after each; and the
    key of the next page, None where this is the last.
    """
    condition, values = _of_month(account, cut, month)
    balance_fen = _balance_before(condition, values, account, cut, month, after)
    place = (
        "true" if after is None else "(e.occurred_at, e.id, p.insurer) > (%(at)s, %(id)s, %(insurer_after)s)"
    )
    if after is not None:
        values |= after.named()
    with connection.cursor() as cursor:
        sql = f"{_CARD_SQL} AND {place} ORDER BY e.occurred_at, e.id, p.insurer LIMIT %(limit)s"
        cursor.execute(sql.replace("{cut}", condition), values | {"limit": limit + 1})
        lines = list(_lines(cursor.fetchall(), balance_fen))
    if len(lines) <= limit:
        return lines, None
    last = lines[limit - 1]
    return lines[:limit], Key(last.occurred_at, last.entry_id, last.insurer)


def iterate_card(*, account: str, cut: Cut, month: date, limit: int) -> Iterator[CardLine]:
    """Yield a month's postings on an account, oldest first, at most `limit`; they are never held at once."""
    condition, values = _of_month(account, cut, month)
    balance_fen = _balance_before(condition, values, account, cut, month, None)
    with connection.chunked_cursor() as cursor:
        sql = f"{_CARD_SQL} ORDER BY e.occurred_at, e.id, p.insurer LIMIT %(limit)s"
        cursor.execute(sql.replace("{cut}", condition), values | {"limit": limit})
        while rows := cursor.fetchmany(BLOCK):
            for line in _lines(rows, balance_fen):
                balance_fen = line.balance_fen
                yield line


def _of_month(account: str, cut: Cut, month: date) -> tuple[str, dict[str, Any]]:
    condition, values = _condition(cut)
    condition = condition.replace("b.insurer", "p.insurer").replace("b.", "e.")
    span = {"from_at": _midnight(month), "to_at": _midnight((month + timedelta(days=32)).replace(day=1))}
    return condition, values | span | {"account": account}


def _balance_before(
    condition: str, values: Mapping[str, Any], account: str, cut: Cut, month: date, after: Key | None
) -> int:
    """Return what stands on the account before a page: before the month, and on the pages before this one."""
    found = _sums("b.account_id", cut, month, month, None, account)
    opening_fen = found.get(account, Sums()).closing_fen
    if after is None:
        return opening_fen
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER_SQL.replace("{cut}", condition), {**values, **after.named()})
        (earlier_fen,) = cursor.fetchone()
    return opening_fen + int(earlier_fen)


def _lines(rows: Sequence[Sequence[Any]], balance_fen: int) -> Iterator[CardLine]:
    for row in rows:
        balance_fen += row[_AMOUNT]
        yield CardLine(*(*row[: _AMOUNT + 1], balance_fen, *row[_AMOUNT + 1 :]))


_OF_MONTH = """FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
WHERE e.occurred_at >= %(from_at)s AND e.occurred_at < %(to_at)s AND p.account_id = %(account)s AND {cut}"""
_AMOUNT = 7  # its place among the columns
_CARD_SQL = f"""SELECT e.id, e.kind, e.subject, e.county_code, p.insurer, e.occurred_at, e.recorded_at,
    p.amount_fen, e.reverses_id IS NOT NULL,
    (SELECT l.position FROM ledger_link l WHERE l.entry_id = e.id)
{_OF_MONTH}"""
_EARLIER_SQL = f"""SELECT coalesce(sum(p.amount_fen), 0) {_OF_MONTH}
    AND (e.occurred_at, e.id, p.insurer) <= (%(at)s, %(id)s, %(insurer_after)s)"""


def list_months(*, account: str, cut: Cut) -> Sequence[date]:
    """Return the months in which something sealed moved on an account, the newest first."""
    condition, values = _condition(cut)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT b.month FROM ledger_balance b WHERE b.account_id = %(account)s AND {condition}"
            " ORDER BY 1 DESC LIMIT 240",
            values | {"account": account},
        )
        return [month for (month,) in cursor.fetchall()]


def _sums(
    group: str, cut: Cut, from_on: date, to_on: date, known_at: datetime | None, account: str | None = None
) -> Mapping[str, Sums]:
    assert from_on.day == 1, "a span begins with a month"
    condition, values = _condition(cut)
    if account is not None:
        condition, values = f"{condition} AND b.account_id = %(account)s", values | {"account": account}
    month = to_on.replace(day=1)
    values |= {
        "from": from_on, "month": month, "from_at": _midnight(from_on), "month_at": _midnight(month),
        "to_at": _midnight(to_on), "known_at": known_at, "settled": get_settled(),
    }  # fmt: skip
    parts = [
        _FROM_BALANCES,
        # The days of the last month, sealed or not; then what of the months before is not sealed yet.
        _FROM_POSTINGS.replace("{which}", "e.occurred_at >= %(month_at)s AND e.occurred_at < %(to_at)s"),
        _FROM_POSTINGS.replace("{which}", f"e.occurred_at < %(month_at)s AND {UNSEALED}"),
    ]
    union = " UNION ALL ".join(parts)
    sign = "sum({0}_fen)"
    if known_at is not None:
        # What was recorded later is taken away again: that is little, however much there is in all.
        for which in (_SEALED, UNSEALED):
            later = f"e.recorded_at > %(known_at)s AND e.occurred_at < %(to_at)s AND {which}"
            union += " UNION ALL " + _FROM_POSTINGS.replace("{which}", later).replace(
                "greatest(b.amount_fen, 0)", "-greatest(b.amount_fen, 0)"
            ).replace("greatest(-b.amount_fen, 0)", "-greatest(-b.amount_fen, 0)")
    told = ", ".join(f"coalesce({sign.format(name)} FILTER (WHERE {when}), 0)" for name, when in _COLUMNS)
    statement = (
        f"SELECT whose, {told} FROM ({union}) moved GROUP BY whose ORDER BY whose LIMIT {COUNTIES_MAX}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{group}", group).replace("{cut}", condition), values)
        return {
            whose: Sums(int(gained - given), int(gained_in), int(given_in))
            for whose, gained, given, gained_in, given_in in cursor.fetchall()
        }


_COLUMNS = (
    ("gained", "is_before"),
    ("given", "is_before"),
    ("gained", "NOT is_before"),
    ("given", "NOT is_before"),
)


def _condition(cut: Cut) -> tuple[str, dict[str, Any]]:
    conditions, values = ["true"], dict[str, Any]()
    if not cut.scope.is_city:
        conditions.append("b.county_code = ANY(%(counties)s)")
        values["counties"] = sorted(cut.scope.counties)
    if cut.county_code is not None:
        conditions.append("b.county_code = %(county_code)s")
        values["county_code"] = cut.county_code
    if cut.insurer is not None:
        conditions.append("b.insurer = %(insurer)s")
        values["insurer"] = cut.insurer
    if cut.programme_from is not None:
        conditions.append("b.programme_from = %(programme_from)s")
        values["programme_from"] = cut.programme_from
    return " AND ".join(conditions), values


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
