"""What pages sum of orders is told from an index alone: a city pays some hundred thousand in a year."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_batch_contract"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["county_code", "state", "batch"], include=("amount_fen",), name="order_figures"
            ),
        ),
    ]
