"""Imports of department files (数据导入): the job, its counts, and every row it refused."""

from django.db import models

from yiyuan.apps.registry.encryption import SealedTextField


class ColumnProfile(models.Model):
    """Which column of a department's file is what (栏目对应): found again by the headers of the file."""

    kind = models.CharField("类型", max_length=20)
    name = models.CharField("名称", max_length=60)
    department = models.CharField("哪个部门", max_length=60, blank=True)
    headers = models.JSONField("栏目")
    columns = models.JSONField("哪一栏是什么")
    ignored = models.JSONField("不用的栏", default=list)
    changed_by = models.CharField("经办人", max_length=150)
    changed_by_name = models.CharField("经办人姓名", max_length=50)
    changed_at = models.DateTimeField("改于")
    deleted_at = models.DateTimeField("删于", null=True)

    class Meta:
        verbose_name = "栏目对应"
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "name"], condition=models.Q(deleted_at__isnull=True), name="profile_name_once"
            ),
        )


class ImportJob(models.Model):
    """One file brought in. A file with the same bytes, kind and group is taken once."""

    QUEUED, RUNNING, DONE, FAILED, UNDONE = "queued", "running", "done", "failed", "undone"
    HELD, DROPPED = "held", "dropped"
    STATES = (
        (QUEUED, "已排队"),
        (RUNNING, "正在读入"),
        (DONE, "已读完"),
        (FAILED, "没有读成"),
        (UNDONE, "已撤销"),
        (HELD, "等人看过"),
        (DROPPED, "没有导入"),
    )

    kind = models.CharField("类型", max_length=20)
    group = models.CharField("群体", max_length=40, blank=True)
    found_group = models.CharField("认出的群体", max_length=200, blank=True)
    file_name = models.CharField("文件名", max_length=255)
    stored_as = models.CharField("存放位置", max_length=255, blank=True)
    sha256 = models.CharField("校验值", max_length=64)
    state = models.CharField("状态", max_length=12, choices=STATES, default=QUEUED)
    read = models.PositiveIntegerField("读入", default=0)
    accepted = models.PositiveIntegerField("接受", default=0)
    refused = models.PositiveIntegerField("另存", default=0)
    check_only = models.BooleanField("只核对", default=False, db_default=False)
    preview = models.JSONField("核对结果", default=dict)
    layouts = models.JSONField("怎样读的", default=dict)
    profile = models.ForeignKey(ColumnProfile, models.PROTECT, null=True, verbose_name="按哪个对应读的")
    used_profile = models.JSONField("读取配置", default=dict)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    running_since = models.DateTimeField("开始读", null=True)
    seen_at = models.DateTimeField("经办人看过", null=True)
    changed = models.PositiveIntegerField("新增或更正", default=0)
    refused_by_reason = models.JSONField("另存原因", default=dict)
    message = models.TextField("说明", blank=True)
    is_whole_list = models.BooleanField("是全部名单", default=False, db_default=False)
    as_of_on = models.DateField("截至哪天", null=True)
    list_county_code = models.CharField("只是哪个县区的", max_length=12, blank=True, db_default="")
    list_applied_at = models.DateTimeField("按名单更新的时间", null=True)
    list_applied_by_name = models.CharField("按名单更新的人", max_length=50, blank=True, db_default="")
    undone_at = models.DateTimeField("撤销时间", null=True)
    started_by = models.CharField("经办人", max_length=150)
    started_by_name = models.CharField("经办人姓名", max_length=50)
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("结束", null=True)

    class Meta:
        verbose_name = "导入批次"
        indexes = (
            models.Index(fields=["-started_at"], name="import_newest"),
            models.Index(
                fields=["started_by"], name="import_unseen", condition=models.Q(seen_at__isnull=True)
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["sha256", "kind", "group", "is_whole_list"],
                condition=models.Q(state__in=["queued", "running", "held", "done"]),
                name="import_same_file_once",
            ),
            models.CheckConstraint(
                condition=models.Q(is_whole_list=False) | models.Q(as_of_on__isnull=False),
                name="import_whole_list_has_day",
            ),
        )


class RefusedRow(models.Model):
    """One row that could not be taken, with the value masked and what would be right (另存行)."""

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="refused_rows")
    sheet = models.CharField("工作表", max_length=100, blank=True)
    row = models.PositiveIntegerField("行")
    column = models.CharField("列", max_length=60)
    value = models.CharField("值(遮盖)", max_length=100)
    reason = models.CharField("原因", max_length=40)
    remedy = models.CharField("应该是", max_length=300)
    place = models.PositiveSmallIntegerField("第几张表", default=0, db_default=0)
    cells = SealedTextField("原样", null=True)
    corrected_by = models.ForeignKey(ImportJob, models.SET_NULL, null=True, related_name="corrected_rows")

    class Meta:
        verbose_name = "另存行"


class ImportProgress(models.Model):
    """How far a file is (读入进度), kept beside the job, whose row is locked while its rows are written."""

    job_id = models.BigIntegerField("导入批次", primary_key=True)
    phase = models.CharField("在做什么", max_length=10)
    done = models.PositiveSmallIntegerField("千分之几", default=0)
    read = models.PositiveIntegerField("读入", default=0)
    accepted = models.PositiveIntegerField("接受", default=0)
    refused = models.PositiveIntegerField("另存", default=0)

    class Meta:
        verbose_name = "读入进度"


class ListChange(models.Model):
    """One difference between a whole list and what was known before it (名单变化)."""

    JOINED, LEFT, CHANGED = "joined", "left", "changed"
    KINDS = ((JOINED, "进来的"), (LEFT, "离开的"), (CHANGED, "时间改了的"))

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="list_changes")
    kind = models.CharField("变化", max_length=10, choices=KINDS)
    person_id = models.BigIntegerField("参保人")
    group = models.CharField("群体", max_length=40)
    county_code = models.CharField("县区", max_length=12, blank=True)
    status_id = models.BigIntegerField("原来的一行", null=True)
    old_from = models.DateField("原起", null=True)
    old_to = models.DateField("原止", null=True)
    new_from = models.DateField("新起", null=True)
    new_to = models.DateField("新止", null=True)
    source_row = models.PositiveIntegerField("来源行", default=0)

    class Meta:
        verbose_name = "名单变化"
        indexes = (models.Index(fields=["job", "kind", "id"], name="list_change_page"),)
