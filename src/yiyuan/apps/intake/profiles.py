"""The only writer of column profiles (栏目对应): which column of a department's file is what, by its headers.

In: the headers of a file and a person's choice. Out: a profile that the same headers find again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once, nothing
from yiyuan.apps.audit.queries import get_request
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.intake.errors import ProfileFaulty, RoleMissing
from yiyuan.apps.intake.models import ColumnProfile
from yiyuan.exchange.headers import words_of
from yiyuan.exchange.meaning import fields_of
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.reading import KINDS
from yiyuan.exchange.sheets import missing_fields
from yiyuan.kernel.actor import Actor, Role

NAME_MAX = 60


def _profile_again(*, request_key: str, **_words: object) -> int:
    return int(get_request(request_key)[0])


@exactly_once(again=_profile_again)
@transaction.atomic
def record_profile(
    *,
    kind: str,
    name: str,
    department: str,
    headers: Sequence[str],
    columns: Mapping[str, str],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    replaces: int | None = None,
) -> int:
    """Keep which header means which field, under a name; return the profile's id.

    A header that `columns` does not name is kept as one that is not used. The profile named by `replaces`, or
    the one of the same headers, is changed; jobs read with it keep what they were read with.

    :raises RoleMissing: the actor is no clerk of the whole city.
    :raises ProfileFaulty: no name, a name in use, a field of another kind, or a fact that no column has.
    """
    _require_clerk(actor)
    _require_sound(kind, name, headers, columns)
    earlier = _earlier(kind, headers, replaces)
    same_name = ColumnProfile.objects.filter(kind=kind, name=name.strip(), deleted_at__isnull=True)
    if any(other != earlier for other in same_name):
        raise ProfileFaulty("name_taken", name)
    profile = earlier or ColumnProfile(kind=kind)
    profile.name, profile.department = name.strip()[:NAME_MAX], department.strip()[:NAME_MAX]
    profile.headers = [header for header in headers if header.strip()]
    profile.columns = {field: [header] for field, header in columns.items()}
    profile.ignored = [header for header in profile.headers if header not in columns.values()]
    profile.changed_by, profile.changed_by_name, profile.changed_at = actor.id, actor.name, occurred_at
    profile.save()
    record_entry(
        actor=actor,
        verb="change_profile" if earlier else "record_profile",
        subject=("column_profile", str(profile.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"kind": kind, "columns": dict(columns)},
    )
    return profile.pk


@exactly_once(again=nothing)
@transaction.atomic
def delete_profile(*, profile_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Let a profile be used no more; what was read with it stays. Repeating it changes nothing.

    :raises RoleMissing: the actor is no clerk of the whole city.
    """
    _require_clerk(actor)
    profile = ColumnProfile.objects.select_for_update().get(pk=profile_id)
    if profile.deleted_at is not None:
        return
    profile.deleted_at = occurred_at
    profile.save(update_fields=["deleted_at"])
    record_entry(
        actor=actor,
        verb="delete_profile",
        subject=("column_profile", str(profile.pk)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"kind": profile.kind},
    )


def _require_clerk(actor: Actor) -> None:
    if Role.CLERK not in actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)


def _require_sound(kind: str, name: str, headers: Sequence[str], columns: Mapping[str, str]) -> None:
    if not name.strip():
        raise ProfileFaulty("no_name", "")
    if set(columns) - set(fields_of(kind)) or set(columns.values()) - set(headers):
        raise ProfileFaulty("unknown_column", "")
    if len(set(columns.values())) < len(columns):
        raise ProfileFaulty("column_twice", "")
    missing = missing_fields(KINDS[kind], frozenset(columns), Profile())
    if missing:
        raise ProfileFaulty("fact_missing", "|".join(",".join(fields) for fields in missing))


def _earlier(kind: str, headers: Sequence[str], replaces: int | None) -> ColumnProfile | None:
    alive = ColumnProfile.objects.select_for_update().filter(kind=kind, deleted_at__isnull=True)
    if replaces is not None:
        return alive.filter(pk=replaces).first()
    words = words_of(headers)
    return next((profile for profile in alive if words_of(profile.headers) == words), None)
