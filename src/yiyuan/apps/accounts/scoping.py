"""The scope in queries and in the database (数据范围的两道门): the filter, and the net under it.

In: a scope. Out: a condition on `county_code`; or PostgreSQL's setting `yiyuan.counties`, which row-level
security reads. Queries carry the condition, so that their plans stay indexed; policies hold what forgets it.
"""

from django.db import connection
from django.db.models import Q

from yiyuan.kernel.scope import Scope

SETTING = "yiyuan.counties"


def within(scope: Scope, field: str = "county_code") -> Q:
    """Return the condition that a row's county lies in the scope; of no county, nothing."""
    return Q() if scope.is_city else Q(**{f"{field}__in": sorted(scope.counties)})


def show_rows_of(scope: Scope) -> None:
    """Let this connection see the rows of a scope, until `show_rows_as_before`; outside any transaction."""
    _execute("SELECT set_config(%s, %s, false)", [SETTING, scope.setting])


def show_rows_as_before() -> None:
    """Let this connection see what its process sees by itself: on the site nothing, in a command all."""
    _execute(f"RESET {SETTING}", None)


def _execute(statement: str, parameters: list[str] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
