"""The cooperation agreement (合作协议): parties and shares, signatures, promises, reports, its bonds.

Everything but a call on a bond is append-only; a call waits for a second person and for the money.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from yiyuan.apps.underwriting.models.premium import append_only
from yiyuan.apps.underwriting.models.tender import Award
from yiyuan.apps.underwriting.models.two_persons import ByTwo, by_another

SHARES_WHOLE = """
IF (SELECT sum(i.share_bp) FROM underwriting_agreementinsurer i WHERE i.agreement_id = NEW.id)
    IS DISTINCT FROM 10000 THEN
    RAISE EXCEPTION 'the shares of agreement % are not 100 %%', NEW.id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""


class Agreement(models.Model):
    """One agreement for a scheme year (合作协议); in force once signed by both and its bond is there."""

    number = models.CharField("协议号", max_length=60, unique=True)
    title = models.CharField("名称", max_length=200)
    programme_from = models.DateField("年度", unique=True)
    until_on = models.DateField("到哪天为止")
    contract_fen = models.BigIntegerField("合同金额")
    bond_fen = models.BigIntegerField("要交的保证金")
    award = models.OneToOneField(Award, models.PROTECT, null=True, related_name="agreement")
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.CharField("起草人", max_length=150)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "合作协议"
        constraints = (
            models.CheckConstraint(condition=Q(contract_fen__gt=0), name="agreement_of_something"),
            models.CheckConstraint(condition=Q(until_on__gt=F("programme_from")), name="agreement_period"),
        )
        triggers = (
            *append_only("agreement_append_only"),
            pgtrigger.Trigger(
                name="agreement_shares_whole",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=SHARES_WHOLE,
            ),
        )


class AgreementInsurer(models.Model):
    """One insurer of the agreement and its share (承保份额)."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="insurers")
    name = models.CharField("承保机构", max_length=60)
    share_bp = models.PositiveIntegerField("份额")
    is_lead = models.BooleanField("主承保", default=False)

    class Meta:
        verbose_name = "承保份额"
        constraints = (
            models.UniqueConstraint(fields=["agreement", "name"], name="insurer_once"),
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(is_lead=True), name="insurer_leads_alone"
            ),
            models.CheckConstraint(condition=Q(share_bp__gt=0), name="insurer_has_a_share"),
        )
        triggers = append_only("agreement_insurer_append_only")


class Promise(models.Model):
    """One clause that can be checked (可核对的承诺): what is counted, and from where on it is kept."""

    COUNTY_POINTS, TOWNSHIP_POINTS = "county_points", "township_points"
    ON_TIME, REPORTS = "on_time", "reports"
    KINDS = (
        (COUNTY_POINTS, "县区网点"), (TOWNSHIP_POINTS, "乡镇网点"), (ON_TIME, "按时赔付"), (REPORTS, "月报"),
    )  # fmt: skip

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="promises")
    kind = models.CharField("类别", max_length=20, choices=KINDS)
    clause = models.CharField("条款", max_length=40)
    target = models.PositiveIntegerField("承诺")

    class Meta:
        verbose_name = "承诺"
        constraints = (models.UniqueConstraint(fields=["agreement", "kind"], name="promise_once"),)
        triggers = append_only("promise_append_only")


class Signature(models.Model):
    """One side's signature (签署)."""

    POLICYHOLDER, INSURER = "policyholder", "insurer"
    PARTIES = ((POLICYHOLDER, "投保方"), (INSURER, "承保方"))

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    party = models.CharField("哪一方", max_length=12, choices=PARTIES)
    signer = models.CharField("签署人", max_length=80)
    signed_on = models.DateField("签署日")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=150)

    class Meta:
        verbose_name = "签署"
        constraints = (models.UniqueConstraint(fields=["agreement", "party"], name="signature_once"),)
        triggers = append_only("signature_append_only")


class InForce(models.Model):
    """The agreement was put in force (协议生效), from which day and by whom."""

    agreement = models.OneToOneField(Agreement, models.PROTECT, related_name="in_force")
    from_on = models.DateField("生效日")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=150)

    class Meta:
        verbose_name = "协议生效"
        triggers = append_only("in_force_append_only")


class MonthlyReport(models.Model):
    """The insurer's report of a month was delivered (月报)."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="reports")
    month = models.DateField("月份")
    delivered_on = models.DateField("送达日")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=150)

    class Meta:
        verbose_name = "月报"
        constraints = (models.UniqueConstraint(fields=["agreement", "month"], name="report_once"),)
        triggers = append_only("report_append_only")


class Bond(models.Model):
    """A performance bond (履约保证金), never in cash."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="bonds")
    number = models.CharField("文号", max_length=40, unique=True)
    kind = models.CharField("形式", max_length=20)
    amount_fen = models.BigIntegerField("金额")
    issuer = models.CharField("出具机构", max_length=100)
    document_no = models.CharField("凭证号", max_length=60)
    received_on = models.DateField("收到日")
    expires_on = models.DateField("到期日")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=150)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "履约保证金"
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bond_of_something"),
            models.CheckConstraint(condition=~Q(kind="cash"), name="bond_not_cash"),
            models.CheckConstraint(condition=Q(expires_on__gt=F("received_on")), name="bond_period"),
            models.UniqueConstraint(fields=["issuer", "document_no"], name="bond_document_once"),
        )
        triggers = append_only("bond_append_only")


class BondCall(ByTwo):
    """A call on a bond (动用保证金): proposed with a reason, agreed by another person, then paid."""

    bond = models.ForeignKey(Bond, models.PROTECT, related_name="calls")
    amount_fen = models.BigIntegerField("金额")
    reason = models.CharField("原因", max_length=300)
    arrived_on = models.DateField("到账日", null=True)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "动用保证金"
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0) & ~Q(reason=""), name="bond_call_of_something"
            ),
            by_another("bond_call_by_two"),
            models.CheckConstraint(
                condition=Q(arrived_on__isnull=True) | ~Q(agreed_by=""), name="bond_call_agreed_first"
            ),
            models.UniqueConstraint(
                fields=["bond"], condition=Q(arrived_on__isnull=True), name="bond_call_open_once"
            ),
        )
        triggers = (pgtrigger.Protect(name="bond_call_stays", operation=pgtrigger.Delete),)


class BondReturn(models.Model):
    """What was left of a bond was given back (退还保证金)."""

    bond = models.OneToOneField(Bond, models.PROTECT, related_name="returned")
    amount_fen = models.BigIntegerField("金额")
    returned_on = models.DateField("退还日")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.CharField("登记人", max_length=150)

    class Meta:
        verbose_name = "退还保证金"
        constraints = (models.CheckConstraint(condition=Q(amount_fen__gt=0), name="bond_return_positive"),)
        triggers = append_only("bond_return_append_only")
