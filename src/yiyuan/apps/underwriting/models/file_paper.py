"""Papers of the underwriting file (承保档案材料): the plan, the tender's, the bids', kept for good."""

from django.db import models
from django.db.models import Q

from yiyuan.apps.underwriting.models.agreement import Agreement
from yiyuan.apps.underwriting.models.premium import append_only
from yiyuan.apps.underwriting.models.tender import Bid, Tender


class FilePaper(models.Model):
    """One paper of a tender or of an agreement; its bytes lie under their own checksum."""

    PLAN, AGREEMENT, TENDER, BID = "plan", "agreement", "tender", "bid"
    EVALUATION, OTHER = "evaluation", "other"
    KINDS = (
        (PLAN, "承保方案"), (AGREEMENT, "协议文本"), (TENDER, "招标文件"), (BID, "投标文件"),
        (EVALUATION, "评标报告"), (OTHER, "其他"),
    )  # fmt: skip

    tender = models.ForeignKey(Tender, models.PROTECT, null=True, related_name="papers")
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="papers")
    bid = models.ForeignKey(Bid, models.PROTECT, null=True, related_name="papers")
    kind = models.CharField("是什么", max_length=12, choices=KINDS)
    name = models.CharField("文件名", max_length=100)
    path = models.CharField("位置", max_length=200)
    sha256 = models.CharField("校验值", max_length=64)
    size_bytes = models.BigIntegerField("大小")
    media_type = models.CharField("格式", max_length=100)
    added_at = models.DateTimeField("存入时间")
    added_by = models.CharField("存入人", max_length=150)
    added_by_name = models.CharField("存入人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "承保档案材料"
        constraints = (
            models.CheckConstraint(
                condition=Q(tender__isnull=False, agreement__isnull=True)
                | Q(tender__isnull=True, agreement__isnull=False, bid__isnull=True),
                name="file_paper_of_one",
            ),
            models.CheckConstraint(
                condition=Q(kind="bid", bid__isnull=False) | (~Q(kind="bid") & Q(bid__isnull=True)),
                name="file_paper_of_its_bid",
            ),
            models.CheckConstraint(
                condition=Q(size_bytes__gt=0) & ~Q(sha256=""), name="file_paper_of_something"
            ),
            models.UniqueConstraint(
                fields=["tender", "agreement", "bid", "sha256"], nulls_distinct=False, name="file_paper_once"
            ),
        )
        triggers = append_only("file_paper_append_only")
