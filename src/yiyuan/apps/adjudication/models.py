"""Decisions with their reasons, frozen (核定结论与依据)."""

import pgtrigger
from django.db import models


class Decision(models.Model):
    """What one settlement comes to under one scheme version, with every step and the facts it rests on."""

    setl_id = models.CharField("结算号", max_length=40)
    person_id = models.BigIntegerField("参保人")
    scheme = models.CharField("方案", max_length=50)
    scheme_valid_from = models.DateField("方案版本")
    scheme_sha256 = models.CharField("方案校验值", max_length=64)
    reading = models.CharField("读法", max_length=20)
    outcome = models.CharField("结论", max_length=20)
    reason = models.CharField("理由", max_length=30)
    group = models.CharField("群体", max_length=40, blank=True)
    disease = models.CharField("病种", max_length=20, blank=True)
    residual_fen = models.BigIntegerField("剩余合规费用", null=True)
    benefit_fen = models.BigIntegerField("赔付")
    clause = models.CharField("条款", max_length=30)
    trace = models.JSONField("依据项")
    facts = models.JSONField("事实")
    decided_at = models.DateTimeField("核定时间")
    decided_by = models.CharField("经办人", max_length=150)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "核定结论"
        indexes = (models.Index(fields=["setl_id"], name="decision_by_settlement"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(benefit_fen__gte=0), name="decision_benefit_not_negative"
            ),
        )
        triggers = (pgtrigger.Protect(name="decision_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)


class RunningTotal(models.Model):
    """What claims have consumed of one limit of one holder over one span (累计限额已用).

    `version` is the first day of the scheme version, empty for a limit that runs over a life; `holder` is
    like `person:12`, `event:2027-001` or `scheme:`. A limit may be one for people of several counties (of an
    event, of the whole scheme), so a row belongs to no county; holders are opaque numbers.
    """

    scheme = models.CharField("方案", max_length=50)
    version = models.CharField("方案版本", max_length=10, blank=True)
    limit = models.CharField("限额", max_length=60)
    holder = models.CharField("谁的", max_length=80)
    span = models.CharField("哪一段", max_length=80)
    used_fen = models.BigIntegerField("已用", default=0)

    class Meta:
        verbose_name = "累计限额已用"
        constraints = (
            models.UniqueConstraint(
                fields=["scheme", "version", "limit", "holder", "span"], name="running_total_once"
            ),
            models.CheckConstraint(condition=models.Q(used_fen__gte=0), name="running_total_not_negative"),
        )
        triggers = (pgtrigger.Protect(name="running_total_kept", operation=pgtrigger.Delete),)


class Consumption(models.Model):
    """One claim's taking from one limit, or its giving back (限额占用、退回): append-only."""

    total = models.ForeignKey(RunningTotal, models.PROTECT, related_name="consumptions")
    amount_fen = models.BigIntegerField("占用")
    gives_back = models.OneToOneField("self", models.PROTECT, null=True, related_name="given_back")
    occurred_at = models.DateTimeField("发生时间")
    recorded_by = models.CharField("经办人", max_length=150)
    request_key = models.CharField("请求号", max_length=100)

    class Meta:
        verbose_name = "限额占用"
        indexes = (models.Index(fields=["request_key"], name="consumption_by_key"),)
        constraints = (
            models.UniqueConstraint(fields=["request_key", "total"], name="consumption_once"),
            models.CheckConstraint(
                condition=models.Q(gives_back=None, amount_fen__gte=0)
                | models.Q(gives_back__isnull=False, amount_fen__lte=0),
                name="consumption_sign",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="consumption_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )
