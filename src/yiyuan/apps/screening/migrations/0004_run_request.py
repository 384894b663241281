"""A screening that is asked for and runs in the background (后台筛查)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("screening", "0003_finding"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "已排队"),
                            ("running", "正在筛查"),
                            ("done", "已筛完"),
                            ("failed", "没有筛成"),
                        ],
                        default="queued",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("failed_code", models.CharField(blank=True, max_length=40, verbose_name="没有筛成的原因")),
                ("requested_by", models.CharField(max_length=150, verbose_name="经办人")),
                ("requested_by_name", models.CharField(max_length=50, verbose_name="经办人姓名")),
                ("requested_at", models.DateTimeField(verbose_name="提出时间")),
                ("began_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                ("request_key", models.CharField(max_length=100, unique=True, verbose_name="请求号")),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="screening.run",
                    ),
                ),
            ],
            options={
                "verbose_name": "筛查任务",
                "indexes": [models.Index(fields=["state", "id"], name="run_request_queue")],
            },
        ),
    ]
