"""Totals of the large tables (登记总数): counted after an import, read by pages.

In: nothing, or a scope. Out: how many rows of each kind a scope has. Between two imports people, households,
statuses, settlements and the accounts that came in files do not change, so the totals are exact; before the
first import pages count for themselves.
"""

from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.db.models import Sum

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.registry.models import Tally
from yiyuan.kernel.scope import Scope

PEOPLE, HOUSEHOLDS, STATUSES = "people", "households", "statuses"
SETTLEMENTS, ACCOUNTS = "settlements", "accounts"
COUNTED = {
    PEOPLE: "registry_person",
    HOUSEHOLDS: "registry_household",
    STATUSES: "registry_hardshipstatus WHERE superseded_at IS NULL",
    SETTLEMENTS: "registry_settlement",
    ACCOUNTS: "registry_account a JOIN registry_person p ON p.id = a.person_id "
    "WHERE a.superseded_at IS NULL AND a.import_job_id IS NOT NULL",
}
# Which totals a file of a kind may move.
MOVED_BY: Mapping[str, tuple[str, ...]] = {
    "hardship": (PEOPLE, HOUSEHOLDS, STATUSES),
    "settlements": (PEOPLE, SETTLEMENTS),
    "accounts": (PEOPLE, ACCOUNTS),
    "residents": (PEOPLE, HOUSEHOLDS),
}


@transaction.atomic
def record_tallies(kinds: Iterable[str]) -> None:
    """Count these kinds anew, as somebody who sees the whole city; repeating it gives the same."""
    for kind in kinds:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM registry_tally WHERE kind = %s", [kind])
            cursor.execute(
                "INSERT INTO registry_tally (kind, county_code, total) "
                f"SELECT %s, county_code, count(*) FROM {COUNTED[kind]} GROUP BY county_code",
                [kind],
            )


def sum_tallies(*, scope: Scope) -> Mapping[str, int]:
    """Return by kind how many rows a scope has; a kind that was never counted is missing."""
    counted = dict.fromkeys(Tally.objects.values_list("kind", flat=True).distinct(), 0)
    rows = Tally.objects.filter(within(scope)).values("kind").annotate(n=Sum("total")).order_by("kind")
    return {**counted, **{row["kind"]: row["n"] for row in rows}}
