"""Payment batches, their orders and the bank's answers (赔款支付); amounts in fen."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from yiyuan.apps.registry.encryption import SealedTextField


class Batch(models.Model):
    """Orders that go to the bank as one file (支付批次); built by one person, released by another."""

    number = models.PositiveIntegerField("第几批", unique=True)
    state = models.CharField("状态", max_length=12)
    built_by = models.CharField("组批人", max_length=150)
    built_by_name = models.CharField("组批人姓名", max_length=50)
    built_at = models.DateTimeField("组批时间")
    released_by = models.CharField("放行人", max_length=150, blank=True)
    released_by_name = models.CharField("放行人姓名", max_length=50, blank=True)
    released_at = models.DateTimeField("放行时间", null=True)
    order_count = models.PositiveIntegerField("笔数")
    total_fen = models.BigIntegerField("合计")
    csv_sha256 = models.CharField("CSV 校验值", max_length=64, blank=True)
    xlsx_sha256 = models.CharField("XLSX 校验值", max_length=64, blank=True)
    request_key = models.CharField("请求号", max_length=100, unique=True)
    # The first day of the scheme version whose contract pays: its insurer is asked for the money.
    contract_from = models.DateField("由哪一年度的合同付", null=True)

    class Meta:
        verbose_name = "支付批次"
        constraints = (
            models.CheckConstraint(
                condition=Q(released_by="") | ~Q(released_by=F("built_by")), name="batch_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | ~Q(released_by=""), name="batch_sent_needs_release"
            ),
        )


class Order(models.Model):
    """One payment to one account (支付指令). `source` is the claim number it settles."""

    order_no = models.CharField("指令号", max_length=30, unique=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="orders")
    source = models.CharField("案号", max_length=40)
    person_id = models.BigIntegerField("参保人")
    county_code = models.CharField("县区", max_length=12)
    amount_fen = models.BigIntegerField("金额")
    bank_name = models.CharField("开户行", max_length=100)
    account_no = SealedTextField("账号")
    account_tail = models.CharField("尾号", max_length=4)
    holder_name = models.CharField("户名", max_length=80)
    state = models.CharField("状态", max_length=12)
    answered_on = models.DateField("银行回单日", null=True)
    reason_code = models.CharField("退回代码", max_length=20, blank=True)
    reason = models.CharField("退回原因", max_length=200, blank=True)
    reissues = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reissued_as", verbose_name="重付的是"
    )
    due_on = models.DateField("最迟付款日", null=True)

    class Meta:
        verbose_name = "支付指令"
        indexes = (
            models.Index(fields=["source"], name="order_by_source"),
            # What a county has in which state and batch, for how much: told from the index alone.
            models.Index(
                fields=["county_code", "state", "batch"], include=["amount_fen"], name="order_figures"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="order_amount_positive"),
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(state__in=["reserved", "sent", "paid"]),
                name="order_once_alive",
            ),
        )


class ReturnFile(models.Model):
    """A file of the bank's answers as it came (银行回单); the same bytes are taken once."""

    sha256 = models.CharField("校验值", max_length=64, unique=True)
    name = models.CharField("文件名", max_length=200)
    received_at = models.DateTimeField("收到时间")
    received_by = models.CharField("经办人", max_length=150)
    counts = models.JSONField("计数")
    problems = models.JSONField("没有对上的行", default=list)

    class Meta:
        verbose_name = "银行回单"
        triggers = (pgtrigger.Protect(name="return_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)
