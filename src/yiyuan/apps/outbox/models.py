"""Facts that must reach another app (待传事实), written in the transaction that made them true."""

from django.db import models


class Fact(models.Model):
    """One fact; `delivered_at` is empty until every handler has taken it."""

    topic = models.CharField(max_length=50)
    body = models.JSONField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = "待传事实"
        indexes = (
            models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(delivered_at__isnull=True)),
        )
