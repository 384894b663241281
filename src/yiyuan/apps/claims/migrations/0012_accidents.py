"""The claim of an accident has no proposal: a person reports it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0011_payment_checks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="claim",
            name="proposal_id",
            field=models.BigIntegerField(null=True, verbose_name="拟赔"),
        ),
    ]
