"""Accounts, entries and postings (科目、凭证、分录): append-only, each entry sums to zero; amounts in fen."""

import pgtrigger
from django.db import models
from django.db.models import Q

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

    class Meta:
        verbose_name = "凭证"
        indexes = (models.Index(fields=["subject"], name="ledger_entry_by_subject"),)
        triggers = (
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
