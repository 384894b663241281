"""Who may write what of underwriting (承保权限): roles and scope, checked before anything else."""

from datetime import datetime

from yiyuan.apps.audit.services import record_entry
from yiyuan.apps.underwriting.errors import OutOfScope, RoleMissing
from yiyuan.kernel.actor import Actor, Role


def require(actor: Actor, role: Role, county_code: str = "") -> None:
    """Let the holder of a role pass, for a county of theirs, or for the city where none is named.

    :raises RoleMissing: the actor does not hold the role.
    :raises OutOfScope: the county, or the city, lies outside the actor's scope.
    """
    if role not in actor.roles:
        raise RoleMissing(actor.id)
    if not actor.scope.covers(county_code):
        raise OutOfScope(county_code)


def audit(
    verb: str,
    subject: tuple[str, str],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
    **detail: object,
) -> None:
    """Leave the row of one write, in the caller's transaction."""
    record_entry(
        actor=actor,
        verb=verb,
        subject=subject,
        occurred_at=occurred_at,
        request_key=request_key,
        detail=detail,
    )
