"""Registers that disagree on a name (姓名不一致): each is shown with its source, and a person decides.

In: a name that an import gave otherwise than we have it. Out: the name kept or changed, with the reason; what
was said before stays on record.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.registry.errors import NameDecided, ReasonMissing, RoleMissing
from yiyuan.apps.registry.models import NameSaid, Person
from yiyuan.apps.registry.names import pinyin_key
from yiyuan.apps.registry.queries import get_person
from yiyuan.kernel.actor import Actor, Role

DECIDERS = (Role.CLERK, Role.DESK_AGENT)


@exactly_once()
@transaction.atomic
def decide_name(
    *, said_id: int, adopts: bool, reason: str, actor: Actor, occurred_at: datetime, request_key: str
) -> NameSaid:
    """Keep the name we have, or take the one a register says; return the record. Repeatable.

    Nothing that was decided or paid under the former name changes.

    :raises RoleMissing: the actor is neither clerk nor desk agent.
    :raises ReasonMissing: nothing says what it rests on.
    :raises NameDecided: somebody has decided otherwise before.
    """
    if not set(DECIDERS) & actor.roles:
        raise RoleMissing(actor.id)
    if not reason.strip():
        raise ReasonMissing(str(said_id))
    said = NameSaid.objects.select_for_update().get(pk=said_id)
    get_person(said.person_id, scope=actor.scope)
    answer = NameSaid.ADOPTED if adopts else NameSaid.KEPT
    if said.state != NameSaid.OPEN:
        if (said.state, said.decided_by) == (answer, actor.id):
            return said
        raise NameDecided(str(said_id))
    if adopts:
        person = Person.objects.select_for_update(of=("self",)).get(pk=said.person_id)
        said.name_before = person.name
        person.name, person.name_key = said.name, pinyin_key(said.name)
        person.save(update_fields=["name", "name_key"])
    said.state, said.reason, said.decided_at = answer, reason.strip(), occurred_at
    said.decided_by, said.decided_by_name = actor.id, actor.name
    said.save()
    record_entry(
        actor=actor,
        verb="adopt_name" if adopts else "keep_name",
        subject=("person", str(said.person_id)),
        occurred_at=occurred_at,
        request_key=request_key,
        detail={"import_job": said.import_job_id, "reason": reason.strip()[:200]},
    )
    return said


def list_names_said(person_id: int) -> Sequence[NameSaid]:
    """Return the names that registers give a person otherwise, those to be decided first."""
    said = NameSaid.objects.filter(person_id=person_id)
    return sorted(said[:50], key=lambda one: (one.state != NameSaid.OPEN, one.pk))
