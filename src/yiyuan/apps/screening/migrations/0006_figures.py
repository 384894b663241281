"""What pages count is told from an index alone: a city has some hundred thousand rows of these."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("screening", "0005_telling"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["state", "outcome", "id"], name="proposal_list"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=["county_code", "outcome", "state", "group"],
                include=("benefit_fen",),
                name="proposal_figures",
            ),
        ),
    ]
