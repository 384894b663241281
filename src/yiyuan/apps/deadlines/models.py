"""The calendar of working days and the clocks of cases (时限)."""

import pgtrigger
from django.db import models
from django.db.models import F, Q


class CalendarDay(models.Model):
    """One day that a State Council notice made free or working (节假日安排), by version of the notice."""

    year = models.PositiveSmallIntegerField("年度")
    version = models.PositiveSmallIntegerField("版本")
    known_from = models.DateField("可知日", null=True)
    on = models.DateField("日期")
    name = models.CharField("节日", max_length=30)
    kind = models.CharField("类型", max_length=4, choices=[("off", "放假"), ("work", "上班")])

    class Meta:
        verbose_name = "节假日安排"
        constraints = (models.UniqueConstraint(fields=["year", "version", "on"], name="calendar_day_once"),)


class Clock(models.Model):
    """One running promise (计时): from the day the papers were complete to the day the bank confirmed."""

    subject = models.CharField("案号", max_length=40, unique=True)
    started_at = models.DateTimeField("起算")
    due_on = models.DateField("到期日")
    limit_days = models.PositiveSmallIntegerField("时限天数")
    rule = models.CharField("怎么算的", max_length=100)
    clause = models.CharField("时限条款", max_length=30)
    counts_working_days = models.BooleanField("按工作日", default=False)
    counted_from_on = models.DateField("从哪天往后数")
    counted_days = models.SmallIntegerField("数几天", help_text="negative: was late when it was paused")
    paused_on = models.DateField("暂停日", null=True)
    is_provisional = models.BooleanField("暂定", default=False)
    sent_on = models.DateField("送银行日", null=True)
    stopped_at = models.DateTimeField("停止", null=True)

    class Meta:
        verbose_name = "计时"
        constraints = (
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("started_at")), name="clock_order"
            ),
        )
        indexes = (models.Index(fields=["due_on"], name="clock_open", condition=Q(stopped_at__isnull=True)),)


class ClockChange(models.Model):
    """One move of a due day (到期日变更): what it was, what it is, why, when; append-only."""

    CALENDAR, PAUSED, RESUMED, TERM = "calendar", "paused", "resumed", "term"
    CAUSES = ((CALENDAR, "放假安排变了"), (PAUSED, "暂停"), (RESUMED, "恢复"), (TERM, "换了时限"))

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="changes")
    cause = models.CharField("原因类别", max_length=10, choices=CAUSES)
    old_due_on = models.DateField("原到期日")
    new_due_on = models.DateField("新到期日", null=True)
    days_used = models.SmallIntegerField("已用天数", default=0)
    reason = models.CharField("原因", max_length=300)
    occurred_at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "到期日变更"
        triggers = (
            pgtrigger.Protect(name="clock_change_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )
