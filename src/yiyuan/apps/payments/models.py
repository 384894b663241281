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
    # Which bank's form the files have; by which bytes of its profile, and what came out, once released.
    bank_profile = models.CharField("银行格式", max_length=40, default="general")
    profile_sha256 = models.CharField("银行格式校验值", max_length=64, blank=True)
    files = models.JSONField("文件校验值", default=dict)
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


class KeptProfile(models.Model):
    """A bank's profile as it was when files were made by it (用过的银行格式), to make them again."""

    sha256 = models.CharField("校验值", max_length=64, unique=True)
    name = models.CharField("名称", max_length=40)
    content = models.TextField("内容")

    class Meta:
        verbose_name = "用过的银行格式"
        triggers = (pgtrigger.Protect(name="profile_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)


class ReturnFile(models.Model):
    """A file of the bank's answers as it came (银行回单); the same bytes are taken once."""

    sha256 = models.CharField("校验值", max_length=64, unique=True)
    name = models.CharField("文件名", max_length=200)
    received_at = models.DateTimeField("收到时间")
    received_by = models.CharField("经办人", max_length=150)
    counts = models.JSONField("计数")
    # In fen: all = matched + known + suspended + refused.
    sums = models.JSONField("金额", default=dict)
    bank_profile = models.CharField("银行格式", max_length=40, default="general")
    problems = models.JSONField("没有对上的行", default=list)

    class Meta:
        verbose_name = "银行回单"
        triggers = (pgtrigger.Protect(name="return_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)


class Suspense(models.Model):
    """A line of the bank's answers that fits no order as it stands (待查款): somebody's, until worked off."""

    OPEN, PROPOSED, MATCHED, SENT_BACK = "open", "proposed", "matched", "sent_back"

    file = models.ForeignKey(ReturnFile, models.PROTECT, related_name="suspended", db_index=False)
    row = models.PositiveIntegerField("第几行")
    fingerprint = models.CharField("这一行的指纹", max_length=64, unique=True)
    order_no = models.CharField("回单上的指令号", max_length=60, blank=True)
    is_paid = models.BooleanField("回单说已到账")
    answered_on = models.DateField("回单日期")
    amount_fen = models.BigIntegerField("金额")
    reason_code = models.CharField("退回代码", max_length=20, blank=True)
    reason = models.CharField("退回原因", max_length=200, blank=True)
    why = models.CharField("为什么待查", max_length=30)
    detail = models.CharField("对不上的地方", max_length=200, blank=True)
    holds_money = models.BooleanField("钱在我们账上")
    state = models.CharField("状态", max_length=12, default=OPEN)
    owner = models.CharField("负责人", max_length=150)
    owner_name = models.CharField("负责人姓名", max_length=50)
    opened_at = models.DateTimeField("挂账时间")
    matched_to = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.CharField("说明", max_length=500, blank=True)
    proposed_by = models.CharField("提议人", max_length=150, blank=True)
    proposed_by_name = models.CharField("提议人姓名", max_length=50, blank=True)
    closed_by = models.CharField("办结人", max_length=150, blank=True)
    closed_by_name = models.CharField("办结人姓名", max_length=50, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = "待查款"
        indexes = (models.Index(fields=["state", "id"], name="suspense_by_state"),)
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="suspense_amount_positive"),
            models.CheckConstraint(
                condition=~Q(state="matched")
                | (Q(matched_to__isnull=False) & ~Q(proposed_by="") & ~Q(closed_by=F("proposed_by"))),
                name="suspense_matched_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["matched", "sent_back"])
                | (Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(note="")),
                name="suspense_closed_by_somebody",
            ),
        )
        triggers = (pgtrigger.Protect(name="suspense_is_kept", operation=pgtrigger.Delete),)
