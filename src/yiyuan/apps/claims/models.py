"""Claims and what happened to them (理赔受理)."""

import pgtrigger
from django.db import models

FOUR_EYES = """
IF NEW.verb IN ('approve', 'decline') AND NEW.actor_id = (
    SELECT e.actor_id FROM claims_claimevent e
    WHERE e.claim_id = NEW.claim_id AND e.verb = 'assess' ORDER BY e.id DESC LIMIT 1
) THEN
    RAISE EXCEPTION 'four eyes: % has assessed this claim', NEW.actor_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
# As `queries.OPEN_STATES` has them.
OPEN = ("reported", "lodged", "awaiting_documents", "assessed", "approved", "appealed")
LIVING = ~models.Q(state="withdrawn") & models.Q(is_recovered=False)


class NumberSeries(models.Model):
    """The last claim number given in a county and year (案号)."""

    county_code = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["county_code", "year"], name="number_series_once"),)


class Claim(models.Model):
    """One claim (赔案): a person, a settlement, a frozen decision, and where it stands."""

    number = models.CharField("案号", max_length=40, unique=True)
    setl_id = models.CharField("结算号", max_length=40)
    person_id = models.BigIntegerField("参保人")
    county_code = models.CharField("县区", max_length=12)
    cause = models.CharField("保险责任", max_length=40)
    # An accident is reported by a person: no screening has proposed it.
    proposal_id = models.BigIntegerField("拟赔", null=True)
    decision_id = models.BigIntegerField("核定结论")
    benefit_fen = models.BigIntegerField("赔付")
    account_id = models.BigIntegerField("收款账户", null=True)
    state = models.CharField("状态", max_length=20)
    opened_at = models.DateTimeField("立案时间")
    papers_complete_at = models.DateTimeField("资料齐全", null=True)
    due_on = models.DateField("到期日", null=True)
    payment_note = models.CharField("支付说明", max_length=200, blank=True)
    is_emergency = models.BooleanField("急难", default=False, db_default=False)
    emergency_reason = models.TextField("为什么急", blank=True, db_default="")
    # What was paid has come back whole: nothing is asked about any more, and the stay may be claimed again.
    is_recovered = models.BooleanField("已追回", default=False, db_default=False)

    class Meta:
        verbose_name = "赔案"
        indexes = (
            models.Index(fields=["state", "-is_emergency", "due_on", "id"], name="claim_queue"),
            models.Index(fields=["person_id"], name="claim_by_person"),
            models.Index(fields=["-is_emergency", "due_on", "id"], name="claim_all_by_due"),
            models.Index(fields=["state", "-is_emergency", "benefit_fen", "id"], name="claim_queue_by_sum"),
            models.Index(fields=["-is_emergency", "benefit_fen", "id"], name="claim_all_by_sum"),
            models.Index(
                fields=["county_code", "state", "-is_emergency", "due_on", "id"], name="claim_queue_of_county"
            ),
            # Those that a batch may take, of all that are approved.
            models.Index(
                fields=["county_code", "id"],
                name="claim_payable",
                condition=models.Q(state="approved", account_id__isnull=False, payment_note=""),
            ),
            # The promises that run, the longest overdue first, of all states at once.
            models.Index(fields=["due_on", "id"], name="claim_promised", condition=models.Q(state__in=OPEN)),
            models.Index(
                fields=["due_on", "id"],
                name="claim_held",
                condition=models.Q(state="approved")
                & (models.Q(account_id__isnull=True) | ~models.Q(payment_note="")),
            ),
        )
        constraints = (
            # A claim taken back, or whose money came back, stays as history; the next one is another claim.
            models.UniqueConstraint(fields=["setl_id"], condition=LIVING, name="claim_settlement_once"),
            models.UniqueConstraint(fields=["proposal_id"], condition=LIVING, name="claim_proposal_once"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["lodged", "assessed", "approved", "paid"])
                | (models.Q(due_on__isnull=False) & models.Q(papers_complete_at__isnull=False)),
                name="claim_due_when_complete",
            ),
        )


class ClaimEvent(models.Model):
    """One move of a claim (经过); append-only, and four eyes held here too."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="events", db_index=False)
    verb = models.CharField(max_length=30)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=150)
    actor_name = models.CharField(max_length=50)
    reason = models.TextField(blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    request_key = models.CharField(max_length=100, unique=True)

    class Meta:
        verbose_name = "经过"
        # The last event of a claim is found by this one alone, whatever the statistics say.
        indexes = (
            models.Index(fields=["claim", "id"], name="event_by_claim"),
            # Those of a county by its claims; those of the city the newest first.
            models.Index(
                fields=["claim", "id"],
                name="event_returned",
                condition=models.Q(verb="return_for_assessment"),
            ),
            models.Index(
                fields=["id"],
                name="event_newest_returned",
                condition=models.Q(verb="return_for_assessment"),
            ),
        )
        triggers = (
            pgtrigger.Protect(name="event_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="four_eyes", when=pgtrigger.Before, operation=pgtrigger.Insert, func=FOUR_EYES
            ),
        )


class Question(models.Model):
    """A decided claim that would come out otherwise on what is known now (疑问); a person answers."""

    OPEN, KEPT, WITHDRAWN, RECOVERY = "open", "kept", "withdrawn", "recovery"
    LAPSED, MOOT = "lapsed", "moot"
    STATES = (
        (OPEN, "等人决定"),
        (KEPT, "维持原结论"),
        (WITHDRAWN, "撤案"),
        (RECOVERY, "追回"),
        (LAPSED, "事实又变回来了"),
        (MOOT, "赔案没有付款就结束了"),
    )

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="questions")
    state = models.CharField("状态", max_length=12, choices=STATES, default=OPEN)
    import_job_id = models.BigIntegerField("由哪次导入引起", null=True)
    changes = models.JSONField("变了什么", default=list)
    old_outcome = models.CharField("原结论", max_length=20)
    old_reason = models.CharField("原理由", max_length=30)
    old_benefit_fen = models.BigIntegerField("原赔付")
    new_outcome = models.CharField("新结论", max_length=20)
    new_reason = models.CharField("新理由", max_length=30)
    new_benefit_fen = models.BigIntegerField("新赔付")
    raised_at = models.DateTimeField("提出时间")
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.CharField("答复人", max_length=150, blank=True)
    answered_by_name = models.CharField("答复人姓名", max_length=50, blank=True)
    answer_reason = models.TextField("答复理由", blank=True)

    class Meta:
        verbose_name = "疑问"
        indexes = (models.Index(fields=["state", "id"], name="question_queue"),)
        constraints = (
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(state="open"), name="question_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "lapsed", "moot"])
                | (~models.Q(answered_by="") & ~models.Q(answer_reason="")),
                name="question_answered_by_person",
            ),
        )


class Recovery(models.Model):
    """Money that was paid and is owed back (追回): opened by a person's answer, ended by another's."""

    OPEN, REPAID, WAIVED = "open", "repaid", "waived"
    STATES = ((OPEN, "待追回"), (REPAID, "已追回"), (WAIVED, "不再追"))

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="recoveries")
    amount_fen = models.BigIntegerField("应追回")
    state = models.CharField("状态", max_length=10, choices=STATES, default=OPEN)
    reason = models.TextField("为什么追")
    # What the claim rested on when its money was asked back.
    facts_key = models.CharField("当时事实的指纹", max_length=32, blank=True, db_default="")
    opened_at = models.DateTimeField("提出时间")
    opened_by = models.CharField("提出人", max_length=150)
    opened_by_name = models.CharField("提出人姓名", max_length=50)
    waiver_reason = models.TextField("为什么不追", blank=True)
    waiver_by = models.CharField("提议不追的人", max_length=150, blank=True)
    waiver_by_name = models.CharField("提议不追的人姓名", max_length=50, blank=True)
    received_on = models.DateField("退回到账日", null=True)
    closed_at = models.DateTimeField("了结时间", null=True)
    closed_by = models.CharField("了结人", max_length=150, blank=True)
    closed_by_name = models.CharField("了结人姓名", max_length=50, blank=True)

    class Meta:
        verbose_name = "追回"
        indexes = (models.Index(fields=["state", "id"], name="recovery_queue"),)
        constraints = (
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(state="open"), name="recovery_open_once"
            ),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="recovery_amount_positive"),
            models.CheckConstraint(
                condition=~models.Q(state="waived")
                | (
                    ~models.Q(waiver_reason="")
                    & ~models.Q(waiver_by="")
                    & ~models.Q(closed_by="")
                    & ~models.Q(closed_by=models.F("waiver_by"))
                ),
                name="recovery_waived_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="repaid")
                | (models.Q(received_on__isnull=False) & ~models.Q(closed_by="")),
                name="recovery_repaid_on_a_day",
            ),
        )


class Heir(models.Model):
    """Who takes the money of somebody who has died (继承人领款), on which consent; append-only."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="heirs")
    died_on = models.DateField("死亡日期")
    name = models.CharField("继承人", max_length=80)
    relation = models.CharField("与本人关系", max_length=20)
    consent = models.TextField("其他继承人的同意")
    account_id = models.BigIntegerField("收款账户")
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.CharField("经办人", max_length=150)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "继承人领款"
        triggers = (
            pgtrigger.Protect(name="heir_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )


class PaymentCheck(models.Model):
    """What somebody noted before an order went out (付款前的核对): a name that differs, a call back; kept."""

    HOLDER_NAME, CALL_BACK = "holder_name", "call_back"
    KINDS = (HOLDER_NAME, CALL_BACK)

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="payment_checks", db_index=False)
    order_no = models.CharField("指令号", max_length=30)
    kind = models.CharField("核对什么", max_length=20)
    note = models.CharField("结果", max_length=500)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.CharField("经办人", max_length=150)
    recorded_by_name = models.CharField("经办人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "付款前的核对"
        indexes = (models.Index(fields=["order_no", "kind"], name="payment_check_by_order"),)
        triggers = (
            pgtrigger.Protect(name="payment_check_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        )


class ReturnedPayment(models.Model):
    """A payment the bank has sent back (退回待办): whose it is to see to, why it came back, until when."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="returned_payments")
    order_no = models.CharField("指令号", max_length=30, unique=True)
    county_code = models.CharField("县区", max_length=12)
    returned_on = models.DateField("退回日期")
    reason = models.CharField("退回原因", max_length=200)
    due_on = models.DateField("最迟再付")
    owner = models.CharField("负责人", max_length=150)
    owner_name = models.CharField("负责人姓名", max_length=50)
    opened_at = models.DateTimeField("退回时间")

    class Meta:
        verbose_name = "退回待办"
        indexes = (
            models.Index(fields=["due_on", "id"], name="returned_by_due"),
            models.Index(fields=["owner", "due_on"], name="returned_by_owner"),
        )
        triggers = (pgtrigger.Protect(name="returned_kept", operation=pgtrigger.Delete),)


class HolderConsent(models.Model):
    """That the money may go to an account in another's name (由他人代领), and on what ground; append-only."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="holder_consents")
    account_id = models.BigIntegerField("收款账户")
    reason = models.TextField("凭什么")
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.CharField("经办人", max_length=150)
    recorded_by_name = models.CharField("经办人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "由他人代领"
        triggers = (
            pgtrigger.Protect(name="consent_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )
