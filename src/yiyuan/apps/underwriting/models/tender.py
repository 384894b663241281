"""The tender (招标): criteria, judges, bids, sealed scores, an award by two persons, the steps after it."""

import pgtrigger
from django.db import models
from django.db.models import Q

from yiyuan.apps.underwriting.models.premium import append_only
from yiyuan.apps.underwriting.models.two_persons import ByTwo, by_another

WEIGHTS_WHOLE = """
IF (SELECT sum(c.weight_bp) FROM underwriting_criterion c WHERE c.tender_id = NEW.id)
    IS DISTINCT FROM 10000 THEN
    RAISE EXCEPTION 'the weights of tender % are not 100 %%', NEW.id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
CLOSED_FIRST = """
IF NEW.proposed_at <= (
    SELECT t.closes_at FROM underwriting_tender t JOIN underwriting_bid b ON b.tender_id = t.id
    WHERE b.id = NEW.bid_id AND t.id = NEW.tender_id
) IS NOT FALSE THEN
    RAISE EXCEPTION 'no award before bids close' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class Tender(models.Model):
    """One public tender (公开招标)."""

    number = models.CharField("编号", max_length=40, unique=True)
    title = models.CharField("名称", max_length=200)
    programme_from = models.DateField("年度")
    budget_fen = models.BigIntegerField("预算")
    published_on = models.DateField("招标文件发出日")
    closes_at = models.DateTimeField("投标截止")
    created_at = models.DateTimeField("登记时间")
    created_by = models.CharField("登记人", max_length=150)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "招标"
        constraints = (models.CheckConstraint(condition=Q(budget_fen__gt=0), name="tender_of_something"),)
        triggers = (
            *append_only("tender_append_only"),
            pgtrigger.Trigger(
                name="tender_weights_whole",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=WEIGHTS_WHOLE,
            ),
        )


class Criterion(models.Model):
    """What bids are judged by (评分项), and its weight."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="criteria")
    name = models.CharField("代码", max_length=40)
    name_zh = models.CharField("评分项", max_length=60)
    name_en = models.CharField("英文", max_length=60)
    weight_bp = models.PositiveIntegerField("权重")

    class Meta:
        verbose_name = "评分项"
        constraints = (models.UniqueConstraint(fields=["tender", "name"], name="criterion_once"),)
        triggers = append_only("criterion_append_only")


class Judge(models.Model):
    """A member of the committee (评委)."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="judges")
    username = models.CharField("登录名", max_length=150)
    name = models.CharField("姓名", max_length=50)
    appointed_at = models.DateTimeField("指定时间")
    appointed_by = models.CharField("指定人", max_length=150)

    class Meta:
        verbose_name = "评委"
        constraints = (models.UniqueConstraint(fields=["tender", "username"], name="judge_once"),)
        triggers = append_only("judge_append_only")


class Bid(models.Model):
    """One bid (投标) as it came before the close."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="bids")
    bidder = models.CharField("投标人", max_length=60)
    price_fen = models.BigIntegerField("报价")
    received_at = models.DateTimeField("收到时间")
    recorded_by = models.CharField("登记人", max_length=150)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "投标"
        constraints = (
            models.UniqueConstraint(fields=["tender", "bidder"], name="bid_once"),
            models.CheckConstraint(condition=Q(price_fen__gt=0), name="bid_of_something"),
        )
        triggers = append_only("bid_append_only")


class Score(models.Model):
    """A judge's points for one criterion of one bid (评分), 0 to 100."""

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    judge = models.ForeignKey(Judge, models.PROTECT, related_name="scores")
    points = models.PositiveSmallIntegerField("分")
    scored_at = models.DateTimeField("评分时间")

    class Meta:
        verbose_name = "评分"
        constraints = (
            models.UniqueConstraint(fields=["bid", "criterion", "judge"], name="score_once"),
            models.CheckConstraint(condition=Q(points__lte=100), name="score_to_100"),
        )
        triggers = append_only("score_append_only")


class Award(ByTwo):
    """Who wins (定标): proposed by one, agreed by another, never before bids close."""

    tender = models.OneToOneField(Tender, models.PROTECT, related_name="award")
    bid = models.OneToOneField(Bid, models.PROTECT, related_name="award")
    reason = models.CharField("理由", max_length=300)

    class Meta:
        verbose_name = "定标"
        constraints = (by_another("award_by_two"),)
        triggers = (
            pgtrigger.Protect(name="award_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="award_after_close",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=CLOSED_FIRST,
            ),
        )


class StepDone(models.Model):
    """A step the law asks for was done (法定步骤), on which day and where it shows."""

    tender = models.ForeignKey(Tender, models.PROTECT, related_name="steps")
    name = models.CharField("步骤", max_length=40)
    done_on = models.DateField("办结日")
    due_on = models.DateField("最迟日")
    note = models.CharField("在哪里", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=150)

    class Meta:
        verbose_name = "法定步骤"
        constraints = (models.UniqueConstraint(fields=["tender", "name"], name="step_once"),)
        triggers = append_only("step_append_only")
