"""The life of a claim (赔案) as a table: which verb moves it whereto, who may say it, what the clock does."""

from dataclasses import dataclass
from enum import StrEnum

from yiyuan.kernel.actor import Role


class State(StrEnum):
    """Where a claim is; participles."""

    REPORTED = "reported"  # 已报案
    LODGED = "lodged"  # 已立案
    AWAITING_DOCUMENTS = "awaiting_documents"  # 已暂停,等补件
    ASSESSED = "assessed"  # 已初审
    APPROVED = "approved"  # 已复核
    DECLINED = "declined"  # 已决定不赔
    APPEALED = "appealed"  # 已申诉
    WITHDRAWN = "withdrawn"  # 已撤案
    PAID = "paid"  # 已到账
    CLOSED = "closed"  # 已结案


class Verb(StrEnum):
    """What can be said to a claim; imperatives."""

    REPORT = "report"
    LODGE = "lodge"
    REQUEST_DOCUMENTS = "request_documents"
    RECEIVE_DOCUMENTS = "receive_documents"
    ASSESS = "assess"
    RETURN_FOR_ASSESSMENT = "return_for_assessment"
    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    APPEAL = "appeal"
    CONFIRM_PAYMENT = "confirm_payment"
    RETURN_PAYMENT = "return_payment"
    CLOSE = "close"


class ClockEffect(StrEnum):
    """What a move does to the promise made to the claimant."""

    KEEP = "keep"
    START = "start"  # or let it run on, where the one gap notice had paused it
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted move. The actor must not be the one who last said one of `other_than` (双人复核).

    `only_once`: from this state it may be said once in the life of a claim (一次性告知).
    """

    to: State
    role: Role
    clock: ClockEffect = ClockEffect.KEEP
    needs_reason: bool = False
    other_than: tuple[Verb, ...] = ()
    only_once: bool = False


S, V, C = State, Verb, ClockEffect
OF_THE_BANK = (V.CONFIRM_PAYMENT, V.RETURN_PAYMENT)  # what the bank's answers say, and nobody else

MOVES: dict[tuple[State, Verb], Move] = {
    (S.REPORTED, V.LODGE): Move(S.LODGED, Role.DESK_AGENT, C.START),
    (S.REPORTED, V.REQUEST_DOCUMENTS): Move(S.AWAITING_DOCUMENTS, Role.DESK_AGENT, needs_reason=True),
    (S.AWAITING_DOCUMENTS, V.RECEIVE_DOCUMENTS): Move(S.LODGED, Role.DESK_AGENT, C.START),
    (S.LODGED, V.ASSESS): Move(S.ASSESSED, Role.ASSESSOR),
    (S.LODGED, V.REQUEST_DOCUMENTS): Move(
        S.AWAITING_DOCUMENTS, Role.DESK_AGENT, C.PAUSE, needs_reason=True, only_once=True
    ),
    (S.ASSESSED, V.RETURN_FOR_ASSESSMENT): Move(S.LODGED, Role.APPROVER, needs_reason=True),
    (S.ASSESSED, V.APPROVE): Move(S.APPROVED, Role.APPROVER, other_than=(V.ASSESS,)),
    (S.ASSESSED, V.DECLINE): Move(
        S.DECLINED, Role.APPROVER, C.STOP, needs_reason=True, other_than=(V.ASSESS,)
    ),
    (S.DECLINED, V.APPEAL): Move(S.APPEALED, Role.DESK_AGENT, needs_reason=True),
    (S.APPEALED, V.RETURN_FOR_ASSESSMENT): Move(
        S.LODGED, Role.APPROVER, needs_reason=True, other_than=(V.DECLINE,)
    ),
    (S.APPEALED, V.CLOSE): Move(S.CLOSED, Role.APPROVER, needs_reason=True, other_than=(V.DECLINE,)),
    (S.DECLINED, V.CLOSE): Move(S.CLOSED, Role.APPROVER),
    (S.REPORTED, V.WITHDRAW): Move(S.WITHDRAWN, Role.DESK_AGENT, C.STOP, needs_reason=True),
    (S.LODGED, V.WITHDRAW): Move(S.WITHDRAWN, Role.DESK_AGENT, C.STOP, needs_reason=True),
    (S.AWAITING_DOCUMENTS, V.WITHDRAW): Move(S.WITHDRAWN, Role.DESK_AGENT, C.STOP, needs_reason=True),
    (S.APPROVED, V.CONFIRM_PAYMENT): Move(S.PAID, Role.SYSTEM, C.STOP),
    (S.PAID, V.RETURN_PAYMENT): Move(S.APPROVED, Role.SYSTEM),
    (S.PAID, V.CLOSE): Move(S.CLOSED, Role.DESK_AGENT),
    (S.CLOSED, V.RETURN_PAYMENT): Move(S.APPROVED, Role.SYSTEM),
}


def verbs_of(state: State) -> tuple[Verb, ...]:
    """Return what can be said to a claim in this state, in the order of the table."""
    return tuple(verb for (at, verb) in MOVES if at is state)
