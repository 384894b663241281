"""Two invented officers at work (两名虚构经办人): proposals of a made-up city become claims and payments.

In: a screened synthetic city and its business date. Out: claims in every state a workbench knows, over the
last days: paid, returned by the bank, approved, assessed, overdue, due today. All goes through the services
that people use; the audit names both officers as invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from yiyuan.apps.claims.errors import NotEntitled
from yiyuan.apps.claims.payable import list_held_claims
from yiyuan.apps.claims.releasing import release_payments
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.queries import list_orders
from yiyuan.apps.schemes.adopting import approve_version, propose_version
from yiyuan.apps.schemes.queries import list_standings
from yiyuan.apps.screening.queries import ProposalFilter, count_proposals, list_proposals
from yiyuan.apps.screening.services import decline_proposal
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.acceptance import to_accept
from yiyuan.runtime.progress import Progress, Step

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = Actor(
    "invented-officer-1",
    "虚构经办人甲",
    frozenset({Role.DESK_AGENT, Role.ASSESSOR, Role.PAYER, Role.ADMINISTRATOR}),
    EVERYWHERE,
)
SECOND = Actor("invented-officer-2", "虚构经办人乙", frozenset({Role.APPROVER, Role.PAYER}), EVERYWHERE)
RETURN_EVERY = 40  # one payment in so many comes back, as accounts do that were closed or misread
MOST = 4_000  # a large city is shown at work, not worked through

# What becomes of a dozen proposals in turn; some stay for whoever signs in.
PAID, APPROVED, ASSESSED, LODGED_LATE, LODGED, DECLINED, LEFT = range(7)
PATTERN = (PAID, PAID, PAID, PAID, APPROVED, ASSESSED, LODGED, LEFT, ASSESSED, LEFT, LODGED, LEFT)


@dataclass(frozen=True, slots=True)
class _Days:
    """The two working days before the business date, and the date itself."""

    first: date
    second: date
    today: date


def put_scheme_in_force(at: datetime) -> None:
    """Put every version of the product's scheme in force; repeating it does no more."""
    for standing in list_standings()[0]:
        if standing.is_in_force:
            continue
        accepted = [item.key for item in to_accept(standing.terms)]
        version = standing.terms.valid.from_on
        for act, actor in ((propose_version, FIRST), (approve_version, SECOND)):
            act(
                valid_from=version,
                accepted=accepted,
                actor=actor,
                occurred_at=at,
                request_key=f"invented:{act.__name__}:{version}",
            )


def work_through(business_on: date, progress: Progress) -> None:
    """Let the two officers settle part of what was found; repeating it goes on with what is open."""
    days = _Days(business_on - timedelta(days=2), business_on - timedelta(days=1), business_on)
    count, _ = count_proposals(ProposalFilter(), scope=EVERYWHERE)
    proposals = list_proposals(ProposalFilter(), scope=EVERYWHERE, limit=MOST)
    with progress.step("两名虚构经办人立案、初审、复核", len(proposals), "件") as step:
        numbers = _settle([proposal.pk for proposal in proposals], days, step)
        step.note = f"共 {count:,} 件拟赔，其余留给您"
    # An account in another's name is for a person to look into; no batch takes it.
    held = {claim.number for claim in list_held_claims(scope=EVERYWHERE, limit=MOST)}
    numbers = [number for number in numbers if number not in held]
    if numbers:
        with progress.step("组批、送银行、回单入账", len(numbers), "笔") as step:
            _pay(numbers, days)
            step.advance(len(numbers))


def _settle(proposal_ids: Sequence[int], days: _Days, step: Step) -> list[str]:
    """Bring each proposal as far as the pattern says; return the numbers of those to be paid."""
    to_pay = []
    for place, proposal_id in enumerate(proposal_ids):
        step.advance()
        wanted = _wanted(place)
        if wanted == LEFT:
            continue
        if wanted == DECLINED:
            _decline(proposal_id, days.second)
            continue
        on = _opened_on(wanted, place, days)
        number = _open(proposal_id, on)
        if number is None or wanted in (LODGED, LODGED_LATE):
            continue
        _say(number, Verb.ASSESS, FIRST, on, time(11))
        if wanted != ASSESSED:
            _say(number, Verb.APPROVE, SECOND, on, time(15))
        if wanted == PAID:
            to_pay.append(number)
    return to_pay


def _wanted(place: int) -> int:
    # Now and then a proposal is declined, and now and then a claim lies until it is overdue.
    if place % 50 == 46:
        return DECLINED
    if place % 30 == 16:
        return LODGED_LATE
    return PATTERN[place % len(PATTERN)]


def _opened_on(wanted: int, place: int, days: _Days) -> date:
    # What is paid or late began first; what a person finds to do today is due today or tomorrow.
    if wanted in (PAID, LODGED_LATE):
        return days.first
    if wanted == APPROVED or place % 4:
        return days.second
    return days.today


def _open(proposal_id: int, on: date) -> str | None:
    try:
        claim = open_from_proposal(
            proposal_id=proposal_id,
            actor=FIRST,
            occurred_at=_at(on, time(9, 30)),
            request_key=f"invented:open:{proposal_id}",
        )
    except NotEntitled:
        return None
    # Without an account on record the claim waits for one; that is for a person to settle.
    return claim.number if claim.due_on else None


def _decline(proposal_id: int, on: date) -> None:
    decline_proposal(
        proposal_id=proposal_id,
        reason="演示：本人已从商业保险获得全额赔付",
        actor=FIRST,
        occurred_at=_at(on, time(10)),
        request_key=f"invented:decline:{proposal_id}",
    )


def _say(number: str, verb: Verb, actor: Actor, on: date, at: time) -> None:
    move_claim(
        number=number,
        verb=verb,
        actor=actor,
        occurred_at=_at(on, at),
        request_key=f"invented:{verb}:{number}",
    )


def _pay(numbers: Sequence[str], days: _Days) -> None:
    batch = order_payments(
        numbers=numbers,
        actor=FIRST,
        occurred_at=_at(days.first, time(16)),
        request_key=f"invented:batch:{days.first}",
    )
    release_payments(
        number=batch,
        actor=SECOND,
        occurred_at=_at(days.first, time(16, 40)),
        request_key=f"invented:release:{days.first}",
    )
    record_returns(
        name=f"演示_银行回单_{days.second}.csv",
        content=_answer_of_a_made_up_bank(batch, days.second),
        actor=FIRST,
        occurred_at=_at(days.second, time(9)),
        request_key=f"invented:returns:{days.second}",
    )
    deliver_facts()


def _answer_of_a_made_up_bank(batch: int, on: date) -> bytes:
    lines = ["order_no,result,on,amount_fen,reason_code,reason"]
    for place, order in enumerate(list_orders(batch, limit=MOST), start=1):
        if place % RETURN_EVERY:
            lines.append(f"{order.order_no},paid,{on},{order.amount_fen},,")
        else:
            lines.append(f"{order.order_no},failed,{on},{order.amount_fen},R03,账号与户名不符")
    return ("\n".join(lines) + "\n").encode()


def _at(on: date, at: time) -> datetime:
    return datetime.combine(on, at, tzinfo=ZONE)
