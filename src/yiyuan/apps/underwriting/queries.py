"""Reading the premium's papers (保费查询); every list is bounded and stays within the reader's scope."""

from collections.abc import Sequence
from datetime import date

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.underwriting.models import (
    Appropriation,
    Bill,
    Due,
    FrozenHeadCount,
    Receipt,
    Refund,
    Reminder,
)
from yiyuan.kernel.scope import Scope

PAGE = 200


def list_head_counts(county_code: str, programme_from: date, *, scope: Scope) -> Sequence[FrozenHeadCount]:
    """Return a county's head counts for a year, the one that stands first."""
    rows = FrozenHeadCount.objects.filter(within(scope), county_code=county_code)
    return list(rows.filter(programme_from=programme_from).order_by("-pk")[:PAGE])


def get_head_count(pk: int, *, scope: Scope) -> FrozenHeadCount:
    """Return one head count.

    :raises FrozenHeadCount.DoesNotExist: there is none in the scope.
    """
    return FrozenHeadCount.objects.get(within(scope), pk=pk)


def list_standing_bills(programme_from: date, *, scope: Scope) -> Sequence[Bill]:
    """Return the bills of a year that no later one corrects, by county; some tens at most."""
    rows = Bill.objects.filter(within(scope), programme_from=programme_from, corrected_by=None)
    return list(rows.order_by("county_code")[:PAGE])


def list_bills(county_code: str, programme_from: date, *, scope: Scope) -> Sequence[Bill]:
    """Return a county's bills for a year with their corrections, the newest first."""
    rows = Bill.objects.filter(within(scope), county_code=county_code, programme_from=programme_from)
    return list(rows.order_by("-pk")[:PAGE])


def get_bill(number: str, *, scope: Scope) -> Bill:
    """Return one bill.

    :raises Bill.DoesNotExist: there is none in the scope.
    """
    return Bill.objects.select_related("corrects").get(within(scope), number=number)


def list_dues(county_code: str, programme_from: date, *, scope: Scope) -> Sequence[Due]:
    """Return what a county's payers owe for a year, by day, with the order to pay where there is one."""
    rows = Due.objects.filter(within(scope), county_code=county_code, bill__programme_from=programme_from)
    return list(rows.select_related("appropriation", "bill").order_by("due_on", "pk")[:PAGE])


def list_dues_of(bill: Bill) -> Sequence[Due]:
    """Return the dues of one bill."""
    return list(bill.dues.order_by("due_on", "pk")[:PAGE])


def get_appropriation(number: str, *, scope: Scope) -> Appropriation:
    """Return one order to pay.

    :raises Appropriation.DoesNotExist: there is none in the scope.
    """
    return Appropriation.objects.select_related("due__bill").get(within(scope), number=number)


def list_receipts(county_code: str, programme_from: date, *, scope: Scope) -> Sequence[Receipt]:
    """Return what has come from a county in a year or gone back, the newest first."""
    rows = Receipt.objects.filter(within(scope), county_code=county_code, programme_from=programme_from)
    return list(rows.order_by("-pk")[:PAGE])


def get_receipt(number: str, *, scope: Scope) -> Receipt:
    """Return one receipt.

    :raises Receipt.DoesNotExist: there is none in the scope.
    """
    return Receipt.objects.get(within(scope), number=number)


def list_open_refunds(county_code: str, programme_from: date, *, scope: Scope) -> Sequence[Refund]:
    """Return the refunds that wait for a second person, the oldest first."""
    rows = Refund.objects.filter(within(scope), county_code=county_code, programme_from=programme_from)
    return list(rows.filter(receipt=None).order_by("pk")[:PAGE])


def list_reminders(county_code: str, programme_from: date, *, scope: Scope) -> Sequence[Reminder]:
    """Return the reminders sent to a county for a year, the newest first."""
    rows = Reminder.objects.filter(within(scope), county_code=county_code, programme_from=programme_from)
    return list(rows.order_by("-pk")[:PAGE])
