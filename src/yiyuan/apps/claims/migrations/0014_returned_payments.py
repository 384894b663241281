"""Returned payments as tasks (退回待办): whose each is, and until when it is owed again."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# A migration that adds a trigger makes pgtrigger's function anew; see claims/0005.
NEVER = """CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'"""
SETTING = "(SELECT current_setting('yiyuan.counties', true))"
OWN_COUNTY = f"{SETTING} = '*' OR county_code = ANY (string_to_array({SETTING}, ','))"


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0013_queues_by_county"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReturnedPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_no", models.CharField(max_length=30, unique=True, verbose_name="指令号")),
                ("county_code", models.CharField(max_length=12, verbose_name="县区")),
                ("returned_on", models.DateField(verbose_name="退回日期")),
                ("reason", models.CharField(max_length=200, verbose_name="退回原因")),
                ("due_on", models.DateField(verbose_name="最迟再付")),
                ("owner", models.CharField(max_length=150, verbose_name="负责人")),
                ("owner_name", models.CharField(max_length=50, verbose_name="负责人姓名")),
                ("opened_at", models.DateTimeField(verbose_name="退回时间")),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returned_payments",
                        to="claims.claim",
                    ),
                ),
            ],
            options={
                "verbose_name": "退回待办",
                "indexes": [
                    models.Index(fields=["due_on", "id"], name="returned_by_due"),
                    models.Index(fields=["owner", "due_on"], name="returned_by_owner"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnedpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="returned_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="831065af58eefc42eb7b2435b3f5a93c20e9defb",
                    operation="DELETE",
                    pgid="pgtrigger_returned_kept_b87ad",
                    table="claims_returnedpayment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            f"CREATE POLICY own_counties ON claims_returnedpayment USING ({OWN_COUNTY});"
            "ALTER TABLE claims_returnedpayment ENABLE ROW LEVEL SECURITY;"
            "ALTER TABLE claims_returnedpayment FORCE ROW LEVEL SECURITY;",
            "ALTER TABLE claims_returnedpayment NO FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE claims_returnedpayment DISABLE ROW LEVEL SECURITY;"
            "DROP POLICY own_counties ON claims_returnedpayment;",
        ),
        migrations.RunSQL(NEVER, migrations.RunSQL.noop),
    ]
