"""The path of every settlement from screening to payment, and its sums (主线的读模型); amounts in fen.

Nothing here is evidence: `services.refresh_path` makes both tables anew from what the other apps keep. Sums
and rows are written in one transaction, so that a figure and the list behind it never differ.
"""

import pgtrigger
from django.db import models


class Path(models.Model):
    """How far one settlement is, with what a list shows of it."""

    setl_id = models.CharField("结算号", max_length=40, primary_key=True)
    person_id = models.BigIntegerField("参保人")
    county_code = models.CharField("县区", max_length=12)
    month = models.DateField("入院月份", null=True)
    group = models.CharField("群体", max_length=40, blank=True)
    reason = models.CharField("理由", max_length=30)
    stage = models.PositiveSmallIntegerField("走到哪一步")
    money = models.CharField("钱在哪里", max_length=10, blank=True)
    timing = models.CharField("时限", max_length=10, blank=True)
    days = models.SmallIntegerField("办了几天", null=True)
    benefit_fen = models.BigIntegerField("赔付")
    state = models.CharField("状态", max_length=20, blank=True)
    number = models.CharField("案号", max_length=40, blank=True)
    proposal_id = models.BigIntegerField("拟赔", null=True)

    class Meta:
        verbose_name = "主线明细"
        indexes = (
            models.Index(fields=["stage", "setl_id"], name="path_by_stage"),
            models.Index(fields=["county_code", "stage", "setl_id"], name="path_by_county"),
            models.Index(fields=["money", "setl_id"], name="path_by_money", condition=~models.Q(money="")),
            models.Index(fields=["timing", "setl_id"], name="path_by_timing", condition=~models.Q(timing="")),
        )


class PathSum(models.Model):
    """How many settlements share a county, month, group, stage, place of money and clock, and their sum."""

    county_code = models.CharField("县区", max_length=12)
    month = models.DateField("入院月份", null=True)
    group = models.CharField("群体", max_length=40, blank=True)
    reason = models.CharField("理由", max_length=30)
    stage = models.PositiveSmallIntegerField("走到哪一步")
    money = models.CharField("钱在哪里", max_length=10, blank=True)
    timing = models.CharField("时限", max_length=10, blank=True)
    state = models.CharField("状态", max_length=20, blank=True)
    days = models.SmallIntegerField("办了几天", null=True)
    count = models.PositiveIntegerField("人次")
    benefit_fen = models.BigIntegerField("赔付")

    class Meta:
        verbose_name = "主线合计"


class PathStand(models.Model):
    """When the path was last made anew, of which day, and after which entry of the audit; one row."""

    refreshed_at = models.DateTimeField("截至")
    today = models.DateField("业务日期")
    audit_id = models.BigIntegerField("留痕")
    took_ms = models.PositiveIntegerField("用时（毫秒）")

    class Meta:
        verbose_name = "主线截至"


UNCHANGED = """
IF OLD.issued_by <> '' OR (to_jsonb(NEW) - 'issued_by' - 'issued_by_name' - 'issued_at')
    IS DISTINCT FROM (to_jsonb(OLD) - 'issued_by' - 'issued_by_name' - 'issued_at') THEN
    RAISE EXCEPTION 'statement % does not change', OLD.number USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class StatementSeries(models.Model):
    """The last number given to statements of a kind and year (文号)."""

    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "year"], name="statement_series_once"),)


class Statement(models.Model):
    """A statement of a month (月度结算单), frozen with its figures; one that differs later names this one."""

    INSURER, PUBLIC_MONEY, APPROPRIATION = "insurer", "public_money", "appropriation"
    KINDS = (
        (INSURER, "承保机构月度结算单"),
        (PUBLIC_MONEY, "财政资金和撬动社会资金表"),
        (APPROPRIATION, "财政拨付情况表"),
    )

    number = models.CharField("文号", max_length=40, unique=True)
    kind = models.CharField("类别", max_length=20, choices=KINDS)
    programme_from = models.DateField("年度")
    month = models.DateField("月份")
    lines = models.JSONField("各项")
    main_fen = models.BigIntegerField("主要金额")
    digest = models.CharField("校验值", max_length=64)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    reason = models.CharField("为什么重出", max_length=300, blank=True)
    drawn_at = models.DateTimeField("编制时间")
    drawn_by = models.CharField("编制人", max_length=150)
    drawn_by_name = models.CharField("编制人姓名", max_length=50)
    issued_at = models.DateTimeField("签发时间", null=True)
    issued_by = models.CharField("签发人", max_length=150, blank=True)
    issued_by_name = models.CharField("签发人姓名", max_length=50, blank=True)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "结算单"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(issued_by="") | ~models.Q(issued_by=models.F("drawn_by")),
                name="statement_by_two",
            ),
            # One that replaces nothing is the first of its kind and month.
            models.UniqueConstraint(
                fields=["kind", "month"],
                condition=models.Q(replaces__isnull=True),
                name="statement_first_once",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="statement_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="statement_frozen", when=pgtrigger.Before, operation=pgtrigger.Update, func=UNCHANGED
            ),
        )
