"""Drafts that come by the site (上传的草案): kept as they came, seen by the whole city's staff alone."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The whole city's business: whoever sees one county sees none of it.
WHOLE_CITY = """CREATE POLICY whole_city ON %(table)s USING ((SELECT current_setting('yiyuan.counties', true)) = '*');
ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY; ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY;"""
GONE = """ALTER TABLE %(table)s NO FORCE ROW LEVEL SECURITY; ALTER TABLE %(table)s DISABLE ROW LEVEL SECURITY;
DROP POLICY whole_city ON %(table)s;"""
TABLE = {"table": "schemes_draft"}
# Evidence: no session may switch its triggers off; see claims/0005_triggers_always_hold.
NEVER = """CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'"""


class Migration(migrations.Migration):
    dependencies = [
        ("schemes", "0002_adoption"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scheme", models.CharField(blank=True, max_length=100, verbose_name="方案")),
                ("version", models.CharField(max_length=10, verbose_name="版本")),
                ("files", models.JSONField(verbose_name="文件")),
                ("findings", models.JSONField(verbose_name="检查结果")),
                ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
                ("uploaded_by", models.CharField(max_length=150, verbose_name="上传人")),
                ("uploaded_by_name", models.CharField(max_length=50, verbose_name="上传人姓名")),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("request_key", models.CharField(max_length=100, unique=True, verbose_name="请求号")),
            ],
            options={
                "verbose_name": "方案草案",
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="draft",
            trigger=pgtrigger.compiler.Trigger(
                name="draft_immutable",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="060702e0776d2976227504dcce7e013f6e6370d9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_draft_immutable_65b0f",
                    table="schemes_draft",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(WHOLE_CITY % TABLE, GONE % TABLE),
        migrations.RunSQL(NEVER, migrations.RunSQL.noop),
    ]
