"""County codes that were changed by decree (区划代码变更), and the offices that follow them.

In: the old and the new code. Out: the change on record; the county's offices work under the new code and keep
seeing what stands under the earlier ones.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from yiyuan.apps.accounts.errors import CodeChanged
from yiyuan.apps.accounts.models import CodeChange, Office


@transaction.atomic
def record_code_change(
    *, old_code: str, new_code: str, changed_on: date, source: str, recorded_by: str, occurred_at: datetime
) -> bool:
    """Keep that a county's code has changed; return whether it was new. The caller leaves the audit row.

    :raises CodeChanged: the old code was changed otherwise before, or the new one is itself an old code.
    """
    earlier = CodeChange.objects.filter(old_code=old_code).first()
    if earlier and earlier.new_code == new_code:
        return False
    if earlier or CodeChange.objects.filter(old_code=new_code).exists():
        raise CodeChanged(old_code)
    # A code that had been changed to the old one leads to the newest now.
    CodeChange.objects.filter(new_code=old_code).update(new_code=new_code)
    CodeChange.objects.create(
        old_code=old_code,
        new_code=new_code,
        changed_on=changed_on,
        source=source,
        recorded_at=occurred_at,
        recorded_by=recorded_by,
    )
    Office.objects.filter(county_code=old_code).update(county_code=new_code)
    Office.objects.filter(county_code=new_code).update(former_codes=list_former_codes(new_code))
    return True


def list_former_codes(county_code: str) -> list[str]:
    """Return the codes a county had before this one."""
    former = CodeChange.objects.filter(new_code=county_code).order_by("old_code")
    return list(former.values_list("old_code", flat=True))


def list_same_county(county_code: str) -> list[str]:
    """Return every code a county has had, this one among them, in order."""
    current = CodeChange.objects.filter(old_code=county_code).values_list("new_code", flat=True).first()
    current = current or county_code
    return sorted({current, county_code, *list_former_codes(current)})


def list_code_changes() -> Sequence[CodeChange]:
    """Return the changes of codes, the newest first; some dozens at most."""
    return list(CodeChange.objects.order_by("-changed_on", "-pk")[:100])
