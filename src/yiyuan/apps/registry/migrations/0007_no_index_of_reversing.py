"""Whether a stay was reversed is asked of `registry_reversal` alone: nothing looks for the reversing rows any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_find_people"),
    ]

    operations = [migrations.RemoveIndex(model_name="settlement", name="settlement_reverses")]
