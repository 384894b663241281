"""Who may do what in the database (数据库角色): an owner that makes tables, an application that uses them.

In: a server as its superuser, or a server of the user's own. Out: both roles, the city's database, the
extensions, and rights that follow every table the owner makes later.
"""

import psycopg
from psycopg import sql

from yiyuan.runtime.cluster import APPLICATION, OWNER, SUPERUSER, Cluster, DatabaseFailedError

EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent", "citext")
OLDEST_SERVER = 15
DATABASE = "yiyuan"


def provision(cluster: Cluster) -> None:
    """Give an embedded server its roles, database, extensions and rights; safe to repeat.

    Everything goes into `template1` as well, so that databases the owner makes (tests, restores) are alike.
    """
    with psycopg.connect(cluster.url(SUPERUSER, "template1"), autocommit=True) as superuser:
        for role, may in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
            _ensure_role(superuser, role, may)
        _add_extensions(superuser)
        _let_application_use_what_owner_makes(superuser)
        made = superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if not made:
        # Apart, because nobody may be connected to the template while it is copied.
        with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as superuser:
            superuser.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )


def provision_own_server(application_url: str, owner_url: str) -> None:
    """Check a server of the user's own, and give it extensions and rights; safe to repeat.

    :raises DatabaseFailedError: when it is out of reach, too old, or lacks an extension.
    """
    try:
        with psycopg.connect(application_url, connect_timeout=5) as application:
            user = application.info.user
            _refuse_an_old_server(application.info.server_version)
        with psycopg.connect(owner_url, connect_timeout=5, autocommit=True) as owner:
            _add_extensions(owner)
            if owner.info.user != user:
                _grant_to(owner, sql.SQL(""), user)
    except psycopg.Error as refusal:
        raise DatabaseFailedError(
            f"DATABASE_URL 的数据库不能用 (cannot be used): {refusal}".rstrip()
        ) from refusal


def _refuse_an_old_server(version: int) -> None:
    major = version // 10_000
    if major < OLDEST_SERVER:
        raise DatabaseFailedError(
            f"DATABASE_URL 指向 PostgreSQL {major},需要 {OLDEST_SERVER} 或更新。"
            f" (this server is too old; unset DATABASE_URL to use the embedded one)"
        )


def _ensure_role(superuser: psycopg.Connection, role: str, may: str) -> None:
    exists = superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if exists else "CREATE"
    superuser.execute(
        sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.SQL(may)
        )
    )


def _add_extensions(connection: psycopg.Connection) -> None:
    for extension in EXTENSIONS:
        connection.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(sql.Identifier(extension))
        )


def _let_application_use_what_owner_makes(superuser: psycopg.Connection) -> None:
    _grant_to(superuser, sql.SQL("FOR ROLE {}").format(sql.Identifier(OWNER)), APPLICATION)


def _grant_to(connection: psycopg.Connection, maker: sql.Composable, role: str) -> None:
    for what in (
        "SELECT, INSERT, UPDATE, DELETE ON TABLES",
        "USAGE, SELECT ON SEQUENCES",
        "EXECUTE ON FUNCTIONS",
    ):
        connection.execute(
            sql.SQL("ALTER DEFAULT PRIVILEGES {} IN SCHEMA public GRANT {} TO {}").format(
                maker, sql.SQL(what), sql.Identifier(role)
            )
        )
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(role)))
