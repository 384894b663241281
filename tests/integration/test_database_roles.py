"""The database's roles: what the application may do with what the owner makes, and what nobody lets it."""

import psycopg
import pytest
from django.db import ProgrammingError, connection

pytestmark = pytest.mark.django_db


def test_the_application_is_a_plain_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
            " FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("yiyuan_app", False, False, False, False)


def test_the_application_uses_tables_and_cannot_change_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        assert cursor.fetchone()[0] > 0

    with (
        pytest.raises(ProgrammingError, match="must be owner of table django_migrations") as refusal,
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE django_migrations ADD COLUMN planted integer")
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_chinese_text_has_trigrams_and_the_server_listens_on_no_network() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_length(show_trgm('驿城区'), 1), inet_server_addr()")
        assert cursor.fetchone() == (4, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_rows_of_a_real_transaction_are_gone_in_the_next_test(turn: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (0,), turn
        cursor.execute("INSERT INTO django_session VALUES (%s, '', now())", [turn])
