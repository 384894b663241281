"""Reading staff and offices (人员与单位查询); every list is bounded and stays within the reader's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from yiyuan.apps.accounts.models import Office, StaffMember
from yiyuan.apps.accounts.scoping import within
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

PAGE = 50
OFFICES_MAX = 500


@dataclass(frozen=True, slots=True)
class OfficeView:
    """An office as pages show it; `people` counts who works there now."""

    id: int
    name: str
    county_code: str
    kind: str
    address: str
    phone: str
    hours: str
    is_open: bool
    people: int


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff as pages show them."""

    username: str
    name: str
    roles: tuple[str, ...]
    office_id: int | None
    office: str
    county_code: str
    is_active: bool
    is_invented: bool
    must_change_password: bool
    last_signed_in_at: datetime | None


def list_offices(scope: Scope, *, open_only: bool = False) -> Sequence[OfficeView]:
    """Return the offices, the city's first, then by county and name."""
    offices = Office.objects.filter(within(scope)).annotate(
        people=Count("staff", filter=Q(staff__is_active=True))
    )
    if open_only:
        offices = offices.filter(is_open=True)
    return [_office_view(office) for office in offices.order_by("county_code", "name")[:OFFICES_MAX]]


def get_office(office_id: int, scope: Scope) -> OfficeView:
    """Return one office.

    :raises Office.DoesNotExist: there is none, or it lies outside the scope.
    """
    offices = Office.objects.filter(within(scope))
    return _office_view(
        offices.annotate(people=Count("staff", filter=Q(staff__is_active=True))).get(pk=office_id)
    )


def list_staff(
    scope: Scope, *, words: str = "", role: str = "", offset: int = 0, limit: int = PAGE
) -> Sequence[StaffView]:
    """Return people by office and name, those here first; found by name, sign-in or office."""
    found = _matching(scope, words, role).order_by(
        "-is_active", "office__county_code", "office__name", "name", "pk"
    )
    return [_staff_view(member) for member in found[offset : offset + limit]]


def count_staff(scope: Scope, *, words: str = "", role: str = "") -> int:
    """Return how many people match."""
    return _matching(scope, words, role).count()


def get_staff_member(username: str, scope: Scope) -> StaffView:
    """Return one member of staff.

    :raises StaffMember.DoesNotExist: there is none, or they lie outside the scope.
    """
    return _staff_view(_visible(scope).get(username=username))


def get_actor(username: str) -> Actor:
    """Return who this is now in the words of the domain, for work that was asked for earlier.

    :raises StaffMember.DoesNotExist: there is no such sign-in.
    """
    return StaffMember.objects.select_related("office").get(username=username).as_actor()


def count_by_role(scope: Scope) -> Mapping[Role, int]:
    """Return how many people hold each role now, zeros too."""
    held = _visible(scope).filter(is_active=True).values_list("roles", flat=True)[:10_000]
    counts: dict[Role, int] = {role: 0 for role in Role if role is not Role.SYSTEM}
    for role in (Role(name) for roles in held for name in roles):
        counts[role] += 1
    return counts


def list_usernames(scope: Scope) -> list[str] | None:
    """Return the sign-ins of the offices in a scope, or None where it is the whole city."""
    if scope.is_city:
        return None
    return list(_visible(scope).values_list("username", flat=True))


def list_changed_passwords(usernames: Sequence[str]) -> set[str]:
    """Return those of these sign-ins whose first password holds no more."""
    changed = StaffMember.objects.filter(username__in=usernames).exclude(password_changed_at=None)
    return set(changed.values_list("username", flat=True))


def _visible(scope: Scope) -> QuerySet[StaffMember]:
    return StaffMember.objects.select_related("office").filter(within(scope, "office__county_code"))


def _matching(scope: Scope, words: str, role: str) -> QuerySet[StaffMember]:
    found = _visible(scope)
    if words:
        found = found.filter(
            Q(username__istartswith=words) | Q(name__icontains=words) | Q(office__name__icontains=words)
        )
    return found.filter(roles__contains=[role]) if role else found


def _office_view(office: Office) -> OfficeView:
    return OfficeView(
        id=office.pk,
        name=office.name,
        county_code=office.county_code,
        kind=office.kind,
        address=office.address,
        phone=office.phone,
        hours=office.hours,
        is_open=office.is_open,
        people=getattr(office, "people", 0),
    )


def _staff_view(member: StaffMember) -> StaffView:
    return StaffView(
        username=member.username,
        name=member.name,
        roles=tuple(member.roles),
        office_id=member.office_id,
        office=member.office.name if member.office else "",
        county_code=member.office.county_code if member.office else "",
        is_active=member.is_active,
        is_invented=member.is_invented,
        must_change_password=member.must_change_password,
        last_signed_in_at=member.last_login,
    )
