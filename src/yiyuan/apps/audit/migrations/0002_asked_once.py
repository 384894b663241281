"""A request key is one command's for ever: what was asked under it stands beside it (请求号只用一次)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="asked_digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("asked_digest", ""), _negated=True),
                fields=("request_key",),
                name="audit_asked_once",
            ),
        ),
    ]
