"""What underwriting keeps (承保档案): head counts, bills, orders, receipts and reminders; amounts in fen."""

from yiyuan.apps.underwriting.models.premium import (
    Appropriation,
    Bill,
    Due,
    FrozenHeadCount,
    PaperSeries,
    Receipt,
    Refund,
    Reminder,
)

__all__ = ["Appropriation", "Bill", "Due", "FrozenHeadCount", "PaperSeries", "Receipt", "Refund", "Reminder"]
