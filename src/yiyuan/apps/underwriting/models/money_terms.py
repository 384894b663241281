"""What the agreement says of money (费用、准备金、风险分担、违约金): as its paper has it, never changed.

What is not agreed is null, or has no row. A supplement is a new set that names the one it takes the place of.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from yiyuan.apps.underwriting.models.agreement import Agreement, Promise
from yiyuan.apps.underwriting.models.premium import append_only

# By loss ratio from 0 on without gap or overlap, the last one open; and no band at all is no sharing.
BANDS_WHOLE = """
IF EXISTS (
    SELECT FROM (
        SELECT b.from_bp, b.below_bp,
            lag(b.below_bp, 1, 0) OVER (ORDER BY b.from_bp) AS before_bp,
            row_number() OVER (ORDER BY b.from_bp DESC) AS from_last
        FROM underwriting_riskband b WHERE b.terms_id = NEW.id
    ) AS bands
    WHERE from_bp IS DISTINCT FROM before_bp OR (below_bp IS NULL) <> (from_last = 1)
) THEN
    RAISE EXCEPTION 'the bands of % leave a gap or overlap', NEW.id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class MoneyTerms(models.Model):
    """One set of what is agreed on money (费用约定), and the paper it stands in."""

    BILLED, RECEIVED = "billed", "received"
    EXPENSE_OF = ((RECEIVED, "已收保费"), (BILLED, "应收保费"))
    PREMIUM, SURPLUS = "premium", "surplus"
    RESERVE_OF = ((SURPLUS, "结余"), (PREMIUM, "应收保费"))

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="money_terms")
    paper = models.CharField("写在哪份文件里", max_length=100)
    expense_bp = models.PositiveIntegerField("费用比例", null=True)
    expense_of = models.CharField("费用按什么算", max_length=10, choices=EXPENSE_OF, blank=True)
    expense_clause = models.CharField("费用条款", max_length=40, blank=True)
    reserve_bp = models.PositiveIntegerField("准备金比例", null=True)
    reserve_of = models.CharField("准备金按什么提", max_length=10, choices=RESERVE_OF, blank=True)
    reserve_limit_fen = models.BigIntegerField("准备金上限", null=True)
    reserve_clause = models.CharField("准备金条款", max_length=40, blank=True)
    risk_clause = models.CharField("风险分担条款", max_length=40, blank=True)
    reason = models.CharField("为什么改", max_length=300, blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    written_at = models.DateTimeField("登记时间")
    written_by = models.CharField("登记人", max_length=150)
    written_by_name = models.CharField("登记人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "费用约定"
        constraints = (
            models.CheckConstraint(
                condition=Q(expense_bp__isnull=True, expense_of="", expense_clause="")
                | (Q(expense_bp__gte=1, expense_bp__lte=10_000) & ~Q(expense_of="") & ~Q(expense_clause="")),
                name="money_terms_expense_whole",
            ),
            models.CheckConstraint(
                condition=Q(reserve_bp__isnull=True, reserve_of="", reserve_clause="")
                | (Q(reserve_bp__gte=1, reserve_bp__lte=10_000) & ~Q(reserve_of="") & ~Q(reserve_clause="")),
                name="money_terms_reserve_whole",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(reason=""), name="money_terms_say_why"
            ),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(corrects__isnull=True), name="money_terms_first_once"
            ),
        )
        triggers = (
            *append_only("money_terms_append_only"),
            pgtrigger.Trigger(
                name="money_terms_bands_whole",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=BANDS_WHOLE,
            ),
        )


class RiskBand(models.Model):
    """Who keeps or bears what lies between two loss ratios (风险分担档)."""

    terms = models.ForeignKey(MoneyTerms, models.PROTECT, related_name="bands")
    from_bp = models.PositiveIntegerField("赔付率满")
    below_bp = models.PositiveIntegerField("赔付率不到", null=True)
    policyholder_bp = models.PositiveIntegerField("投保方")
    insurer_bp = models.PositiveIntegerField("承保方")

    class Meta:
        verbose_name = "风险分担档"
        constraints = (
            models.CheckConstraint(
                condition=Q(policyholder_bp=10_000 - F("insurer_bp")), name="risk_band_shares_whole"
            ),
            models.CheckConstraint(
                condition=Q(below_bp__isnull=True) | Q(below_bp__gt=F("from_bp")), name="risk_band_period"
            ),
            models.UniqueConstraint(fields=["terms", "from_bp"], name="risk_band_once"),
        )
        triggers = append_only("risk_band_append_only")


class Penalty(models.Model):
    """What a missed promise costs the insurer a day (违约金), and at most in a month."""

    terms = models.ForeignKey(MoneyTerms, models.PROTECT, related_name="penalties")
    promise = models.ForeignKey(Promise, models.PROTECT, related_name="penalties")
    clause = models.CharField("条款", max_length=40)
    fen_per_day = models.BigIntegerField("每天多少")
    limit_fen_per_month = models.BigIntegerField("每月最多", null=True)

    class Meta:
        verbose_name = "违约金"
        constraints = (
            models.UniqueConstraint(fields=["terms", "promise"], name="penalty_once"),
            models.CheckConstraint(
                condition=Q(fen_per_day__gt=0) & ~Q(clause=""), name="penalty_of_something"
            ),
        )
        triggers = append_only("penalty_append_only")
