"""What underwriting keeps (承保档案): tender, agreement, bonds and premium; amounts in fen."""

from yiyuan.apps.underwriting.models.agreement import (
    Agreement,
    AgreementInsurer,
    Bond,
    BondCall,
    BondReturn,
    InForce,
    MonthlyReport,
    Promise,
    Signature,
)
from yiyuan.apps.underwriting.models.file_paper import FilePaper
from yiyuan.apps.underwriting.models.money_terms import MoneyTerms, Penalty, RiskBand
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
from yiyuan.apps.underwriting.models.tender import (
    Award,
    Bid,
    Criterion,
    Judge,
    Score,
    StepDone,
    Tender,
)

__all__ = [
    "Agreement", "AgreementInsurer", "Appropriation", "Award", "Bid", "Bill", "Bond", "BondCall",
    "BondReturn", "Criterion", "Due", "FilePaper", "FrozenHeadCount", "InForce", "Judge", "MoneyTerms",
    "MonthlyReport", "PaperSeries", "Penalty", "Promise", "Receipt", "Refund", "Reminder", "RiskBand",
    "Score", "Signature", "StepDone", "Tender",
]  # fmt: skip
