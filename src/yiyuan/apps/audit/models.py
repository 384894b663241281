"""Who did what, when, by which request (留痕): one row a write, never changed."""

import pgtrigger
from django.db import models
from django.db.models import Q


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
    # What was asked under this key, where the row is a command's own; empty where it is a part of one.
    asked_digest = models.CharField(max_length=64, blank=True, default="")
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = "留痕"
        indexes = (
            models.Index(fields=["subject_kind", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "occurred_at"], name="audit_by_actor"),
        )
        constraints = (
            # A key is a command's for ever; who repeats it finds the row by this index.
            models.UniqueConstraint(
                fields=["request_key"], condition=~Q(asked_digest=""), name="audit_asked_once"
            ),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)
