"""The only writer of the city, divisions and single accounts (参保登记); whole files stand in `bulk`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.queries import get_request
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.models import Account, City, Division
from yiyuan.apps.registry.queries import get_person
from yiyuan.kernel.actor import Actor

ACCOUNT_TAIL = 4


@dataclass(frozen=True, slots=True)
class NewDivision:
    """A county (level 1), township (2) or village (3) and the code of what it lies in."""

    code: str
    name: str
    level: int
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as a person or a register gives it; digits only in `account_no`."""

    person_id: int
    bank_name: str
    account_no: str
    holder_name: str
    kind: str
    guardian_of_id: int | None = None


@transaction.atomic
def record_city(
    *,
    name: str,
    scheme: str,
    business_on: date | None,
    is_synthetic: bool,
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> None:
    """Set the one city of this database; repeating it leaves one city."""
    City.objects.update_or_create(
        pk=1,
        defaults={
            "name": name,
            "scheme": scheme,
            "business_on": business_on,
            "is_synthetic": is_synthetic,
        },
    )
    record_entry(
        actor=actor,
        verb="record_city",
        subject=("city", name),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"scheme": scheme, "business_on": str(business_on or "")},
    )


@transaction.atomic
def record_divisions(
    *, divisions: Sequence[NewDivision], actor: Actor, occurred_at: datetime, request_key: str
) -> None:
    """Add or rename divisions, parents first; whether a county is in the pool stays as it was set."""
    Division.objects.bulk_create(
        [
            Division(code=new.code, name=new.name, level=new.level, parent_id=new.parent_code)
            for new in sorted(divisions, key=lambda new: new.level)
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "level", "parent"],
    )
    record_entry(
        actor=actor,
        verb="record_divisions",
        subject=("divisions", "all"),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"count": len(divisions)},
    )


def _account_again(*, request_key: str, **_words: object) -> int:
    return int(get_request(request_key)[1]["account"])


@exactly_once(again=_account_again)
@transaction.atomic
def record_account(*, new: NewAccount, actor: Actor, occurred_at: datetime, request_key: str) -> int:
    """Keep an account given at the desk; return its id, the same one when it is known already.

    :raises Person.DoesNotExist: nobody of whom the actor may see anything has this number.
    """
    get_person(new.person_id, scope=actor.scope)
    index = blind_index(new.account_no)
    account, _ = Account.objects.get_or_create(
        person_id=new.person_id,
        account_index=index,
        guardian_of_id=new.guardian_of_id,
        superseded_at=None,
        defaults={
            "bank_name": new.bank_name,
            "account_no": new.account_no,
            "account_tail": new.account_no[-ACCOUNT_TAIL:],
            "holder_name": new.holder_name,
            "kind": new.kind,
            "recorded_at": occurred_at,
        },
    )
    record_entry(
        actor=actor,
        verb="record_account",
        subject=("person", str(new.person_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"account": account.pk},
    )
    return account.pk


def record_view(*, person_id: int, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    """Leave the row that says who read a person's file; each reading leaves its own."""
    record_entry(
        actor=actor,
        verb="view_person",
        subject=("person", str(person_id)),
        occurred_at=occurred_at,
        request_key=request_key,
    )
