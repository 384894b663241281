"""Whether the site is well (健康检查): asked by whatever watches the server, without signing in.

In: a request for `/healthz/`. Out: JSON with a word for the database, its disk and the uploads; 200 where all
are well, 503 where one is not. No page's frame and no session is needed for it: they may be what broke.
"""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from yiyuan.runtime.places import CITY, find_places
from yiyuan.runtime.room import has_room

ADDRESS = "/healthz/"
OK, AWAY, FULL = "ok", "away", "full"


class Health:
    """Answer for the site's health before anything else looks at the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the address of the health check; hand on all others."""
        if request.path != ADDRESS:
            return self._answer(request)
        found = {
            "database": _database(),
            "database_disk": _room(find_places().server / CITY),
            "uploads_disk": _room(Path(settings.MEDIA_ROOT)),
        }
        is_well = all(word == OK for word in found.values())
        return JsonResponse(found, status=200 if is_well else 503, headers={"Cache-Control": "no-store"})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return AWAY
    return OK


def _room(folder: Path) -> str:
    # A database on another machine has no folder here, and its disk is its keeper's to watch.
    return OK if has_room(folder) else FULL
