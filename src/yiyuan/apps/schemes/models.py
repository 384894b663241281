"""Scheme versions as they were put in force (方案版本): who accepted what, and the bytes' sha256."""

import pgtrigger
from django.db import models


class SchemeVersion(models.Model):
    """One version that a run or a decision used; never changed."""

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


class Adoption(models.Model):
    """A version put in force by two persons (方案生效): proposed by one, approved by another, then frozen.

    `accepted` holds the words of all that is assumed or rests on press alone; both persons accepted each.
    """

    scheme = models.CharField("方案", max_length=50)
    valid_from = models.DateField("生效日")
    valid_to = models.DateField("截止日", null=True)
    title = models.CharField("名称", max_length=100)
    sha256 = models.CharField("校验值", max_length=64, unique=True)
    accepted = models.JSONField("认下的推定和报道")
    proposed_by = models.CharField("提请人", max_length=150)
    proposed_by_name = models.CharField("提请人姓名", max_length=50)
    proposed_at = models.DateTimeField("提请时间")
    request_key = models.CharField("请求号", max_length=100, unique=True)
    approved_by = models.CharField("批准人", max_length=150, blank=True)
    approved_by_name = models.CharField("批准人姓名", max_length=50, blank=True)
    approved_at = models.DateTimeField("批准时间", null=True)

    class Meta:
        verbose_name = "方案生效"
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("proposed_by")), name="adoption_four_eyes"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by="", approved_at=None)
                | (~models.Q(approved_by="") & models.Q(approved_at__isnull=False)),
                name="adoption_approved_whole",
            ),
            models.CheckConstraint(condition=~models.Q(proposed_by=""), name="adoption_proposed_by_person"),
            models.UniqueConstraint(
                fields=["scheme", "valid_from"],
                condition=~models.Q(approved_by=""),
                name="adoption_one_in_force",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="adoption_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="adoption_frozen",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__approved_by=""),
            ),
            # What was proposed is what is approved: of an open proposal only the approval may be written.
            pgtrigger.Protect(
                name="adoption_as_proposed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__sha256__df=pgtrigger.F("new__sha256"))
                | pgtrigger.Q(old__accepted__df=pgtrigger.F("new__accepted"))
                | pgtrigger.Q(old__proposed_by__df=pgtrigger.F("new__proposed_by"))
                | pgtrigger.Q(old__valid_from__df=pgtrigger.F("new__valid_from")),
            ),
        )


class Draft(models.Model):
    """A draft as it was uploaded (上传的草案), with all that its check found; never changed."""

    scheme = models.CharField("方案", max_length=100, blank=True)
    version = models.CharField("版本", max_length=10)
    files = models.JSONField("文件")
    findings = models.JSONField("检查结果")
    sha256 = models.CharField("校验值", max_length=64)
    uploaded_by = models.CharField("上传人", max_length=150)
    uploaded_by_name = models.CharField("上传人姓名", max_length=50)
    uploaded_at = models.DateTimeField("上传时间")
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "方案草案"
        triggers = (pgtrigger.Protect(name="draft_immutable", operation=pgtrigger.Update | pgtrigger.Delete),)
