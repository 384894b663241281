"""Running totals of limits (累计限额): what is left of a limit that several claims consume.

In: accounts (which limit, whose, over which span) and amounts in fen. Out: the totals under row locks; what
is consumed is what is paid in the end, and a reversal gives exactly that back. Nothing scans the ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from yiyuan.apps.adjudication.errors import LimitSpent, NothingConsumed
from yiyuan.apps.adjudication.models import Consumption, RunningTotal
from yiyuan.apps.audit.services import record_entry
from yiyuan.kernel.actor import Actor
from yiyuan.kernel.period import completed_years
from yiyuan.rules.events.terms import RunningLimit
from yiyuan.rules.terms import SchemeVersion


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
    """What a claim takes from an account, in fen, and how much the limit allows in all."""

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
    """Return what has been consumed of each account, in fen, 0 where nothing was; without locks."""
    return {account: _row(account).values_list("used_fen", flat=True).first() or 0 for account in accounts}


def lock_used(accounts: Sequence[Account]) -> dict[Account, int]:
    """Return what has been consumed, and hold the accounts until the caller's transaction ends.

    Accounts are taken in one order by everybody, so that two claims wait for each other and never in a ring.
    """
    return {account: row.used_fen for account, row in _locked(accounts).items()}


@transaction.atomic
def consume(
    *, takings: Sequence[Taking], actor: Actor, occurred_at: datetime, request_key: str
) -> Mapping[Account, int]:
    """Take from all accounts or from none; return what each has used now. The same key takes once.

    :raises LimitSpent: an account has less left than is to be taken; it names the limit.
    """
    rows = _locked([taking.account for taking in takings])
    assert len(rows) == len(takings), "the caller adds up what it takes from one account"
    if not Consumption.objects.filter(request_key=request_key).exists():
        for taking in takings:
            left_fen = taking.limit_fen - rows[taking.account].used_fen
            if taking.amount_fen > left_fen:
                raise LimitSpent(taking.account.limit, max(left_fen, 0))
        for taking in takings:
            _write(rows[taking.account], taking.amount_fen, None, actor, occurred_at, request_key)
        _note("consume_limits", takings, actor, occurred_at, request_key)
    return {account: row.used_fen for account, row in rows.items()}


@transaction.atomic
def give_back(*, consumed_with: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Give back all that was consumed under that request key; repeating it gives nothing more.

    :raises NothingConsumed: nothing was consumed under that key.
    """
    taken = Consumption.objects.filter(request_key=consumed_with, gives_back=None)
    found = list(taken.select_related("total"))
    if not found:
        raise NothingConsumed(consumed_with)
    rows = _locked([_account(one.total) for one in found])
    if Consumption.objects.filter(gives_back__in=found).exists():
        return
    for one in found:
        _write(rows[_account(one.total)], -one.amount_fen, one, actor, occurred_at, request_key)
    takings = [Taking(_account(one.total), -one.amount_fen, 0) for one in found]
    _note("give_back_limits", takings, actor, occurred_at, request_key)


def _locked(accounts: Sequence[Account]) -> dict[Account, RunningTotal]:
    ordered = sorted(set(accounts))
    RunningTotal.objects.bulk_create(
        [RunningTotal(**_fields(account)) for account in ordered], ignore_conflicts=True
    )
    return {account: _row(account).select_for_update().get() for account in ordered}


def _fields(account: Account) -> dict[str, str]:
    names = ("scheme", "version", "limit", "holder", "span")
    return dict(zip(names, astuple(account), strict=True))


def _row(account: Account) -> QuerySet[RunningTotal]:
    return RunningTotal.objects.filter(**_fields(account))


def _account(row: RunningTotal) -> Account:
    return Account(row.scheme, row.version, row.limit, row.holder, row.span)


def _write(
    row: RunningTotal,
    amount_fen: int,
    gives_back: Consumption | None,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> None:
    Consumption.objects.create(
        total=row,
        amount_fen=amount_fen,
        gives_back=gives_back,
        occurred_at=occurred_at,
        recorded_by=actor.id,
        request_key=request_key,
    )
    RunningTotal.objects.filter(pk=row.pk).update(used_fen=F("used_fen") + amount_fen)
    row.used_fen += amount_fen


def _note(
    verb: str, takings: Sequence[Taking], actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("scheme", takings[0].account.scheme),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"limits": [[taking.account.limit, taking.amount_fen] for taking in takings]},
    )
