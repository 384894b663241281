"""What a claim's moves do to the limits of the scheme (赔案占用限额).

In: claims whose decisions take from a limit, and where they go. Out: moves of what they take, in the caller's
transaction. Most claims take from none and cost nothing here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from yiyuan.apps.adjudication import errors as adjudication_errors
from yiyuan.apps.adjudication.running import move_limits
from yiyuan.apps.adjudication.states import LimitMove
from yiyuan.apps.claims.errors import LimitSpent
from yiyuan.apps.claims.states import State
from yiyuan.kernel.actor import Actor


class LimitedMove(NamedTuple):
    """A move as the limits see it: whose decision, from where to where, by which key."""

    decision_id: int
    at: State
    to: State
    request_key: str


def move_limits_of(moves: Iterable[LimitedMove], actor: Actor, occurred_at: datetime) -> None:
    """Reserve again, consume or give back what the decisions of these claims take.

    :raises LimitSpent: a claim that was declined is taken up again, and a limit has less left.
    """
    keys: dict[LimitMove, dict[int, str]] = {}
    for one in moves:
        if step := _step(one.at, one.to):
            keys.setdefault(step, {})[one.decision_id] = f"{one.request_key}:limit"
    for step, of_decisions in keys.items():
        try:
            move_limits(move=step, keys=of_decisions, actor=actor, occurred_at=occurred_at)
        except adjudication_errors.LimitSpent as spent:
            raise LimitSpent(spent.limit, spent.left_fen) from spent


def _step(at: State, to: State) -> LimitMove | None:
    if to in (State.DECLINED, State.WITHDRAWN):
        return LimitMove.RELEASE
    if to is State.PAID:
        return LimitMove.PAY
    if at is State.APPEALED and to is State.LODGED:
        return LimitMove.RESERVE
    if to is State.APPROVED and at in (State.PAID, State.CLOSED):
        return LimitMove.COME_BACK
    return None
