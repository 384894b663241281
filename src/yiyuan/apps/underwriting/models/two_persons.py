"""What two persons decide (两人决定): proposed by one, agreed to by another, each with name and moment."""

from django.db import models
from django.db.models import F, Q


class ByTwo(models.Model):
    """Proposed by one person; blank as long as no other has agreed."""

    proposed_at = models.DateTimeField("提议时间")
    proposed_by = models.CharField("提议人", max_length=150)
    proposed_by_name = models.CharField("提议人姓名", max_length=50)
    agreed_at = models.DateTimeField("同意时间", null=True)
    agreed_by = models.CharField("同意人", max_length=150, blank=True)
    agreed_by_name = models.CharField("同意人姓名", max_length=50, blank=True)

    class Meta:
        abstract = True


def by_another(name: str) -> models.CheckConstraint:
    """Return the constraint that nobody agrees to their own proposal."""
    return models.CheckConstraint(condition=Q(agreed_by="") | ~Q(agreed_by=F("proposed_by")), name=name)
