from django.db import migrations

CHART = (
    ("fund", "项目资金", "fund"),
    ("payable", "应付赔款", "liability"),
    ("in_flight", "在途", "asset"),
    ("returned", "退票", "liability"),
    ("paid", "已付赔款", "expense"),
    ("receivable", "应追回", "asset"),
)


def write_chart(apps, schema_editor):
    account = apps.get_model("ledger", "Account")
    account.objects.bulk_create(
        [account(code=code, name_zh=name, kind=kind) for code, name, kind in CHART], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(write_chart, migrations.RunPython.noop)]
