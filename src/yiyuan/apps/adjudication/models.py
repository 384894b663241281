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
