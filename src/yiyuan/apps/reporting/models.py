"""The path of every settlement from screening to payment, and its sums (主线的读模型); amounts in fen.

Nothing here is evidence: `services.refresh_path` makes both tables anew from what the other apps keep. Sums
and rows are written in one transaction, so that a figure and the list behind it never differ.
"""

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
