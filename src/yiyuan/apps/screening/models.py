"""Screening runs and the proposals they make (批量筛查)."""

import pgtrigger
from django.db import models


class Run(models.Model):
    """One screening of the whole city (筛查批次) with its manifest."""

    number = models.PositiveIntegerField("第几次", unique=True)
    scheme = models.CharField("方案", max_length=50)
    scheme_sha256 = models.CharField("方案校验值", max_length=64)
    started_at = models.DateTimeField("开始")
    manifest = models.JSONField("清单")
    started_by = models.CharField("经办人", max_length=150)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "筛查批次"
        triggers = (pgtrigger.Protect(name="run_frozen", operation=pgtrigger.Update | pgtrigger.Delete),)


class RunRequest(models.Model):
    """A screening somebody has asked for (筛查任务): it waits, runs, and is done or failed."""

    QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
    STATES = ((QUEUED, "已排队"), (RUNNING, "正在筛查"), (DONE, "已筛完"), (FAILED, "没有筛成"))

    state = models.CharField("状态", max_length=12, choices=STATES, default=QUEUED)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="requests")
    failed_code = models.CharField("没有筛成的原因", max_length=40, blank=True)
    requested_by = models.CharField("经办人", max_length=150)
    requested_by_name = models.CharField("经办人姓名", max_length=50)
    requested_at = models.DateTimeField("提出时间")
    began_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    seen_at = models.DateTimeField("经办人看过", null=True)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "筛查任务"
        indexes = (models.Index(fields=["state", "id"], name="run_request_queue"),)


class DraftReplay(models.Model):
    """The past under a draft (草案重算): asked for on a page, worked out behind it, kept with its result."""

    QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
    STATES = ((QUEUED, "已排队"), (RUNNING, "正在重算"), (DONE, "已算完"), (FAILED, "没有算成"))

    draft = models.ForeignKey("schemes.Draft", models.PROTECT, related_name="+")
    against = models.CharField("和哪一版比", max_length=10)
    state = models.CharField("状态", max_length=12, choices=STATES, default=QUEUED)
    result = models.JSONField("结果", null=True)
    failed_code = models.CharField("没有算成的原因", max_length=40, blank=True)
    requested_by = models.CharField("经办人", max_length=150)
    requested_by_name = models.CharField("经办人姓名", max_length=50)
    requested_at = models.DateTimeField("提出时间")
    began_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "草案重算"
        indexes = (models.Index(fields=["state", "id"], name="draft_replay_queue"),)


class RunCount(models.Model):
    """What a run found, by county and reason (筛查统计)."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="counts")
    county_code = models.CharField("县区", max_length=12)
    reason = models.CharField("理由", max_length=30)
    count = models.PositiveIntegerField("人次")
    residual_fen = models.BigIntegerField("剩余合规费用")
    benefit_fen = models.BigIntegerField("赔付")

    class Meta:
        verbose_name = "筛查统计"
        constraints = (
            models.UniqueConstraint(fields=["run", "county_code", "reason"], name="run_count_once"),
        )


class Proposal(models.Model):
    """A settlement a run found entitled, or could not tell (拟赔名单); a person decides."""

    OPEN, CONFIRMED, DECLINED, LAPSED = "open", "confirmed", "declined", "lapsed"
    STATES = ((OPEN, "已提名"), (CONFIRMED, "已确认"), (DECLINED, "已决定不赔"), (LAPSED, "不再应赔"))

    # Empty where the desk found it on a paper bill, until a run sees it too.
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="proposals")
    setl_id = models.CharField("结算号", max_length=40, unique=True)
    person_id = models.BigIntegerField("参保人")
    county_code = models.CharField("县区", max_length=12)
    outcome = models.CharField("结论", max_length=20)
    reason = models.CharField("理由", max_length=30)
    group = models.CharField("群体", max_length=40, blank=True)
    disease = models.CharField("病种", max_length=20, blank=True)
    residual_fen = models.BigIntegerField("剩余合规费用", null=True)
    benefit_fen = models.BigIntegerField("拟赔")
    clause = models.CharField("条款", max_length=30)
    missing = models.CharField("缺的事实", max_length=40, blank=True)
    state = models.CharField("状态", max_length=12, choices=STATES, default=OPEN)
    decided_by = models.CharField("经办人", max_length=150, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    decided_reason = models.TextField("决定理由", blank=True)
    facts_key = models.CharField("决定所依事实的指纹", max_length=32, blank=True, db_default="")
    reopened_note = models.TextField("重新提名说明", blank=True, db_default="")

    class Meta:
        verbose_name = "拟赔"
        indexes = (
            models.Index(fields=["state", "outcome", "county_code", "id"], name="proposal_queue"),
            models.Index(fields=["state", "outcome", "id"], name="proposal_list"),
            models.Index(fields=["person_id"], name="proposal_by_person"),
            # What a county has in which state, of which group, for how much: told from the index alone.
            models.Index(
                fields=["county_code", "outcome", "state", "group"],
                include=["benefit_fen"],
                name="proposal_figures",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state="declined") | ~models.Q(decided_reason=""),
                name="proposal_decline_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "lapsed"]) | ~models.Q(decided_by=""),
                name="proposal_decided_by_person",
            ),
        )


class Finding(models.Model):
    """What the newest run made of one settlement (本次筛查的结论); the next run replaces it.

    Proposals keep what a person decides on; this keeps the others too, so that a count has its rows.
    """

    setl_id = models.CharField("结算号", max_length=40, primary_key=True)
    person_id = models.BigIntegerField("参保人")
    county_code = models.CharField("县区", max_length=12)
    admitted_on = models.DateField("入院日", null=True)
    outcome = models.CharField("结论", max_length=20)
    reason = models.CharField("理由", max_length=30)
    group = models.CharField("群体", max_length=40, blank=True)

    class Meta:
        verbose_name = "筛查结论"


class RunChange(models.Model):
    """What one run made of one settlement against the run before (和上一次比)."""

    NEW, GONE, CHANGED, REOPENED = "new", "gone", "changed", "reopened"
    KINDS = ((NEW, "新提名"), (GONE, "不再应赔"), (CHANGED, "有变化"), (REOPENED, "重新提名"))

    run = models.ForeignKey(Run, models.PROTECT, related_name="changes")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="changes")
    kind = models.CharField("变化", max_length=10, choices=KINDS)
    old_outcome = models.CharField("原结论", max_length=20, blank=True)
    old_benefit_fen = models.BigIntegerField("原拟赔", null=True)
    new_outcome = models.CharField("新结论", max_length=20)
    new_reason = models.CharField("新理由", max_length=30)
    new_benefit_fen = models.BigIntegerField("新拟赔")

    class Meta:
        verbose_name = "筛查变化"
        indexes = (models.Index(fields=["run", "kind", "id"], name="run_change_list"),)
        constraints = (models.UniqueConstraint(fields=["run", "proposal"], name="run_change_once"),)


class Telling(models.Model):
    """That a person was told why their proposal was declined (告知): when and how; append-only."""

    IN_PERSON, PHONE, SMS, LETTER = "in_person", "phone", "sms", "letter"
    CHANNELS = ((IN_PERSON, "当面"), (PHONE, "电话"), (SMS, "短信"), (LETTER, "邮寄或上门送达"))

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="tellings")
    channel = models.CharField("方式", max_length=12, choices=CHANNELS)
    text = models.TextField("说了什么")
    told_at = models.DateTimeField("告知时间")
    told_by = models.CharField("告知人", max_length=150)
    told_by_name = models.CharField("告知人姓名", max_length=50)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "告知"
        triggers = (
            pgtrigger.Protect(name="telling_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )
