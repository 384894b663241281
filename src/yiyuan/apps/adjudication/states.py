"""Where what a decision takes from a limit stands (限额占用的状态), and what may follow what."""

from enum import StrEnum


class LimitMove(StrEnum):
    """How a decision's part of a limit moves."""

    RESERVE = "reserve"  # 核定,或申诉后重新办理:占用
    RELEASE = "release"  # 不赔、撤案:占用 → 放回
    PAY = "pay"  # 到账:占用 → 已付
    COME_BACK = "come_back"  # 到账以后又退回:已付 → 占用
    REPAY = "repay"  # 追回:已付 → 放回


M = LimitMove
# A move → the moves it may follow. A decision's first one is RESERVE, when it is made.
FOLLOWS: dict[LimitMove, frozenset[LimitMove]] = {
    M.RESERVE: frozenset({M.RELEASE, M.REPAY}),
    M.RELEASE: frozenset({M.RESERVE, M.COME_BACK}),
    M.PAY: frozenset({M.RESERVE, M.COME_BACK}),
    M.COME_BACK: frozenset({M.PAY}),
    M.REPAY: frozenset({M.PAY}),
}
