"""Premium (保费): frozen head counts, bills, appropriation orders, receipts and reminders; all append-only.

A correction is a new row that names the one it takes the place of; the old one stays as it was.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q


def append_only(name: str) -> tuple[pgtrigger.Protect, ...]:
    """Return the trigger that lets rows be added and never changed or taken away."""
    return (pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete),)


class PaperSeries(models.Model):
    """The last number given to papers of a kind in a county and year (文号)."""

    kind = models.CharField(max_length=4)
    county_code = models.CharField(max_length=12, blank=True)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "文号"
        constraints = (
            models.UniqueConstraint(fields=["kind", "county_code", "year"], name="paper_series_once"),
        )


class FrozenHeadCount(models.Model):
    """The head count by which a county pays for a year (核定人数), with the paper that says so."""

    county_code = models.CharField("县区", max_length=12)
    programme_from = models.DateField("年度")
    counted_on = models.DateField("统计日")
    persons = models.PositiveIntegerField("人数")
    households = models.PositiveIntegerField("户数", null=True)
    source = models.CharField("来源", max_length=200)
    paper_name = models.CharField("附件", max_length=100)
    paper_path = models.CharField("附件位置", max_length=200)
    paper_sha256 = models.CharField("附件校验值", max_length=64)
    reason = models.CharField("更正原因", max_length=300, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name="更正的是"
    )
    frozen_at = models.DateTimeField("核定时间")
    frozen_by = models.CharField("核定人", max_length=150)
    frozen_by_name = models.CharField("核定人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "核定人数"
        constraints = (
            models.UniqueConstraint(
                fields=["county_code", "programme_from"],
                condition=Q(corrects__isnull=True),
                name="frozen_head_count_once",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(reason=""), name="frozen_head_count_reason"
            ),
        )
        triggers = append_only("frozen_head_count_append_only")


class Bill(models.Model):
    """What a county's premium comes to (保费通知书), or the whole scheme's; `change_fen` is what it adds."""

    number = models.CharField("文号", max_length=40, unique=True)
    county_code = models.CharField("县区", max_length=12, blank=True)
    programme_from = models.DateField("年度")
    head_count = models.ForeignKey(FrozenHeadCount, models.PROTECT, null=True, related_name="bills")
    parts = models.JSONField("各项")
    total_fen = models.BigIntegerField("合计")
    change_fen = models.BigIntegerField("增减")
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name="更正的是"
    )
    scheme_sha256 = models.CharField("方案校验值", max_length=64)
    drawn_at = models.DateTimeField("出具时间")
    drawn_by = models.CharField("出具人", max_length=150)
    drawn_by_name = models.CharField("出具人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=120, unique=True)

    class Meta:
        verbose_name = "保费通知书"
        constraints = (
            models.UniqueConstraint(
                fields=["county_code", "programme_from"],
                condition=Q(corrects__isnull=True),
                name="bill_first_once",
            ),
            models.CheckConstraint(condition=Q(total_fen__gte=0), name="bill_not_negative"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=False) | Q(change_fen=F("total_fen")), name="bill_first_is_whole"
            ),
        )
        triggers = append_only("bill_append_only")


class Due(models.Model):
    """What one payer owes of a bill by a day (应拨保费); a correction can owe less than nothing."""

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="dues")
    county_code = models.CharField("县区", max_length=12, blank=True)
    payer = models.CharField("付款方", max_length=30)
    payer_name = models.CharField("付款方名称", max_length=100)
    instalment = models.PositiveSmallIntegerField("第几期")
    due_on = models.DateField("应拨日")
    amount_fen = models.BigIntegerField("金额")
    clause = models.CharField("条款", max_length=40)

    class Meta:
        verbose_name = "应拨保费"
        constraints = (
            models.UniqueConstraint(fields=["bill", "payer", "instalment"], name="due_once"),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="due_not_zero"),
        )
        indexes = (models.Index(fields=["county_code", "due_on"], name="due_by_county"),)
        triggers = append_only("due_append_only")


class Appropriation(models.Model):
    """The order to pay one due (拨付令); one for each."""

    number = models.CharField("文号", max_length=40, unique=True)
    due = models.OneToOneField(Due, models.PROTECT, related_name="appropriation")
    county_code = models.CharField("县区", max_length=12, blank=True)
    amount_fen = models.BigIntegerField("金额")
    issued_on = models.DateField("签发日")
    issued_at = models.DateTimeField("签发时间")
    issued_by = models.CharField("签发人", max_length=150)
    issued_by_name = models.CharField("签发人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "拨付令"
        constraints = (models.CheckConstraint(condition=Q(amount_fen__gt=0), name="appropriation_positive"),)
        triggers = append_only("appropriation_append_only")


class Refund(models.Model):
    """A proposal to pay back what a payer has paid too much (退还提议); another person carries it out."""

    county_code = models.CharField("县区", max_length=12, blank=True)
    programme_from = models.DateField("年度")
    payer = models.CharField("付款方", max_length=30)
    payer_name = models.CharField("付款方名称", max_length=100)
    amount_fen = models.BigIntegerField("金额")
    reason = models.CharField("原因", max_length=300)
    proposed_at = models.DateTimeField("提议时间")
    proposed_by = models.CharField("提议人", max_length=150)
    proposed_by_name = models.CharField("提议人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "退还提议"
        constraints = (models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_positive"),)
        triggers = append_only("refund_append_only")


class Receipt(models.Model):
    """Premium that has come, or has gone back (保费收据); the bank's reference is taken once."""

    RECEIVED, REFUNDED = "received", "refunded"
    KINDS = ((RECEIVED, "收到"), (REFUNDED, "退还"))

    number = models.CharField("文号", max_length=40, unique=True)
    county_code = models.CharField("县区", max_length=12, blank=True)
    programme_from = models.DateField("年度")
    payer = models.CharField("付款方", max_length=30)
    payer_name = models.CharField("付款方名称", max_length=100)
    kind = models.CharField("收退", max_length=10, choices=KINDS)
    amount_fen = models.BigIntegerField("金额")
    moved_on = models.DateField("到账日")
    bank_reference = models.CharField("银行流水号", max_length=60, unique=True)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="receipt")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("经办人", max_length=150)
    recorded_by_name = models.CharField("经办人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "保费收据"
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="receipt_positive"),
            models.CheckConstraint(
                condition=Q(kind="received", refund__isnull=True) | Q(kind="refunded", refund__isnull=False),
                name="receipt_refund_by_two",
            ),
        )
        indexes = (models.Index(fields=["county_code", "programme_from"], name="receipt_by_county"),)
        triggers = append_only("receipt_append_only")


class Reminder(models.Model):
    """A payer was reminded of what is late (催拨), how, and by when it is to answer."""

    county_code = models.CharField("县区", max_length=12, blank=True)
    programme_from = models.DateField("年度")
    payer = models.CharField("付款方", max_length=30)
    late_fen = models.BigIntegerField("欠拨")
    late_working_days = models.PositiveSmallIntegerField("晚了几个工作日")
    channel = models.CharField("怎么催的", max_length=100)
    answer_by_on = models.DateField("要求答复日")
    reminded_at = models.DateTimeField("催拨时间")
    reminded_by = models.CharField("催拨人", max_length=150)
    reminded_by_name = models.CharField("催拨人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "催拨"
        constraints = (models.CheckConstraint(condition=Q(late_fen__gt=0), name="reminder_of_something"),)
        triggers = append_only("reminder_append_only")
