"""People, their households, hardship status, accounts and hospital settlements (参保登记).

Identity and account numbers are sealed; a keyed hash finds a person again. Status and accounts are kept with
two times: when they hold (`valid_*`) and when this city learnt it (`recorded_at`, `superseded_at`).
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from yiyuan.apps.registry.encryption import SealedTextField

NOTE_REVERSAL = """
INSERT INTO registry_reversal (reversing_setl_id, setl_id) VALUES (NEW.setl_id, NEW.reverses_setl_id)
ON CONFLICT (reversing_setl_id) DO UPDATE SET setl_id = excluded.setl_id;
RETURN NULL;
"""
DROP_REVERSAL = """
DELETE FROM registry_reversal WHERE reversing_setl_id = OLD.setl_id;
IF TG_OP = 'DELETE' THEN
    RETURN OLD;
END IF;
RETURN NEW;
"""


class City(models.Model):
    """The one city of this database. `business_on` is empty where the wall clock rules."""

    name = models.CharField("城市", max_length=50)
    scheme = models.CharField("方案", max_length=50)
    business_on = models.DateField("业务日期", null=True)
    is_synthetic = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "城市"
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="registry_one_city"),)


class Division(models.Model):
    """A county, township or village (行政区划); a county may stand outside the pool."""

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.PositiveSmallIntegerField("层级", help_text="1 county, 2 township, 3 village")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    in_pool = models.BooleanField("参加统筹", default=True)

    class Meta:
        verbose_name = "行政区划"


class Household(models.Model):
    """People who live together (户)."""

    number = models.CharField("户号", max_length=30, unique=True)
    county_code = models.CharField("县区", max_length=12)

    class Meta:
        verbose_name = "户"


class Person(models.Model):
    """One registered person (参保人)."""

    id_index = models.UUIDField("身份证盲索引", unique=True)
    id_number = SealedTextField("身份证号")
    # In the order of the characters' codes, so that one index serves a range, a sum and a sorted page.
    name = models.CharField("姓名", max_length=80, db_collation="C")
    name_key = models.CharField("拼音", max_length=80, db_collation="C")
    sex = models.CharField("性别", max_length=1)
    birth_on = models.DateField("出生日期", null=True)
    county_code = models.CharField("县区", max_length=12)
    township_code = models.CharField("乡镇", max_length=12, blank=True)
    village_code = models.CharField("村", max_length=12, blank=True)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="members")
    relation = models.CharField("与户主关系", max_length=20, blank=True, db_default="")
    left_on = models.DateField("注销日期", null=True)
    import_job_id = models.BigIntegerField("导入批次", null=True)
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = "参保人"
        indexes = (
            # The county stands in the index: those of others are passed over without reading their rows.
            models.Index(fields=["name", "county_code", "id"], name="person_by_name"),
            models.Index(fields=["name_key", "county_code", "id"], name="person_by_name_key"),
        )


class NamePart(models.Model):
    """The inner parts of a name, and its initials (姓名片段): a middle is found as a beginning.

    One row for a part of a name, however many people bear it. Who they are, the policies decide.
    """

    pk = models.CompositePrimaryKey("part", "name")
    part = models.CharField("片段", max_length=80, db_collation="C")
    name = models.CharField("姓名", max_length=80, db_collation="C")

    class Meta:
        verbose_name = "姓名片段"


class Contact(models.Model):
    """A telephone number given at the desk (联系电话), sealed; a keyed hash finds it again."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="contacts")
    phone = SealedTextField("电话")
    phone_index = models.UUIDField("电话盲索引")
    phone_tail = models.CharField("尾号", max_length=4)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.CharField("经办人", max_length=150)
    superseded_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "联系电话"
        indexes = (models.Index(fields=["phone_index"], name="contact_by_phone"),)
        constraints = (
            models.UniqueConstraint(
                fields=["person", "phone_index"],
                condition=Q(superseded_at__isnull=True),
                name="contact_once",
            ),
        )


class FilledBlank(models.Model):
    """What an import told of a person that was blank before (补上的空白), so that it can be taken back."""

    person_id = models.BigIntegerField("参保人")
    import_job_id = models.BigIntegerField("导入批次")
    columns = models.CharField("哪几项", max_length=200)

    class Meta:
        verbose_name = "补上的空白"
        indexes = (models.Index(fields=["import_job_id"], name="filled_by_job"),)


class HardshipStatus(models.Model):
    """Membership of a hardship group over time (困难身份); half-open, empty `valid_to` = still holds."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="hardship")
    group = models.CharField("群体", max_length=40)
    county_code = models.CharField("县区", max_length=12)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True)
    import_job_id = models.BigIntegerField("导入批次")
    source_row = models.PositiveIntegerField("来源行", default=0)
    recorded_at = models.DateTimeField("录入时间")
    superseded_at = models.DateTimeField("被更正时间", null=True)
    superseded_by_job_id = models.BigIntegerField("更正它的批次", null=True)

    class Meta:
        verbose_name = "困难身份"
        indexes = (
            models.Index(fields=["import_job_id"], name="hardship_by_job"),
            models.Index(
                fields=["superseded_by_job_id"],
                name="hardship_corrected_by_job",
                condition=Q(superseded_by_job_id__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["person", "group", "valid_from"],
                condition=Q(superseded_at__isnull=True),
                name="hardship_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="hardship_period"
            ),
        )


class Account(models.Model):
    """Where money for a person goes (收款账户). `guardian_of` names the ward a guardian's account serves."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="accounts")
    bank_name = models.CharField("开户行", max_length=100)
    account_no = SealedTextField("账号")
    account_index = models.UUIDField("账号盲索引")
    account_tail = models.CharField("尾号", max_length=4)
    holder_name = models.CharField("户名", max_length=80)
    kind = models.CharField("类型", max_length=20)
    guardian_of = models.ForeignKey(Person, models.PROTECT, null=True, related_name="guardian_accounts")
    import_job_id = models.BigIntegerField("导入批次", null=True)
    recorded_at = models.DateTimeField("录入时间")
    superseded_at = models.DateTimeField("被更正时间", null=True)

    class Meta:
        verbose_name = "收款账户"
        indexes = (
            models.Index(
                fields=["person"], name="account_from_desk", condition=Q(import_job_id__isnull=True)
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["person", "account_index", "guardian_of"],
                condition=Q(superseded_at__isnull=True),
                nulls_distinct=False,
                name="account_once",
            ),
        )


class HeadCount(models.Model):
    """How many people a county has registered, by whom counted (户籍人口)."""

    county_code = models.CharField("县区", max_length=12)
    on = models.DateField("统计日")
    persons = models.PositiveIntegerField("人数")
    households = models.PositiveIntegerField("户数", null=True)
    source = models.CharField("来源", max_length=200)
    import_job_id = models.BigIntegerField("导入批次")
    recorded_at = models.DateTimeField("录入时间")
    superseded_at = models.DateTimeField("被更正时间", null=True)
    superseded_by_job_id = models.BigIntegerField("更正它的批次", null=True)

    class Meta:
        verbose_name = "户籍人口"
        constraints = (
            models.UniqueConstraint(
                fields=["county_code", "on"],
                condition=Q(superseded_at__isnull=True),
                name="head_count_once",
            ),
        )


class Settlement(models.Model):
    """One inpatient settlement as the medical insurance office settled it (住院结算); amounts in fen."""

    setl_id = models.CharField("结算号", max_length=40, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="settlements")
    county_code = models.CharField("参保地", max_length=12)
    hospital_code = models.CharField("医院", max_length=30, blank=True)
    birth_on = models.DateField("出生日期", null=True)
    sex = models.CharField("性别", max_length=1, blank=True)
    admitted_on = models.DateField("入院日", null=True)
    discharged_on = models.DateField("出院日", null=True)
    settled_on = models.DateField("结算日", null=True)
    diagnosis_code = models.CharField("主要诊断", max_length=30, blank=True)
    other_diagnosis_codes = models.TextField("其他诊断", blank=True)
    medfee_sumamt_fen = models.BigIntegerField("总费用", null=True)
    inscp_scp_amt_fen = models.BigIntegerField("符合政策范围金额", null=True)
    hifp_pay_fen = models.BigIntegerField("基本统筹", null=True)
    cvlserv_pay_fen = models.BigIntegerField("公务员补助", null=True)
    hifes_pay_fen = models.BigIntegerField("企业补充", null=True)
    hifmi_pay_fen = models.BigIntegerField("居民大病", null=True)
    hifob_pay_fen = models.BigIntegerField("职工大额", null=True)
    maf_pay_fen = models.BigIntegerField("医疗救助", null=True)
    oth_pay_fen = models.BigIntegerField("其他基金", null=True)
    reverses_setl_id = models.CharField("冲销的结算号", max_length=40, blank=True)
    import_job_id = models.BigIntegerField("导入批次")
    source_row = models.PositiveIntegerField("来源行", default=0)
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = "住院结算"
        indexes = (models.Index(fields=["import_job_id"], name="settlement_by_job"),)
        # Of an import's rows only those that reverse another come as far as a function.
        triggers = (
            pgtrigger.Trigger(
                name="reversal_noted",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.reverses_setl_id <> ''"),
                func=NOTE_REVERSAL,
            ),
            pgtrigger.Trigger(
                name="reversal_gone",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete | pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.reverses_setl_id <> ''"),
                func=DROP_REVERSAL,
            ),
        )


class Reversal(models.Model):
    """That a stay has been reversed (冲销): two numbers, nothing of a person, and so seen by every county.

    Triggers keep it beside the settlements. The reversing row itself may name no county, or another one, and
    is then hidden from the county that decides the stay.
    """

    reversing_setl_id = models.CharField("冲销它的结算号", max_length=40, primary_key=True)
    setl_id = models.CharField("被冲销的结算号", max_length=40)

    class Meta:
        verbose_name = "冲销"
        indexes = (models.Index(fields=["setl_id"], name="reversal_of"),)


class ClaimedSettlement(models.Model):
    """A settlement that was paid or taken in hand before, elsewhere (已赔付结算号)."""

    setl_id = models.CharField("结算号", max_length=40, unique=True)
    import_job_id = models.BigIntegerField("导入批次")
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = "已赔付结算号"


class PaperBill(models.Model):
    """A settlement typed in from paper at the desk (纸质票据), until a file brings the same stay."""

    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="paper")
    hospital_name = models.CharField("医院", max_length=100)
    kept_at = models.CharField("原件存在哪里", max_length=200)
    typed_at = models.DateTimeField("录入时间")
    typed_by = models.CharField("录入人", max_length=150)
    typed_by_name = models.CharField("录入人姓名", max_length=50)
    feed_setl_id = models.CharField("医保的结算号", max_length=40, blank=True)
    matched_job_id = models.BigIntegerField("由哪次导入对上", null=True)
    matched_at = models.DateTimeField("对上的时间", null=True)
    request_key = models.CharField("请求号", max_length=100, unique=True)

    class Meta:
        verbose_name = "纸质票据"
        constraints = (
            models.UniqueConstraint(
                fields=["feed_setl_id"], condition=~Q(feed_setl_id=""), name="paper_feed_once"
            ),
        )


class NameSaid(models.Model):
    """A name that a register gives a person otherwise than we have it (姓名不一致); a person decides."""

    OPEN, KEPT, ADOPTED = "open", "kept", "adopted"
    STATES = ((OPEN, "等人核对"), (KEPT, "维持原名"), (ADOPTED, "改用此名"))

    person = models.ForeignKey(Person, models.PROTECT, related_name="names_said")
    name = models.CharField("来源写的姓名", max_length=80)
    name_before = models.CharField("我们当时的姓名", max_length=80)
    import_job_id = models.BigIntegerField("导入批次")
    said_at = models.DateTimeField("录入时间")
    state = models.CharField("状态", max_length=10, choices=STATES, default=OPEN, db_default=OPEN)
    decided_at = models.DateTimeField("核对时间", null=True)
    decided_by = models.CharField("核对人", max_length=150, blank=True, db_default="")
    decided_by_name = models.CharField("核对人姓名", max_length=50, blank=True, db_default="")
    reason = models.TextField("凭什么", blank=True, db_default="")

    class Meta:
        verbose_name = "姓名不一致"
        constraints = (
            models.UniqueConstraint(fields=["person", "name"], name="name_said_once"),
            models.CheckConstraint(
                condition=Q(state="open") | (~Q(decided_by="") & ~Q(reason="")),
                name="name_decided_by_person",
            ),
        )


class Tally(models.Model):
    """How many rows of a kind a county has (登记总数), counted after each import."""

    kind = models.CharField("什么", max_length=20)
    county_code = models.CharField("县区", max_length=12)
    total = models.PositiveBigIntegerField("多少")

    class Meta:
        verbose_name = "登记总数"
        constraints = (models.UniqueConstraint(fields=["kind", "county_code"], name="tally_once"),)
