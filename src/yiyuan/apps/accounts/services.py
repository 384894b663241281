"""The only writer of staff accounts (工作人员): who comes, what they do, where they work, who leaves.

An administrator manages the people of the offices in their own scope, and hands out no scope wider than it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from yiyuan.apps.accounts.errors import (
    HasLeft,
    LastAdministrator,
    NameTaken,
    OfficeClosed,
    OutOfScope,
    OwnAdministration,
)
from yiyuan.apps.accounts.models import Office, StaffMember
from yiyuan.apps.accounts.offices import require_administrator
from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.queries import has_entry
from yiyuan.apps.audit.services import record_entry
from yiyuan.kernel.actor import Actor, Role

SUBJECT = "staff_member"
STAFF_LOCK = 0x59595354  # advisory lock: who leaves or changes, one at a time


@dataclass(frozen=True, slots=True)
class NewStaffMember:
    """What is known of a person who shall sign in."""

    username: str
    name: str
    office_id: int
    roles: Sequence[Role]
    password: str
    is_invented: bool = False
    must_change_password: bool = False


@exactly_once()
@transaction.atomic
def record_staff_member(*, new: NewStaffMember, actor: Actor, occurred_at: datetime, request_key: str) -> str:
    """Create a sign-in and return its username. Saying it twice with one key leaves one account.

    :raises RoleMissing: the actor is neither administrator nor the system.
    :raises OutOfScope: the office lies outside what the actor administers.
    :raises OfficeClosed: nobody is sent to a closed office.
    :raises NameTaken: another sign-in has this name.
    """
    require_administrator(actor)
    office = _office(new.office_id, actor)
    if StaffMember.objects.filter(username=new.username).exists():
        if not has_entry(subject=(SUBJECT, new.username), request_key=request_key):
            raise NameTaken(new.username)
        return new.username
    member = StaffMember(
        username=new.username,
        name=new.name,
        office=office,
        roles=_texts(new.roles),
        is_invented=new.is_invented,
        must_change_password=new.must_change_password,
    )
    member.set_password(new.password)
    member.save()
    _audit(actor, "record_staff_member", member, occurred_at, request_key)
    return new.username


@exactly_once(again=nothing)
@transaction.atomic
def change_staff_member(
    *,
    username: str,
    name: str,
    roles: Sequence[Role],
    office_id: int,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> None:
    """Give a person another name, other roles, or another office; repeating it changes nothing more.

    :raises OwnAdministration: the actor would take the administrator's role from themselves.
    :raises LastAdministrator: the city would be left without an administrator.
    :raises OutOfScope: the office lies outside what the actor administers.
    :raises OfficeClosed: nobody is sent to a closed office.
    :raises HasLeft: the person has left.
    :raises RoleMissing: the actor is no administrator.
    :raises StaffMember.DoesNotExist: there is none, or they lie outside what the actor administers.
    """
    require_administrator(actor)
    _take_turn()
    member, office = _lock(username, actor), _office(office_id, actor)
    is_of_the_city = _administers_city(member)
    if not member.is_active:
        raise HasLeft(username)
    if username == actor.id and Role.ADMINISTRATOR not in roles:
        raise OwnAdministration(username)
    verb = "move_staff_member" if member.office_id != office.pk else "change_staff_member"
    member.name, member.roles, member.office = name, _texts(roles), office
    member.save(update_fields=["name", "roles", "office"])
    if is_of_the_city:
        _require_an_administrator()
    _audit(actor, verb, member, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def end_staff_member(*, username: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Let a person leave: no sign-in from now on, every session of theirs ended. Repeatable.

    :raises OwnAdministration: the actor would shut themselves out.
    :raises LastAdministrator: the city would be left without an administrator.
    :raises RoleMissing: the actor is no administrator.
    :raises StaffMember.DoesNotExist: there is none, or they lie outside what the actor administers.
    """
    require_administrator(actor)
    _take_turn()
    member = _lock(username, actor)
    if username == actor.id:
        raise OwnAdministration(username)
    if not member.is_active:
        return
    is_of_the_city = _administers_city(member)
    member.is_active = False
    # Sessions are bound to the password: without one, none of them is valid, now or after a return.
    member.set_unusable_password()
    member.save(update_fields=["is_active", "password"])
    if is_of_the_city:
        _require_an_administrator()
    _audit(actor, "end_staff_member", member, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def reset_password(
    *, username: str, password: str, actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Give a person a drawn password that they must change, and end their sessions; one who left is back.

    The same key leaves what the first one did.

    :raises OwnAdministration: one's own password is changed on one's own page.
    :raises OfficeClosed: the person's office is closed; they must be moved first.
    :raises RoleMissing: the actor is no administrator.
    :raises StaffMember.DoesNotExist: there is none, or they lie outside what the actor administers.
    """
    require_administrator(actor)
    member = _lock(username, actor)
    if username == actor.id:
        raise OwnAdministration(username)
    if has_entry(subject=(SUBJECT, username), request_key=request_key):
        return
    if member.office and not member.office.is_open:
        raise OfficeClosed(member.office.name)
    member.set_password(password)
    member.is_active, member.must_change_password = True, True
    member.password_changed_at = occurred_at
    member.save(update_fields=["password", "is_active", "must_change_password", "password_changed_at"])
    _audit(actor, "reset_password", member, occurred_at, request_key)


@exactly_once(again=nothing)
@transaction.atomic
def change_own_password(*, password: str, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Put the password a person has chosen in place of theirs; every other session of theirs ends.

    :raises StaffMember.DoesNotExist: the actor is no member of staff.
    """
    member = StaffMember.objects.select_for_update().get(username=actor.id)
    member.set_password(password)
    member.must_change_password, member.password_changed_at = False, occurred_at
    member.save(update_fields=["password", "must_change_password", "password_changed_at"])
    _audit(actor, "change_own_password", member, occurred_at, request_key)


def _lock(username: str, actor: Actor) -> StaffMember:
    # Only the member: the office stands on the far side of an outer join, which no lock reaches.
    members = StaffMember.objects.select_for_update(of=("self",)).select_related("office")
    return members.get(within(actor.scope, "office__county_code"), username=username)


def _office(office_id: int, actor: Actor) -> Office:
    office = Office.objects.filter(within(actor.scope), pk=office_id).first()
    if office is None:
        raise OutOfScope(str(office_id))
    if not office.is_open:
        raise OfficeClosed(office.name)
    return office


def _administers_city(member: StaffMember) -> bool:
    is_at_work = member.is_active and member.office is not None and member.office.is_open
    return is_at_work and Role.ADMINISTRATOR in member.roles and member.as_actor().scope.is_city


def _take_turn() -> None:
    # Two administrators who end each other at once must not both succeed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STAFF_LOCK])


def _require_an_administrator() -> None:
    administrators = StaffMember.objects.filter(
        is_active=True,
        roles__contains=[str(Role.ADMINISTRATOR)],
        office__county_code="",
        office__is_open=True,
    )
    if not administrators.exists():
        raise LastAdministrator


def _texts(roles: Sequence[Role]) -> list[str]:
    return [str(role) for role in dict.fromkeys(roles)]


def _audit(actor: Actor, verb: str, member: StaffMember, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=(SUBJECT, member.username),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"roles": member.roles, "office": member.office.name if member.office else ""},
    )
