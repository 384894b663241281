"""Putting a version in force (方案生效): one person proposes, another approves, both accept what is assumed.

In: the city's scheme directory and the version's first day. Out: an `Adoption`, frozen once approved. A
scheme with any fault goes no way.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.schemes.errors import (
    AlreadyInForce,
    HasFaults,
    NotAccepted,
    NotProposed,
    RoleMissing,
    SameHands,
)
from yiyuan.apps.schemes.models import Adoption
from yiyuan.apps.schemes.queries import scheme_directory
from yiyuan.kernel.actor import Actor, Role
from yiyuan.rules.acceptance import to_accept
from yiyuan.rules.checking import check_scheme
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import PRODUCT_BASE, load_scheme
from yiyuan.rules.terms import SchemeVersion

MAY_PUT_IN_FORCE = frozenset({Role.APPROVER, Role.ADMINISTRATOR})
FAULTS_TOLD = 5


def _adoption_again(*, valid_from: date, **_words: object) -> Adoption:
    proposed = Adoption.objects.filter(scheme=scheme_directory().name, valid_from=valid_from)
    return proposed.order_by("-pk")[0]


@exactly_once(again=_adoption_again)
@transaction.atomic
def propose_version(
    *, valid_from: date, accepted: Collection[str], actor: Actor, occurred_at: datetime, request_key: str
) -> Adoption:
    """Propose the version for a second person to approve; return the proposal. Repeating it makes one.

    `accepted` are the keys of all that `to_accept` lists.

    :raises RoleMissing: the actor may not put a scheme in force.
    :raises HasFaults: the check of the directory found a fault.
    :raises AlreadyInForce: a version from this day is in force.
    :raises NotAccepted: something assumed or resting on press alone is not accepted.
    """
    terms = _checked(valid_from, accepted, actor)
    if earlier := Adoption.objects.filter(sha256=terms.sha256).first():
        return earlier
    adoption = Adoption.objects.create(
        scheme=terms.id,
        valid_from=terms.valid.from_on,
        valid_to=terms.valid.to_on,
        title=terms.title,
        sha256=terms.sha256,
        accepted=[str(item) for item in to_accept(terms)],
        proposed_by=actor.id,
        proposed_by_name=actor.name,
        proposed_at=occurred_at,
        request_key=request_key,
    )
    _note("propose_scheme", adoption, actor, occurred_at, request_key)
    return adoption


@exactly_once(again=_adoption_again)
@transaction.atomic
def approve_version(
    *, valid_from: date, accepted: Collection[str], actor: Actor, occurred_at: datetime, request_key: str
) -> Adoption:
    """Put the proposed version in force as a second person; return it. From now on it is frozen.

    :raises RoleMissing, HasFaults, AlreadyInForce, NotAccepted: as for the proposal, looked at again.
    :raises NotProposed: nobody has proposed these very bytes.
    :raises SameHands: the actor has proposed it.
    """
    terms = _checked(valid_from, accepted, actor)
    adoption = Adoption.objects.select_for_update().filter(sha256=terms.sha256).first()
    if adoption is None:
        raise NotProposed(terms.version)
    if adoption.approved_by:
        raise AlreadyInForce(terms.version)
    if adoption.proposed_by == actor.id:
        raise SameHands(actor.id)
    adoption.approved_by, adoption.approved_by_name = actor.id, actor.name
    adoption.approved_at = occurred_at
    adoption.save(update_fields=["approved_by", "approved_by_name", "approved_at"])
    _note("approve_scheme", adoption, actor, occurred_at, request_key)
    return adoption


def _checked(valid_from: date, accepted: Collection[str], actor: Actor) -> SchemeVersion:
    if not MAY_PUT_IN_FORCE & actor.roles or not actor.scope.is_city:
        raise RoleMissing(actor.id)
    directory = scheme_directory()
    report = check_scheme(directory, load_holidays(PRODUCT_BASE.parent / BASE_FILE))
    if report.faults:
        raise HasFaults("\n".join(map(str, report.faults[:FAULTS_TOLD])))
    terms = load_scheme(directory, valid_from)
    if terms.id != directory.name:
        raise HasFaults(f"{directory} 里写的是 scheme: {terms.id}，目录应叫同一个名字")
    same_day = Adoption.objects.filter(scheme=terms.id, valid_from=valid_from).exclude(approved_by="")
    if same_day.exclude(sha256=terms.sha256).exists():
        raise AlreadyInForce(terms.version)
    left = [item for item in to_accept(terms) if item.key not in accepted]
    if left:
        raise NotAccepted("；".join(str(item) for item in left[:FAULTS_TOLD]))
    return terms


def _note(verb: str, adoption: Adoption, actor: Actor, occurred_at: datetime, request_key: str) -> None:
    record_entry(
        actor=actor,
        verb=verb,
        subject=("scheme", adoption.scheme),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={
            "valid_from": str(adoption.valid_from),
            "sha256": adoption.sha256,
            "accepted": adoption.accepted,
        },
    )
