from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("screening", "0006_figures")]

    operations = [
        migrations.AddField(
            model_name="runrequest",
            name="seen_at",
            field=models.DateTimeField(null=True, verbose_name="经办人看过"),
        ),
    ]
