"""Drawing up and issuing statements (月度结算单): frozen figures, two persons, later changes as new papers.

In: a kind, a month that is over, who acts. Out: statements that never change; one that
differs later takes the place of the earlier one and names it.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from hashlib import sha256
from json import dumps

from django.db import connection, transaction
from django.utils.timezone import localtime

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.reporting.errors import (
    FiguresChanged,
    MonthNotOver,
    ReasonMissing,
    RoleMissing,
    SameHands,
)
from yiyuan.apps.reporting.models import Statement
from yiyuan.apps.reporting.statement_figures import (
    Figures,
    appropriation_figures,
    insurer_figures,
    next_month,
    public_money_figures,
)
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

PAGE = 100
ROLES = {Role.CIVIL_AFFAIRS, Role.FINANCE}
WORK_OUT: dict[str, Callable[[date, date], Figures]] = {
    Statement.INSURER: insurer_figures,
    Statement.PUBLIC_MONEY: public_money_figures,
    Statement.APPROPRIATION: appropriation_figures,
}
LETTERS = {Statement.INSURER: "JS", Statement.PUBLIC_MONEY: "ZJ", Statement.APPROPRIATION: "CZ"}
STATEMENT_LOCK = 0x59595354  # advisory lock: statements are drawn up one at a time
NUMBER_SQL = """INSERT INTO reporting_statementseries (kind, year, last) VALUES (%s, %s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = reporting_statementseries.last + 1 RETURNING last"""


def _drawn_again(*, request_key: str, **_words: object) -> Statement:
    return Statement.objects.get(request_key=request_key)


@exactly_once(again=_drawn_again)
@transaction.atomic
def draw_statement(
    *, kind: str, month: date, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Statement:
    """Draw up the statement of a month; return it. The same `request_key` returns the first one.

    It takes the place of the one that stands, if there is one; `reason` says why an issued one is replaced.

    :raises RoleMissing: the actor is neither civil-affairs nor finance officer of the city.
    :raises MonthNotOver: the month has not ended, or no scheme year holds it.
    :raises ReasonMissing: the one that stands has been issued, and no reason is given.
    :raises NoAgreement: the settlement with insurers of a year without agreement.
    """
    _require(actor)
    month = month.replace(day=1)
    programme_from = _year_of(month, localtime(occurred_at).date())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STATEMENT_LOCK])
    standing = find_standing(kind, month)
    if standing is not None and standing.issued_by and not reason.strip():
        raise ReasonMissing(standing.number)
    figures = WORK_OUT[kind](programme_from, month)
    statement = Statement.objects.create(
        number=_number(kind, month.year),
        kind=kind,
        programme_from=programme_from,
        month=month,
        lines=[list(line) for line in figures.lines],
        main_fen=figures.main_fen,
        digest=_digest(figures),
        replaces=standing,
        reason=reason.strip()[:300],
        drawn_at=occurred_at,
        drawn_by=actor.id,
        drawn_by_name=actor.name,
        request_key=request_key,
    )
    _audit("draw_statement", statement, actor, occurred_at, request_key)
    return statement


def _issued_again(*, number: str, **_words: object) -> Statement:
    return Statement.objects.get(number=number)


@exactly_once(again=_issued_again)
@transaction.atomic
def issue_statement(*, number: str, actor: Actor, occurred_at: datetime, request_key: str) -> Statement:
    """Issue a statement as the second person; return it. Repeatable.

    :raises RoleMissing: the actor is neither civil-affairs nor finance officer of the city.
    :raises SameHands: the actor has drawn it up.
    :raises FiguresChanged: the ledger says something else by now, or another one has taken its place.
    """
    _require(actor)
    statement = Statement.objects.select_for_update().get(number=number)
    if statement.issued_by:
        return statement
    if statement.drawn_by == actor.id:
        raise SameHands(actor.id)
    now = WORK_OUT[statement.kind](statement.programme_from, statement.month)
    if _digest(now) != statement.digest or hasattr(statement, "replaced_by"):
        raise FiguresChanged(number)
    statement.issued_at, statement.issued_by, statement.issued_by_name = occurred_at, actor.id, actor.name
    statement.save(update_fields=["issued_at", "issued_by", "issued_by_name"])
    _audit("issue_statement", statement, actor, occurred_at, request_key)
    return statement


def find_standing(kind: str, month: date) -> Statement | None:
    """Return the statement of a kind and month that no later one replaces, None where there is none."""
    return Statement.objects.filter(kind=kind, month=month, replaced_by=None).first()


def list_statements(programme_from: date, *, scope: Scope) -> Sequence[Statement]:
    """Return the statements of a year, the newest month first; none for a reader of a part of the city."""
    if not scope.is_city:
        return []
    found = Statement.objects.filter(programme_from=programme_from).select_related("replaced_by")
    return list(found.order_by("-month", "kind", "-pk")[:PAGE])


def get_statement(number: str, *, scope: Scope) -> Statement:
    """Return one statement.

    :raises Statement.DoesNotExist: there is none, or the reader is not the city's.
    """
    found = Statement.objects.all() if scope.is_city else Statement.objects.none()
    return found.select_related("replaces", "replaced_by").get(number=number)


def is_current(statement: Statement) -> bool:
    """Tell whether the ledger still says what the statement says."""
    return _digest(WORK_OUT[statement.kind](statement.programme_from, statement.month)) == statement.digest


def _year_of(month: date, today: date) -> date:
    version = next((one for one in list_terms() if one.valid.contains(month)), None)
    if version is None or next_month(month) > today:
        raise MonthNotOver(f"{month:%Y-%m}")
    return version.valid.from_on


def _number(kind: str, year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_SQL, [kind, year])
        (last,) = cursor.fetchone()
    return f"{LETTERS[kind]}-{year}-{last:03d}"


def _digest(figures: Figures) -> str:
    told = dumps([[list(line) for line in figures.lines], figures.main_fen], ensure_ascii=False)
    return sha256(told.encode()).hexdigest()


def _require(actor: Actor) -> None:
    if not ROLES & actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)


def _audit(verb: str, statement: Statement, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("statement", statement.number),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"sha256": statement.digest, "main_fen": statement.main_fen},
    )
