"""Who speaks (经办人): an opaque id, the name shown in the audit, and the roles held at that moment."""

from dataclasses import dataclass
from enum import StrEnum

from yiyuan.kernel.scope import EVERYWHERE, NOWHERE, Scope


class Role(StrEnum):
    """What a person may do; the Chinese titles stand in `accounts.models`."""

    CLERK = "clerk"
    DESK_AGENT = "desk_agent"
    ASSESSOR = "assessor"
    APPROVER = "approver"
    PAYER = "payer"
    CIVIL_AFFAIRS = "civil_affairs"
    FINANCE = "finance"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or process behind a write, as the interface authenticated them; without a scope, nowhere."""

    id: str
    name: str
    roles: frozenset[Role]
    scope: Scope = NOWHERE


SYSTEM_ACTOR = Actor(id="system", name="系统", roles=frozenset({Role.SYSTEM}), scope=EVERYWHERE)
