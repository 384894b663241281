"""Decisions with their reasons, frozen (核定结论与依据)."""

import pgtrigger
from django.db import models
from django.db.models import F

from yiyuan.apps.ledger.changes import BY_TWO, ChangeByTwo


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
    """What claims have taken of one limit of one holder over one span (累计限额): decided, and paid.

    `version` is the first day of the scheme version, empty for a limit that runs over a life; `holder` is
    like `person:12`, `event:2027-001` or `scheme:`. A limit may be one for people of several counties (of an
    event, of the whole scheme), so a row belongs to no county; holders are opaque numbers. A trigger on the
    consumptions moves the sums under the row's lock; `extra_fen` is what two persons let it go beyond.
    """

    scheme = models.CharField("方案", max_length=50)
    version = models.CharField("方案版本", max_length=10, blank=True)
    limit = models.CharField("限额", max_length=60)
    holder = models.CharField("谁的", max_length=80)
    span = models.CharField("哪一段", max_length=80)
    limit_fen = models.BigIntegerField("最高", default=0)
    extra_fen = models.BigIntegerField("追加", default=0)
    reserved_fen = models.BigIntegerField("占用", default=0)
    used_fen = models.BigIntegerField("已付", default=0)

    class Meta:
        verbose_name = "累计限额已用"
        indexes = (
            models.Index(
                F("limit_fen") + F("extra_fen") - F("reserved_fen") - F("used_fen"), name="running_total_left"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["scheme", "version", "limit", "holder", "span"], name="running_total_once"
            ),
            models.CheckConstraint(
                condition=models.Q(used_fen__gte=0, reserved_fen__gte=0, extra_fen__gte=0, limit_fen__gte=0),
                name="running_total_not_negative",
            ),
        )
        triggers = (pgtrigger.Protect(name="running_total_kept", operation=pgtrigger.Delete),)


class Consumption(models.Model):
    """A move of what one decision takes from one limit (限额占用): reserved, paid, given back; append-only.

    The last one of a decision says where it stands. `limit_fen` is what the limit allowed in this case.
    """

    total = models.ForeignKey(RunningTotal, models.PROTECT, related_name="consumptions")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="consumptions")
    kind = models.CharField("怎么动", max_length=10)
    amount_fen = models.BigIntegerField("金额")
    limit_fen = models.BigIntegerField("最高")
    occurred_at = models.DateTimeField("发生时间")
    recorded_by = models.CharField("经办人", max_length=150)
    request_key = models.CharField("请求号", max_length=120)

    class Meta:
        verbose_name = "限额占用"
        constraints = (
            models.UniqueConstraint(fields=["request_key", "total"], name="consumption_once"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="consumption_positive"),
        )
        triggers = (
            pgtrigger.Protect(name="consumption_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )


class LimitChange(ChangeByTwo):
    """That one holder's limit may be gone beyond (超限额追加): one person proposed it, another agreed."""

    total = models.ForeignKey(RunningTotal, models.PROTECT, related_name="changes")

    class Meta:
        verbose_name = "超限额追加"
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(reason="") & models.Q(amount_fen__gt=0), name="limit_change_says_why"
            ),
            models.CheckConstraint(condition=BY_TWO, name="limit_change_by_two"),
        )
