"""Telephone numbers of people (联系电话), given at the desk: kept sealed, put out of use, never changed.

In: a person and a number that `kernel.identity.is_phone` takes. Out: the number on record, with an audit row
that does not carry it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.errors import NoPhone, RoleMissing
from yiyuan.apps.registry.models import Contact
from yiyuan.apps.registry.queries import get_person
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.identity import clean_phone, is_phone

TAIL_DIGITS = 4
CALLERS = (Role.DESK_AGENT, Role.ASSESSOR, Role.APPROVER)


@dataclass(frozen=True, slots=True)
class ContactView:
    """A telephone number in use, in full: who reads it has opened the person's file."""

    id: int
    phone: str
    phone_tail: str
    recorded_at: datetime


def list_contacts(person_id: int) -> Sequence[ContactView]:
    """Return the telephone numbers of a person that are in use, the newest first."""
    contacts = Contact.objects.filter(person_id=person_id, superseded_at=None).order_by("-pk")
    return [ContactView(c.pk, str(c.phone), c.phone_tail, c.recorded_at) for c in contacts]


@exactly_once()
@transaction.atomic
def record_contact(
    *, person_id: int, phone: str, actor: Actor, occurred_at: datetime, request_key: str
) -> int:
    """Keep a telephone number of a person; return its id, the same one while it is in use.

    :raises RoleMissing: the actor handles no claims.
    :raises NoPhone: the text is no telephone number.
    :raises Person.DoesNotExist: nobody of whom the actor may see anything has this number.
    """
    _check(person_id, actor)
    number = clean_phone(phone)
    if not is_phone(number):
        raise NoPhone
    contact, is_new = Contact.objects.get_or_create(
        person_id=person_id,
        phone_index=blind_index(number),
        superseded_at=None,
        defaults={
            "phone": number,
            "phone_tail": number[-TAIL_DIGITS:],
            "recorded_at": occurred_at,
            "recorded_by": actor.id,
        },
    )
    if is_new:
        _audit("record_contact", contact, actor, occurred_at, request_key)
    return contact.pk


@exactly_once(again=nothing)
@transaction.atomic
def end_contact(*, contact_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Put a telephone number out of use; it stays as history. Repeating it changes nothing.

    :raises RoleMissing: the actor handles no claims.
    :raises Contact.DoesNotExist: there is none of this number, or it lies outside the actor's scope.
    :raises Person.DoesNotExist: the person lies outside the actor's scope.
    """
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    _check(contact.person_id, actor)
    if contact.superseded_at is not None:
        return
    contact.superseded_at = occurred_at
    contact.save(update_fields=["superseded_at"])
    _audit("end_contact", contact, actor, occurred_at, request_key)


def may_call(actor: Actor) -> bool:
    """Tell whether somebody sees telephone numbers in full and may write them."""
    return not actor.roles.isdisjoint(CALLERS)


def _check(person_id: int, actor: Actor) -> None:
    if not may_call(actor):
        raise RoleMissing(actor.id)
    get_person(person_id, scope=actor.scope)


def _audit(verb: str, contact: Contact, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("person", str(contact.person_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"contact": contact.pk},
    )
