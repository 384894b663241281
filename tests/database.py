"""A database for each test run (测试数据库): migrated once, then copied.

In: the tests' server and the migrations. Out: `test_yiyuan_<process>`, used by the application's plain role
like the real one. Copies of a template take a tenth of a second, so that tests with real transactions, whose
rows no rollback takes back and no trigger lets go of, each get a fresh one.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from yiyuan.runtime.database import DatabaseUrls
from yiyuan.runtime.places import CHECKOUT
from yiyuan.runtime.process_identity import is_running

COMPLETE = "complete"
BUILDING = 4117_0001
TEMPLATES_KEPT = 6  # checkouts beside each other have their own migrations, and one server


class CopiedDatabase:
    """This run's database on the tests' server."""

    def __init__(self, urls: DatabaseUrls) -> None:
        self._urls = urls
        self.name = f"test_yiyuan_{os.getpid()}"
        self.template = f"test_template_{_what_migrations_make()}"
        self._owner = conninfo_to_dict(urls.owner)["user"]

    def create(self) -> None:
        """Make this run's database; the template first, unless an earlier run left it."""
        with self._server() as server:
            # Two runs at once: one builds the template, the other waits here for it.
            server.execute("SELECT pg_advisory_lock(%s)", [BUILDING])
            self._drop_what_ended_runs_left(server)
            if not _is_complete(server, self.template):
                self._build(server)
        self.renew()

    @property
    def server_url(self) -> str:
        """Return the address of the server itself, which is there before and after any database of a run."""
        return self._urls.maintenance

    def urls(self) -> DatabaseUrls:
        """Return the addresses of this run's database."""
        return DatabaseUrls(
            application=make_conninfo(self._urls.application, dbname=self.name),
            owner=make_conninfo(self._urls.owner, dbname=self.name),
            maintenance=make_conninfo(self._urls.maintenance, dbname=self.name),
            cluster=self._urls.cluster,
        )

    def renew(self) -> None:
        """Replace this run's database by a fresh copy of the template."""
        connections.close_all()
        with self._server() as server:
            self._drop(server, self.name)
            self._copy(server, self.template, self.name)
        _connect_django(self._urls.application, self.name)

    def drop(self) -> None:
        """Remove this run's database; the template stays for the next run."""
        connections.close_all()
        with self._server() as server:
            self._drop(server, self.name)

    def _build(self, server: "psycopg.Connection[Any]") -> None:
        for stale in _databases(server, "test_template_%")[:-TEMPLATES_KEPT]:
            self._drop(server, stale)
        self._copy(server, "template1", self.template)
        _connect_django(self._urls.owner, self.template)
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()
        server.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(self.template), sql.Literal(COMPLETE)
            )
        )

    def _drop_what_ended_runs_left(self, server: "psycopg.Connection[Any]") -> None:
        if self._urls.cluster is None:
            # On a shared server the process may run on another machine.
            return
        for name in _databases(server, "test_yiyuan_%"):
            process = re.fullmatch(r"test_yiyuan_(\d+)", name)
            if process and not is_running(int(process[1])):
                self._drop(server, name)

    def _drop(self, server: "psycopg.Connection[Any]", name: str) -> None:
        assert name.startswith("test_"), "only a test database is ever dropped"
        # Our own server lets its superuser end the sessions that a failed test forgot.
        force = sql.SQL("WITH (FORCE)" if self._urls.cluster else "")
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} {}").format(sql.Identifier(name), force))

    def _copy(self, server: "psycopg.Connection[Any]", template: str, name: str) -> None:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                *(sql.Identifier(word) for word in (name, template, str(self._owner)))
            )
        )

    @contextmanager
    def _server(self) -> "Iterator[psycopg.Connection[Any]]":
        with psycopg.connect(self._urls.maintenance, autocommit=True) as server:
            yield server


def _connect_django(url: str, database: str) -> None:
    assert database.startswith("test_"), "tests never touch another database"
    connections.close_all()
    parts = conninfo_to_dict(url)
    settings = {
        "NAME": database,
        **{name.upper(): parts.get(name, "") for name in ("user", "password", "host", "port")},
    }
    # In place, so that connections of other threads go to the same database.
    connections["default"].settings_dict.update(settings)
    connections.settings["default"].update(settings)


def _what_migrations_make() -> str:
    code = CHECKOUT / "src" / "yiyuan"
    files = [
        *code.glob("apps/*/migrations/*.py"),
        *code.glob("apps/*/models*.py"),
        code / "runtime" / "roles.py",
    ]
    files.append(CHECKOUT / "requirements" / "runtime.lock")
    return _digest(sorted(files))


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(CHECKOUT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def _is_complete(server: "psycopg.Connection[Any]", name: str) -> bool:
    found = server.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return found is not None and found[0] == COMPLETE


def _databases(server: "psycopg.Connection[Any]", pattern: str) -> list[str]:
    rows = server.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid", [pattern]
    ).fetchall()
    return [str(row[0]) for row in rows]
