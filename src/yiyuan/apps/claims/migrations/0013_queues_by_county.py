"""Queues of a county, and all claims by sum, are read from an index; so are the claims a batch would take.

The index of a county's figures goes: those are told from the parts of the sums.
"""

from django.db import migrations, models

PAYABLE = models.Q(state="approved", account_id__isnull=False, payment_note="")


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0012_accidents"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["county_code", "state", "-is_emergency", "due_on", "id"], name="claim_queue_of_county"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["-is_emergency", "benefit_fen", "id"], name="claim_all_by_sum"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["county_code", "id"], name="claim_payable", condition=PAYABLE),
        ),
        migrations.RemoveIndex(model_name="claim", name="claim_figures"),
    ]
