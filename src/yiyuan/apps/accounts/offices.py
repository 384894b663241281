"""The only writer of offices and service points (单位与网点)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.codes import list_former_codes
from yiyuan.apps.accounts.errors import NameTaken, OfficeInUse, OutOfScope, RoleMissing
from yiyuan.apps.accounts.models import Office
from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.queries import get_request
from yiyuan.apps.audit.services import record_entry
from yiyuan.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What is known of an office; an empty `county_code` stands for the whole city."""

    name: str
    county_code: str
    kind: str
    address: str = ""
    phone: str = ""
    hours: str = ""


def _office_again(*, request_key: str, **_words: object) -> int:
    return int(get_request(request_key)[0])


@exactly_once(again=_office_again)
@transaction.atomic
def record_office(*, facts: OfficeFacts, actor: Actor, occurred_at: datetime, request_key: str) -> int:
    """Keep an office and return its id; the same facts again return the same office.

    :raises RoleMissing: the actor is neither administrator nor the system.
    :raises OutOfScope: the county lies outside what the actor administers.
    :raises NameTaken: another office has this name.
    """
    require_administrator(actor)
    _require_county(actor, facts.county_code)
    if known := Office.objects.filter(name=facts.name).first():
        if _facts_of(known) != facts:
            raise NameTaken(facts.name)
        return known.pk
    office = Office.objects.create(
        name=facts.name,
        county_code=facts.county_code,
        kind=facts.kind,
        address=facts.address,
        phone=facts.phone,
        hours=facts.hours,
        former_codes=list_former_codes(facts.county_code),
    )
    _audit(actor, "record_office", office, occurred_at, request_key)
    return office.pk


@exactly_once(again=nothing)
@transaction.atomic
def change_office(
    *, office_id: int, facts: OfficeFacts, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Put new facts in place of an office's; what its people see follows its county. Repeatable.

    :raises RoleMissing: the actor is neither administrator nor the system.
    :raises OutOfScope: the new county lies outside what the actor administers.
    :raises NameTaken: another office has this name.
    :raises OfficeInUse: people work there, and the county would change under them.
    :raises Office.DoesNotExist: there is none, or it lies outside what the actor administers.
    """
    require_administrator(actor)
    _require_county(actor, facts.county_code)
    office = _lock(office_id, actor)
    if Office.objects.filter(name=facts.name).exclude(pk=office_id).exists():
        raise NameTaken(facts.name)
    if office.county_code != facts.county_code and office.staff.filter(is_active=True).exists():
        raise OfficeInUse(office.name)
    for name in ("name", "county_code", "kind", "address", "phone", "hours"):
        setattr(office, name, getattr(facts, name))
    office.former_codes = list_former_codes(facts.county_code)
    office.save()
    _audit(actor, "change_office", office, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def set_office_open(
    *, office_id: int, is_open: bool, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Close an office that nobody works in any more, or open it again. Repeatable.

    :raises RoleMissing: the actor is neither administrator nor the system.
    :raises OfficeInUse: people still work there.
    :raises Office.DoesNotExist: there is none, or it lies outside what the actor administers.
    """
    require_administrator(actor)
    office = _lock(office_id, actor)
    if office.is_open == is_open:
        return
    if not is_open and office.staff.filter(is_active=True).exists():
        raise OfficeInUse(office.name)
    office.is_open = is_open
    office.save(update_fields=["is_open"])
    _audit(actor, "open_office" if is_open else "close_office", office, occurred_at, request_key)


def require_administrator(actor: Actor) -> None:
    """Let administrators and the system pass.

    :raises RoleMissing: for everybody else.
    """
    if not actor.roles & {Role.ADMINISTRATOR, Role.SYSTEM}:
        raise RoleMissing(actor.id)


def _require_county(actor: Actor, county_code: str) -> None:
    if not actor.scope.covers(county_code):
        raise OutOfScope(county_code)


def _lock(office_id: int, actor: Actor) -> Office:
    return Office.objects.select_for_update().filter(within(actor.scope)).get(pk=office_id)


def _facts_of(office: Office) -> OfficeFacts:
    return OfficeFacts(
        office.name, office.county_code, office.kind, office.address, office.phone, office.hours
    )


def _audit(actor: Actor, verb: str, office: Office, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("office", str(office.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"name": office.name, "county": office.county_code, "kind": office.kind},
    )
