"""The past under a draft, worked out in the background (后台重算草案)."""

import django.db.models.deletion
from django.db import migrations, models

# The whole city's business: whoever sees one county sees none of it.
WHOLE_CITY = """CREATE POLICY whole_city ON %(table)s USING ((SELECT current_setting('yiyuan.counties', true)) = '*');
ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY; ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY;"""
GONE = """ALTER TABLE %(table)s NO FORCE ROW LEVEL SECURITY; ALTER TABLE %(table)s DISABLE ROW LEVEL SECURITY;
DROP POLICY whole_city ON %(table)s;"""
TABLE = {"table": "screening_draftreplay"}


class Migration(migrations.Migration):
    dependencies = [
        ("schemes", "0003_draft"),
        ("screening", "0007_run_request_seen"),
    ]

    operations = [
        migrations.CreateModel(
            name="DraftReplay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("against", models.CharField(max_length=10, verbose_name="和哪一版比")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "已排队"),
                            ("running", "正在重算"),
                            ("done", "已算完"),
                            ("failed", "没有算成"),
                        ],
                        default="queued",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("result", models.JSONField(null=True, verbose_name="结果")),
                ("failed_code", models.CharField(blank=True, max_length=40, verbose_name="没有算成的原因")),
                ("requested_by", models.CharField(max_length=150, verbose_name="经办人")),
                ("requested_by_name", models.CharField(max_length=50, verbose_name="经办人姓名")),
                ("requested_at", models.DateTimeField(verbose_name="提出时间")),
                ("began_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                ("request_key", models.CharField(max_length=100, unique=True, verbose_name="请求号")),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schemes.draft"
                    ),
                ),
            ],
            options={
                "verbose_name": "草案重算",
                "indexes": [models.Index(fields=["state", "id"], name="draft_replay_queue")],
            },
        ),
        migrations.RunSQL(WHOLE_CITY % TABLE, GONE % TABLE),
    ]
