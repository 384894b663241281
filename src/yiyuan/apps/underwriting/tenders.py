"""Reading tenders (招标查询); all of it is the whole city's."""

from collections.abc import Sequence
from datetime import date

from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.models import Award, Bid, Criterion, Judge, Tender
from yiyuan.kernel.scope import Scope

PAGE = 50


def list_tenders(*, scope: Scope) -> Sequence[Tender]:
    """Return the tenders, the newest first; none for a reader of a part of the city."""
    return list(Tender.objects.order_by("-pk")[:PAGE]) if scope.is_city else []


def get_tender(number: str, *, scope: Scope) -> Tender:
    """Return one tender.

    :raises Tender.DoesNotExist: there is none, or the reader is not the city's.
    """
    tenders = Tender.objects.all() if scope.is_city else Tender.objects.none()
    return tenders.get(number=number)


def list_bids(tender: Tender) -> Sequence[Bid]:
    """Return a tender's bids in the order they came."""
    return list(tender.bids.order_by("received_at", "pk")[:PAGE])


def list_criteria(tender: Tender) -> Sequence[Criterion]:
    """Return what a tender's bids are judged by."""
    return list(tender.criteria.order_by("pk"))


def list_judges(tender: Tender) -> Sequence[Judge]:
    """Return a tender's judges."""
    return list(tender.judges.order_by("pk")[:PAGE])


def find_award(tender: Tender) -> Award | None:
    """Return a tender's award, agreed or not, None where nobody has proposed one."""
    return Award.objects.filter(tender=tender).select_related("bid").first()


def records_until(tender: Tender) -> date | None:
    """Return the day until which the records are kept, None before the contract is signed."""
    signed = tender.steps.filter(name="contract_signed").first()
    return procurement().records_until(signed.done_on) if signed else None
