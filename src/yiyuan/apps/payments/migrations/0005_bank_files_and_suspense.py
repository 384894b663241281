"""The form of a bank's files stands with the batch; what fits no order hangs with an owner (银行格式、待查款)."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# A migration that adds a trigger makes pgtrigger's function anew; see claims/0005.
NEVER = """CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'"""
CITY_ONLY = "(SELECT current_setting('yiyuan.counties', true)) = '*'"


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0004_figures"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="校验值")),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("content", models.TextField(verbose_name="内容")),
            ],
            options={
                "verbose_name": "用过的银行格式",
            },
        ),
        migrations.CreateModel(
            name="Suspense",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField(verbose_name="第几行")),
                ("fingerprint", models.CharField(max_length=64, unique=True, verbose_name="这一行的指纹")),
                ("order_no", models.CharField(blank=True, max_length=60, verbose_name="回单上的指令号")),
                ("is_paid", models.BooleanField(verbose_name="回单说已到账")),
                ("answered_on", models.DateField(verbose_name="回单日期")),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                ("reason_code", models.CharField(blank=True, max_length=20, verbose_name="退回代码")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="退回原因")),
                ("why", models.CharField(max_length=30, verbose_name="为什么待查")),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="对不上的地方")),
                ("holds_money", models.BooleanField(verbose_name="钱在我们账上")),
                ("state", models.CharField(default="open", max_length=12, verbose_name="状态")),
                ("owner", models.CharField(max_length=150, verbose_name="负责人")),
                ("owner_name", models.CharField(max_length=50, verbose_name="负责人姓名")),
                ("opened_at", models.DateTimeField(verbose_name="挂账时间")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("proposed_by", models.CharField(blank=True, max_length=150, verbose_name="提议人")),
                ("proposed_by_name", models.CharField(blank=True, max_length=50, verbose_name="提议人姓名")),
                ("closed_by", models.CharField(blank=True, max_length=150, verbose_name="办结人")),
                ("closed_by_name", models.CharField(blank=True, max_length=50, verbose_name="办结人姓名")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
            ],
            options={
                "verbose_name": "待查款",
            },
        ),
        migrations.AddField(
            model_name="batch",
            name="bank_profile",
            field=models.CharField(default="general", max_length=40, verbose_name="银行格式"),
        ),
        migrations.AddField(
            model_name="batch",
            name="files",
            field=models.JSONField(default=dict, verbose_name="文件校验值"),
        ),
        migrations.AddField(
            model_name="batch",
            name="profile_sha256",
            field=models.CharField(blank=True, max_length=64, verbose_name="银行格式校验值"),
        ),
        migrations.AddField(
            model_name="returnfile",
            name="bank_profile",
            field=models.CharField(default="general", max_length=40, verbose_name="银行格式"),
        ),
        migrations.AddField(
            model_name="returnfile",
            name="sums",
            field=models.JSONField(default=dict, verbose_name="金额"),
        ),
        migrations.RunSQL(
            "UPDATE payments_batch SET files = jsonb_build_object('csv', csv_sha256, 'xlsx', xlsx_sha256)"
            " WHERE csv_sha256 <> ''",
            "UPDATE payments_batch SET csv_sha256 = files->>'csv', xlsx_sha256 = files->>'xlsx' WHERE files ? 'csv'",
        ),
        migrations.RemoveField(model_name="batch", name="csv_sha256"),
        migrations.RemoveField(model_name="batch", name="xlsx_sha256"),
        pgtrigger.migrations.AddTrigger(
            model_name="keptprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="profile_frozen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6ae7bc3556e31a4619e849c7c1388e5c389ceb93",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_profile_frozen_06554",
                    table="payments_keptprofile",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="suspense",
            name="file",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="suspended",
                to="payments.returnfile",
            ),
        ),
        migrations.AddField(
            model_name="suspense",
            name="matched_to",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="payments.order",
            ),
        ),
        migrations.AddIndex(
            model_name="suspense",
            index=models.Index(fields=["state", "id"], name="suspense_by_state"),
        ),
        migrations.AddConstraint(
            model_name="suspense",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_fen__gt", 0)), name="suspense_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="suspense",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "matched"), _negated=True),
                    models.Q(
                        ("matched_to__isnull", False),
                        models.Q(("proposed_by", ""), _negated=True),
                        models.Q(("closed_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="suspense_matched_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspense",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["matched", "sent_back"]), _negated=True),
                    models.Q(
                        ("closed_at__isnull", False),
                        models.Q(("closed_by", ""), _negated=True),
                        models.Q(("note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="suspense_closed_by_somebody",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suspense",
            trigger=pgtrigger.compiler.Trigger(
                name="suspense_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="71409e787052e3957ad630f644b621798ed76de9",
                    operation="DELETE",
                    pgid="pgtrigger_suspense_is_kept_a8fee",
                    table="payments_suspense",
                    when="BEFORE",
                ),
            ),
        ),
        # The bank answers for the whole city: nobody else sees what hangs.
        migrations.RunSQL(
            f"CREATE POLICY city_only ON payments_suspense USING ({CITY_ONLY});"
            "ALTER TABLE payments_suspense ENABLE ROW LEVEL SECURITY;"
            "ALTER TABLE payments_suspense FORCE ROW LEVEL SECURITY;",
            "ALTER TABLE payments_suspense NO FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE payments_suspense DISABLE ROW LEVEL SECURITY;"
            "DROP POLICY city_only ON payments_suspense;",
        ),
        migrations.RunSQL(NEVER, migrations.RunSQL.noop),
    ]
