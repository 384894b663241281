"""Scheme versions as they were put in force (方案版本): the very bytes, and their sha256."""

import pgtrigger
from django.db import models


class SchemeVersion(models.Model):
    """One version in force; never changed."""

    scheme = models.CharField("方案", max_length=50)
    valid_from = models.DateField("生效日")
    valid_to = models.DateField("截止日", null=True)
    title = models.CharField("名称", max_length=100)
    sha256 = models.CharField("校验值", max_length=64, unique=True)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.CharField("录入人", max_length=150)

    class Meta:
        verbose_name = "方案版本"
        triggers = (
            pgtrigger.Protect(name="scheme_immutable", operation=pgtrigger.Update | pgtrigger.Delete),
        )
