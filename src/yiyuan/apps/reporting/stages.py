"""The stages of the path, the places of money, the states of a clock (主线的步、钱、时限)."""

from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """How far a settlement is; who reached one has reached all before it."""

    SCREENED = 0  # 已筛查
    ENTITLED = 1  # 应赔付,别处已赔的到此为止
    PROPOSED = 2  # 已提名
    FILED = 3  # 已确认立案
    APPROVED = 4  # 已复核
    SENT = 5  # 已送银行
    PAID = 6  # 已到账


class Money(StrEnum):
    """Where approved money is. Approved = held + sent; sent = paid + returned + in flight."""

    HELD = "held"  # 还没送出
    IN_FLIGHT = "in_flight"  # 在途
    RETURNED = "returned"  # 已退回
    PAID = "paid"  # 已到账


class Timing(StrEnum):
    """How the promise of a claim stands: still running, or ended in time or late."""

    RUNNING = "running"  # 没到期
    TODAY = "today"  # 今天到期
    OVERDUE = "overdue"  # 已超期
    PAUSED = "paused"  # 已暂停
    KEPT = "kept"  # 按时办结
    LATE = "late"  # 办结时已超期


# The furthest stage that is still without money on its way.
OPEN_STATES = ("reported", "lodged", "awaiting_documents", "assessed", "approved", "appealed")
