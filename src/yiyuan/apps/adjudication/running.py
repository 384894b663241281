"""Running totals of limits (累计限额): what is left of a limit that several claims consume.

In: a decision with what counts against each limit, and how its claim moves later. Out: totals in fen, moved
under row locks. A decision reserves, the payment consumes, what ends unpaid gives back; what is consumed is
what is paid in the end. The trigger on the moves stops whatever no longer fits, whoever writes it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import date, datetime

from django.db import IntegrityError
from django.db.models import Q

from yiyuan.apps.adjudication.errors import LimitSpent
from yiyuan.apps.adjudication.models import Consumption, RunningTotal
from yiyuan.apps.adjudication.states import FOLLOWS, LimitMove
from yiyuan.apps.rows import execute_over
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.period import completed_years
from yiyuan.rules.events.terms import RunningLimit
from yiyuan.rules.terms import SchemeVersion

# A move that is not next is left as it is, so that repeating one is safe.
MOVE_COLUMNS = {"decision_id": "bigint", "request_key": "text"}
MOVE_SQL = """WITH last AS (
    SELECT DISTINCT ON (c.decision_id, c.total_id) c.decision_id, c.total_id, c.kind, c.amount_fen,
        c.limit_fen, given.request_key
    FROM {given} JOIN adjudication_consumption c ON c.decision_id = given.decision_id
    ORDER BY c.decision_id, c.total_id, c.id DESC
)
INSERT INTO adjudication_consumption (total_id, decision_id, kind, amount_fen, limit_fen, occurred_at,
    recorded_by, request_key)
SELECT total_id, decision_id, %s, amount_fen, limit_fen, %s, %s, request_key FROM last WHERE kind = ANY(%s)
RETURNING id"""
# What the trigger says (`adjudication` 0003).
SPENT = re.compile(r"the limit '(?P<limit>[^']*)' has (?P<left>-?\d+) fen left")


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One limit of one holder over one span."""

    scheme: str
    version: str
    limit: str
    holder: str
    span: str


@dataclass(frozen=True, slots=True)
class Taking:
    """What a decision takes from an account, in fen, and how much the limit allows in all."""

    account: Account
    amount_fen: int
    limit_fen: int


def account_of(
    terms: SchemeVersion, limit: RunningLimit, *, holder_id: str, on: date, event: str, admission: str = ""
) -> Account:
    """Return the account a limit runs on for this holder on the date of loss.

    `holder_id` is the id of the person, household or county; of an event's or the scheme's own limit it is
    not looked at. A year is the scheme's, counted from the first day of the version.
    """
    holder = {"event": f"event:{event}", "scheme": "scheme:"}.get(limit.per, f"{limit.per}:{holder_id}")
    spans = {
        "event": f"event:{event}",
        "admission": f"admission:{admission}",
        "year": f"year:{completed_years(terms.valid.from_on, on)}",
        "term": "term",
        "life": "life",
    }
    version = "" if limit.over == "life" else terms.version
    return Account(terms.id, version, limit.name, holder, spans[limit.over])


def get_used(accounts: Sequence[Account]) -> dict[Account, int]:
    """Return what is taken of each account, reserved and paid, in fen; 0 where nothing is. Without locks.

    What two persons let it go beyond is taken off, so that it can be less than 0.
    """
    return _used(accounts, {_account(row): row for row in RunningTotal.objects.filter(_any_of(accounts))})


def lock_used(accounts: Sequence[Account]) -> dict[Account, int]:
    """Return what `get_used` does, and hold the accounts until the caller's transaction ends.

    Accounts are taken in one order by everybody, so that two claims wait for each other and never in a ring.
    """
    RunningTotal.objects.bulk_create(
        [RunningTotal(**_fields(account)) for account in sorted(set(accounts))], ignore_conflicts=True
    )
    held = RunningTotal.objects.select_for_update().filter(_any_of(accounts)).order_by("pk")
    return _used(accounts, {_account(row): row for row in held})


def reserve_limits(
    *,
    decision_id: int,
    takings: Sequence[Taking],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> None:
    """Reserve what a decision takes, in the transaction that made it and holds the accounts.

    :raises LimitSpent: an account has less left than is to be taken; it names the limit.
    """
    accounts = [taking.account for taking in takings]
    totals = {_account(row): row.pk for row in RunningTotal.objects.filter(_any_of(accounts))}
    with _telling_why():
        Consumption.objects.bulk_create(
            Consumption(
                total_id=totals[one.account],
                decision_id=decision_id,
                kind=LimitMove.RESERVE,
                amount_fen=one.amount_fen,
                limit_fen=one.limit_fen,
                occurred_at=occurred_at,
                recorded_by=actor.id,
                request_key=request_key,
            )
            for one in takings
        )


def move_limits(
    *, move: LimitMove, keys: Mapping[int, str], actor: Actor, occurred_at: datetime
) -> Sequence[int]:
    """Move what these decisions take, each under its key, in the caller's transaction; return the new rows.

    A decision that takes nothing, or whose last move this one cannot follow, is passed over.

    :raises LimitSpent: what was given back is to be reserved again, and less is left.
    """
    words = [str(move), occurred_at, actor.id, sorted(FOLLOWS[move])]
    with _telling_why():
        rows = execute_over(MOVE_SQL, MOVE_COLUMNS, keys.items(), after=words)
    return [int(number) for (number,) in rows]


@contextmanager
def _telling_why() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if spent := SPENT.search(str(error)):
            raise LimitSpent(spent["limit"], int(spent["left"])) from error
        raise


def _used(accounts: Sequence[Account], rows: Mapping[Account, RunningTotal]) -> dict[Account, int]:
    return {
        account: row.reserved_fen + row.used_fen - row.extra_fen if (row := rows.get(account)) else 0
        for account in accounts
    }


def _any_of(accounts: Sequence[Account]) -> Q:
    wanted = Q(pk=None)
    for account in accounts:
        wanted |= Q(**_fields(account))
    return wanted


def _fields(account: Account) -> dict[str, str]:
    names = ("scheme", "version", "limit", "holder", "span")
    return dict(zip(names, astuple(account), strict=True))


def _account(row: RunningTotal) -> Account:
    return Account(row.scheme, row.version, row.limit, row.holder, row.span)
