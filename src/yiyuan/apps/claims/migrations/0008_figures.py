"""What pages count is told from an index alone: a city has some hundred thousand rows of these."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0007_hard_turns"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["-is_emergency", "due_on", "id"], name="claim_all_by_due"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["state", "-is_emergency", "benefit_fen", "id"], name="claim_queue_by_sum"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["county_code", "state", "due_on"], include=("benefit_fen",), name="claim_figures"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(
                    ("state", "approved"),
                    models.Q(
                        ("account_id__isnull", True),
                        models.Q(("payment_note", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                fields=["due_on", "id"],
                name="claim_held",
            ),
        ),
        migrations.AddIndex(
            model_name="claimevent",
            index=models.Index(
                condition=models.Q(("verb", "return_for_assessment")),
                fields=["claim", "id"],
                name="event_returned",
            ),
        ),
    ]
