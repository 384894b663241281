"""The only writer of staff accounts (工作人员)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiyuan.apps.accounts.models import StaffMember
from yiyuan.apps.audit.services import record_entry
from yiyuan.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class NewStaffMember:
    """What is known of a person who shall sign in."""

    username: str
    name: str
    office: str
    county_code: str
    roles: Sequence[Role]
    password: str
    is_invented: bool


@transaction.atomic
def record_staff_member(*, new: NewStaffMember, actor: Actor, occurred_at: datetime, request_key: str) -> str:
    """Create a sign-in, or give the one of that name these roles, office and password; return its username.

    Saying it twice leaves one account.
    """
    member, _ = StaffMember.objects.get_or_create(username=new.username)
    member.name, member.office, member.county_code = new.name, new.office, new.county_code
    member.roles = [str(role) for role in new.roles]
    member.is_invented = new.is_invented
    member.set_password(new.password)
    member.save()
    record_entry(
        actor=actor,
        verb="record_staff_member",
        subject=("staff_member", new.username),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"roles": member.roles, "office": new.office},
    )
    return new.username
