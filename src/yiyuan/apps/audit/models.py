"""Who did what, when, by which request (留痕): one row a write, never changed."""

import pgtrigger
from django.db import models


class Entry(models.Model):
    """One write. `occurred_at` is the city's time, `recorded_at` the database's."""

    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor_id = models.CharField(max_length=150)
    actor_name = models.CharField(max_length=50)
    verb = models.CharField(max_length=50)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=100)
    request_key = models.CharField(max_length=100)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = "留痕"
        indexes = (
            models.Index(fields=["subject_kind", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "occurred_at"], name="audit_by_actor"),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)
