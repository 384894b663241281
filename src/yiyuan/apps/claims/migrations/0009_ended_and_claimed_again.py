from django.db import migrations, models

LIVING = models.Q(("state", "withdrawn"), _negated=True) & models.Q(("is_recovered", False))


class Migration(migrations.Migration):
    dependencies = [("claims", "0008_figures")]

    operations = [
        migrations.RemoveConstraint(model_name="claim", name="claim_settlement_once"),
        migrations.RemoveConstraint(model_name="claim", name="claim_proposal_once"),
        migrations.AddField(
            model_name="claim",
            name="is_recovered",
            field=models.BooleanField(db_default=False, default=False, verbose_name="已追回"),
        ),
        migrations.AddField(
            model_name="recovery",
            name="facts_key",
            field=models.CharField(blank=True, db_default="", max_length=32, verbose_name="当时事实的指纹"),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=LIVING, fields=("setl_id",), name="claim_settlement_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=LIVING, fields=("proposal_id",), name="claim_proposal_once"
            ),
        ),
    ]
