"""The longest overdue promises and the newest returns are read from the end of an index, however many there are."""

from django.db import migrations, models

OPEN = ("reported", "lodged", "awaiting_documents", "assessed", "approved", "appealed")
RETURNED = models.Q(verb="return_for_assessment")


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0009_ended_and_claimed_again"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(state__in=OPEN), fields=["due_on", "id"], name="claim_promised"
            ),
        ),
        migrations.AddIndex(
            model_name="claimevent",
            index=models.Index(condition=RETURNED, fields=["id"], name="event_newest_returned"),
        ),
    ]
