"""Accounts, entries and postings (科目、凭证、分录): append-only, each entry sums to zero; amounts in fen.

Links seal the entries into one chain, anchors say where it stood, months are closed; balances are kept by the
sealing and can be counted anew at any time. Budgets say how much may be promised in all.
"""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from yiyuan.apps.ledger.changes import BY_TWO, ChangeByTwo

# Postings that a policy hides from whoever commits sum to nothing, which is not zero.
ZERO_SUM = """
IF (SELECT sum(p.amount_fen) FROM ledger_posting p WHERE p.entry_id = NEW.entry_id) IS DISTINCT FROM 0 THEN
    RAISE EXCEPTION 'entry % does not sum to zero', NEW.entry_id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
TWO_POSTINGS = """
IF (SELECT count(*) FROM ledger_posting p WHERE p.entry_id = NEW.id) < 2 THEN
    RAISE EXCEPTION 'entry % has fewer than two postings', NEW.id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""

# One question a statement. The shared lock lets whoever closes a month wait for those who post into it.
OPEN_PERIOD = """
PERFORM pg_advisory_xact_lock_shared(1499023922);
IF EXISTS (
    SELECT FROM inserted i WHERE i.occurred_at < (
        SELECT m.open_from::timestamp AT TIME ZONE 'Asia/Shanghai' FROM ledger_periodmove m
        ORDER BY m.id DESC LIMIT 1
    )
) THEN
    RAISE EXCEPTION 'the ledger period is closed' USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class Account(models.Model):
    """One place where money stands (科目)."""

    code = models.CharField("代码", max_length=20, primary_key=True)
    name_zh = models.CharField("名称", max_length=30)
    kind = models.CharField("类别", max_length=20)

    class Meta:
        verbose_name = "科目"


class Entry(models.Model):
    """One movement of money and why (凭证). A mistake is corrected by an entry that `reverses` it (冲正)."""

    kind = models.CharField("类型", max_length=20)
    subject = models.CharField("案号", max_length=40)
    occurred_at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("入账时间")
    # Blank is the whole city; the first day names the scheme version whose contract pays, where it is known.
    county_code = models.CharField("县区", max_length=12, blank=True, db_default="")
    programme_from = models.DateField("哪一年度的项目", null=True)
    actor_id = models.CharField("经办人", max_length=150)
    request_key = models.CharField("请求号", max_length=120, unique=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name="冲正的凭证"
    )
    # SHA-256 of everything above and of the postings, made by the statement that inserts them (ADR 0015).
    digest = models.BinaryField("校验值")

    class Meta:
        verbose_name = "凭证"
        indexes = (
            models.Index(fields=["subject"], name="ledger_entry_by_subject"),
            models.Index(fields=["occurred_at", "id"], name="ledger_entry_by_time"),
            # Payments are counted month by month; the index alone answers.
            models.Index(
                fields=["occurred_at"],
                include=["programme_from", "county_code"],
                condition=Q(kind="pay"),
                name="ledger_pay_by_time",
            ),
            # Rows come in the order they are recorded: what was recorded later lies together.
            BrinIndex(fields=["recorded_at"], pages_per_range=16, name="ledger_entry_by_recording"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="entry_in_open_period",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="inserted"),  # type: ignore[no-untyped-call]
                func=OPEN_PERIOD,
            ),
            pgtrigger.Protect(name="entry_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="entry_two_postings",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=TWO_POSTINGS,
            ),
        )


class Posting(models.Model):
    """One side of an entry (分录): what an account gains, or with a minus gives."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, db_index=False)
    insurer = models.CharField("承保机构", max_length=60, blank=True, db_default="")
    amount_fen = models.BigIntegerField("金额")

    class Meta:
        verbose_name = "分录"
        constraints = (
            models.UniqueConstraint(fields=["entry", "account", "insurer"], name="ledger_posting_once"),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="ledger_posting_not_zero"),
        )
        triggers = (
            pgtrigger.Protect(name="posting_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="posting_zero_sum",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=ZERO_SUM,
            ),
        )


class Link(models.Model):
    """One sealed entry (封存): its place in the chain, and SHA-256 over the link before it and its digest."""

    position = models.BigIntegerField("位次", primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="link", verbose_name="凭证")
    link = models.BinaryField("链值")

    class Meta:
        verbose_name = "封存"
        triggers = (
            pgtrigger.Protect(name="link_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )


class Seal(models.Model):
    """One sealing (封存批次): up to which place, with which link.

    Once no transaction older than `horizon` runs, no entry numbered up to `top_id` can appear any more. Up to
    `settled_id` all are sealed.
    """

    sealed_at = models.DateTimeField("封存时间")
    last_position = models.BigIntegerField("封到哪一位")
    root = models.BinaryField("链值")
    top_id = models.BigIntegerField("最大凭证号")
    horizon = models.BigIntegerField("事务界线")
    settled_id = models.BigIntegerField("已封全的凭证号")

    class Meta:
        verbose_name = "封存批次"
        triggers = (
            pgtrigger.Protect(name="seal_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )


class Anchor(models.Model):
    """Where the chain stood when a day ended or a month was closed (链锚); its root is kept elsewhere too."""

    anchored_at = models.DateTimeField("定锚时间")
    position = models.BigIntegerField("位次")
    root = models.BinaryField("链值")
    request_key = models.CharField("请求号", max_length=120, unique=True)

    class Meta:
        verbose_name = "链锚"
        triggers = (
            pgtrigger.Protect(name="anchor_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )


class Balance(models.Model):
    """What the sealed entries of one month moved on an account (月发生额), by county, year and insurer."""

    month = models.DateField("月份")
    account = models.ForeignKey(Account, models.PROTECT, db_index=False)
    county_code = models.CharField("县区", max_length=12, blank=True)
    programme_from = models.DateField("哪一年度的项目", null=True)
    insurer = models.CharField("承保机构", max_length=60, blank=True)
    gained_fen = models.BigIntegerField("增加")
    given_fen = models.BigIntegerField("减少")
    count = models.BigIntegerField("笔数")

    class Meta:
        verbose_name = "月发生额"
        constraints = (
            models.UniqueConstraint(
                fields=["month", "account", "county_code", "programme_from", "insurer"],
                nulls_distinct=False,
                name="ledger_balance_once",
            ),
        )


class PeriodMove(models.Model):
    """Closing months and opening the last one again (结账、反结账): entries occur on `open_from` or later."""

    open_from = models.DateField("从哪天起可以入账")
    is_closing = models.BooleanField("结账")
    reason = models.TextField("理由", blank=True)
    occurred_at = models.DateTimeField("时间")
    actor_id = models.CharField("经办人", max_length=150)
    actor_name = models.CharField("经办人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=120, unique=True)

    class Meta:
        verbose_name = "结账"
        constraints = (
            models.CheckConstraint(
                condition=Q(is_closing=True) | ~Q(reason=""), name="ledger_reopened_for_a_reason"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="period_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )


class Budget(models.Model):
    """How much a programme's year, or one county of it, may promise in all (预算), and what of it is taken.

    A trigger on the postings moves `reserved_fen` and `paid_fen` under its lock; blank is the whole city.
    """

    programme_from = models.DateField("哪一年度的项目")
    county_code = models.CharField("县区", max_length=12, blank=True, db_default="")
    given_fen = models.BigIntegerField("给了", default=0)
    extra_fen = models.BigIntegerField("追加", default=0)
    reserved_fen = models.BigIntegerField("占用", default=0)
    paid_fen = models.BigIntegerField("已付", default=0)

    class Meta:
        verbose_name = "预算"
        constraints = (
            models.UniqueConstraint(fields=["programme_from", "county_code"], name="ledger_budget_once"),
            models.CheckConstraint(
                condition=Q(given_fen__gte=0, extra_fen__gte=0, reserved_fen__gte=0, paid_fen__gte=0),
                name="ledger_budget_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(given_fen__gte=F("reserved_fen") + F("paid_fen") - F("extra_fen")),
                name="ledger_budget_not_overdrawn",
            ),
        )


class BudgetChange(ChangeByTwo):
    """What one person proposed about a budget and another one decided: a sum given, or an override (追加)."""

    GIVEN, EXTRA = "given", "extra"

    programme_from = models.DateField("哪一年度的项目")
    county_code = models.CharField("县区", max_length=12, blank=True, db_default="")
    kind = models.CharField("哪一种", max_length=10)

    class Meta:
        verbose_name = "预算变动"
        constraints = (
            models.CheckConstraint(
                condition=~Q(reason="")
                & ~Q(amount_fen=0)
                & (Q(kind="given") | Q(kind="extra", amount_fen__gt=0)),
                name="ledger_budget_change_says_why",
            ),
            models.CheckConstraint(condition=BY_TWO, name="ledger_budget_change_by_two"),
        )
