"""Before money goes out (放行前核对): whose name the account carries, and a call back for large sums.

In: a batch that waits for release. Out: the orders about which something must be noted, or that are left out.
An account may carry the name of the person, of a guardian who is recorded, or of the heir. From which sum a
call back is due, the scheme says; where it is silent, `schemes/base/defaults/payments.yaml` does, assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.claims.errors import IllegalMove, ReasonMissing, RoleMissing
from yiyuan.apps.claims.models import Claim, PaymentCheck
from yiyuan.apps.payments.queries import list_reserved_sources
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.scheme_file.loading import read_yaml
from yiyuan.rules.scheme_file.located import Findings, Section

# The name on an order was frozen when it was made. A blank one is for the bank to check, as ever.
CONCERNS_SQL = """SELECT * FROM (
    SELECT o.order_no, o.source, o.amount_fen, o.holder_name, p.name AS expected, 'holder_name' AS kind
    FROM payments_order o JOIN payments_batch b ON b.id = o.batch_id
    JOIN claims_claim c ON c.number = o.source JOIN registry_person p ON p.id = c.person_id
    WHERE b.number = %(batch)s AND o.state = 'reserved' AND o.holder_name NOT IN ('', p.name)
        AND NOT EXISTS (SELECT FROM registry_account a JOIN registry_person g ON g.id = a.person_id
            WHERE a.id = c.account_id AND a.guardian_of_id = c.person_id AND g.name = o.holder_name)
        AND NOT EXISTS (SELECT FROM claims_heir h WHERE h.claim_id = c.id AND h.account_id = c.account_id
            AND h.name = o.holder_name)
        AND NOT EXISTS (SELECT FROM claims_holderconsent k
            WHERE k.claim_id = c.id AND k.account_id = c.account_id)
    UNION ALL
    SELECT o.order_no, o.source, o.amount_fen, o.holder_name, '', 'call_back'
    FROM payments_order o JOIN payments_batch b ON b.id = o.batch_id
    WHERE b.number = %(batch)s AND o.state = 'reserved' AND o.amount_fen >= %(from_fen)s
) concern
WHERE NOT EXISTS (SELECT FROM claims_paymentcheck k
    WHERE k.order_no = concern.order_no AND k.kind = concern.kind)
ORDER BY order_no, kind"""
NOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class Concern:
    """An order that waits for a note; `expected` is the name it should carry, where that differs."""

    order_no: str
    source: str
    amount_fen: int
    holder_name: str
    expected: str
    kind: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """From which sum a call back is due, in fen, and whether that is assumed."""

    from_fen: int
    is_assumed: bool


def get_call_back(contract_from: date | None) -> CallBack:
    """Return from which sum a payment of this contract is called back."""
    said = get_terms(contract_from).call_back_from_fen if contract_from else None
    return CallBack(said or _assumed(), is_assumed=said is None)


def list_concerns(batch_number: int, contract_from: date | None) -> Sequence[Concern]:
    """Return the orders of a batch that wait for a note, by their numbers."""
    words = {"batch": batch_number, "from_fen": get_call_back(contract_from).from_fen}
    with connection.cursor() as cursor:
        cursor.execute(CONCERNS_SQL, words)
        return [Concern(*row) for row in cursor.fetchall()]


@exactly_once()
@transaction.atomic
def record_check(
    *,
    number: int,
    order_no: str,
    kind: str,
    note: str,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> PaymentCheck:
    """Note what was found about an order of a batch that waits for release; return the note.

    A name that differs is accounted for, or a call back is told: whom, when, what they said. The same
    `request_key` returns the first note.

    :raises RoleMissing: the actor is no payer.
    :raises ReasonMissing: the note is empty.
    :raises IllegalMove: the order is not one of the batch's that wait for release.
    """
    assert kind in PaymentCheck.KINDS, kind
    if Role.PAYER not in actor.roles:
        raise RoleMissing(actor.id)
    if not note.strip():
        raise ReasonMissing(order_no)
    if earlier := PaymentCheck.objects.filter(request_key=request_key).first():
        return earlier
    source = list_reserved_sources(number).filter(order_no=order_no).first()
    if source is None:
        raise IllegalMove(f"{order_no}: does not wait for release")
    check = PaymentCheck.objects.create(
        claim=Claim.objects.get(within(actor.scope), number=source),
        order_no=order_no,
        kind=kind,
        note=note.strip()[:NOTE_MAX],
        recorded_at=occurred_at,
        recorded_by=actor.id,
        recorded_by_name=actor.name,
        request_key=request_key,
    )
    record_entry(
        actor=actor,
        verb="check_name" if kind == PaymentCheck.HOLDER_NAME else "call_back",
        subject=("claim", source),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"order": order_no, "note": note.strip()[:200]},
    )
    return check


@cache
def _assumed() -> int:
    file = Path(settings.SCHEMES) / "base" / "defaults" / "payments.yaml"
    if not file.is_file():
        file = Path(settings.PROJECT) / "schemes" / "base" / "defaults" / "payments.yaml"
    findings = Findings(str(file))
    node, _ = read_yaml(file, findings)
    section = Section(node, findings, file.name).section("call_back") if node else None
    from_fen = section.integer("from_fen", 1) if section else 0
    if findings.found:
        raise SchemeError("\n".join(map(str, findings.found)))
    return from_fen
