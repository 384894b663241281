"""Parts of sums (合计的组成): triggers write them with the rows they count, a worker folds them."""

from django.db import models


class Part(models.Model):
    """How many rows of a kind and how many fen a statement added or took away; a sum is that of its parts.

    What a kind does not have is empty: only proposals have an outcome and a group, only claims a due day.
    """

    CLAIM, PROPOSAL, ORDER = "claim", "proposal", "order"

    kind = models.CharField(max_length=10)
    county_code = models.CharField("县区", max_length=12)
    state = models.CharField("状态", max_length=20)
    outcome = models.CharField("结论", max_length=20, blank=True)
    group = models.CharField("群体", max_length=40, blank=True)
    due_on = models.DateField("到期日", null=True)
    count = models.BigIntegerField("件数")
    fen = models.BigIntegerField("金额")

    class Meta:
        verbose_name = "合计的组成"
        indexes = (models.Index(fields=["kind", "state", "county_code"], name="sum_parts"),)
