"""What was noted before an order went out: a name that differs, a call back (付款前的核对)."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# A migration that adds a trigger makes pgtrigger's function anew; see claims/0005.
NEVER = """CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT false'"""
WHOLE_CITY = "(SELECT current_setting('yiyuan.counties', true)) = '*'"
SEEN = f"{WHOLE_CITY} OR EXISTS (SELECT FROM claims_claim parent WHERE parent.id = claim_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0010_promises_and_returns"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_no", models.CharField(max_length=30, verbose_name="指令号")),
                ("kind", models.CharField(max_length=20, verbose_name="核对什么")),
                ("note", models.CharField(max_length=500, verbose_name="结果")),
                ("recorded_at", models.DateTimeField(verbose_name="录入时间")),
                ("recorded_by", models.CharField(max_length=150, verbose_name="经办人")),
                ("recorded_by_name", models.CharField(max_length=50, verbose_name="经办人姓名")),
                ("request_key", models.CharField(max_length=100, unique=True, verbose_name="请求号")),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_checks",
                        to="claims.claim",
                    ),
                ),
            ],
            options={
                "verbose_name": "付款前的核对",
                "indexes": [models.Index(fields=["order_no", "kind"], name="payment_check_by_order")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymentcheck",
            trigger=pgtrigger.compiler.Trigger(
                name="payment_check_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4ec1455f5eed6d080807f7c8129de964a5544bf8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_payment_check_kept_858b4",
                    table="claims_paymentcheck",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            f"CREATE POLICY own_counties ON claims_paymentcheck USING ({SEEN});"
            "ALTER TABLE claims_paymentcheck ENABLE ROW LEVEL SECURITY;"
            "ALTER TABLE claims_paymentcheck FORCE ROW LEVEL SECURITY;",
            "ALTER TABLE claims_paymentcheck NO FORCE ROW LEVEL SECURITY;"
            "ALTER TABLE claims_paymentcheck DISABLE ROW LEVEL SECURITY;"
            "DROP POLICY own_counties ON claims_paymentcheck;",
        ),
        migrations.RunSQL(NEVER, migrations.RunSQL.noop),
    ]
