"""Backup and restore: what comes back is what was there, whole or not at all."""

import datetime as dt
import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.builders import make_person
from tests.database import CopiedDatabase
from yiyuan.runtime.archive import ArchiveRefusedError, back_up, restore
from yiyuan.runtime.database import DatabaseUrls
from yiyuan.runtime.places import Places
from yiyuan.runtime.secrets import FILE_BY_VARIABLE, load_keys
from yiyuan.runtime.surroundings import key_marks

pytestmark = pytest.mark.django_db(transaction=True)
MADE_AT = dt.datetime(2019, 11, 20, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def urls(copied_database: CopiedDatabase, tmp_path: Path) -> DatabaseUrls:
    found = copied_database.urls()
    # The marks of the keys lie beside the data; the tests' server has other tests' data too.
    apart = replace(found.cluster, folder=tmp_path / "server") if found.cluster else None
    return replace(found, cluster=apart)


@pytest.fixture
def places(urls: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    for variable in FILE_BY_VARIABLE:
        monkeypatch.delenv(variable)
    city = Places(tmp_path / "home", tmp_path / "home")
    load_keys(city.secrets, key_marks(urls, city))
    (city.uploads / "2019").mkdir(parents=True)
    (city.uploads / "2019" / "名册.csv").write_text("身份证号\n", encoding="utf-8")
    return city


def _sessions(urls: DatabaseUrls) -> list[str]:
    with psycopg.connect(urls.application) as application:
        return [
            row[0]
            for row in application.execute("SELECT session_key FROM django_session ORDER BY session_key")
        ]


def _add_session(urls: DatabaseUrls, key: str) -> None:
    with psycopg.connect(urls.application) as application:
        application.execute("INSERT INTO django_session VALUES (%s, '', now())", [key])


def test_a_city_comes_back_as_it_was(urls: DatabaseUrls, places: Places, tmp_path: Path) -> None:
    _add_session(urls, "before")
    keys = {file.name: file.read_text() for file in places.secrets.iterdir()}
    file = tmp_path / "city.tar"
    back_up(urls, places, file, MADE_AT)
    _add_session(urls, "after")
    (places.uploads / "2019" / "名册.csv").write_text("改过\n", encoding="utf-8")
    (places.secrets / "field.key").write_text("another\n")

    made_at = restore(urls, places, file, is_replacing=True)

    assert made_at == MADE_AT
    # Read and written as the application: its rights on every table have come back too.
    assert _sessions(urls) == ["before"]
    _add_session(urls, "again")
    assert (places.uploads / "2019" / "名册.csv").read_text(encoding="utf-8") == "身份证号\n"
    assert {found.name: found.read_text() for found in places.secrets.iterdir()} == keys
    assert file.stat().st_mode & 0o077 == 0
    assert (places.secrets / "field.key").stat().st_mode & 0o077 == 0


def test_an_owner_who_is_no_superuser_backs_up_every_countys_rows(
    urls: DatabaseUrls, places: Places, tmp_path: Path
) -> None:
    # As on a server of the user's own, where nobody gives us a superuser.
    own = replace(urls, maintenance=urls.owner)
    make_person("马秀兰")
    file = tmp_path / "city.tar"
    back_up(own, places, file, MADE_AT)
    with psycopg.connect(urls.maintenance) as superuser:
        superuser.execute("DELETE FROM registry_person")

    restore(own, places, file, is_replacing=True)

    with psycopg.connect(urls.application) as application:
        assert application.execute("SELECT count(*) FROM registry_person").fetchone() == (0,)
        application.execute("SET yiyuan.counties = '411724'")
        assert application.execute("SELECT name FROM registry_person").fetchall() == [("马秀兰",)]


def test_a_city_with_data_is_not_replaced_unasked(urls: DatabaseUrls, places: Places, tmp_path: Path) -> None:
    file = tmp_path / "city.tar"
    back_up(urls, places, file, MADE_AT)
    _add_session(urls, "kept")

    with pytest.raises(ArchiveRefusedError, match="--replace"):
        restore(urls, places, file, is_replacing=False)

    assert _sessions(urls) == ["kept"]


@pytest.mark.parametrize("damage", ["cut short", "dump changed", "not a backup"])
def test_a_damaged_file_changes_nothing(
    urls: DatabaseUrls, places: Places, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "city.tar"
    back_up(urls, places, file, MADE_AT)
    _add_session(urls, "kept")
    _damage(file, damage)

    with pytest.raises(ArchiveRefusedError):
        restore(urls, places, file, is_replacing=True)

    assert _sessions(urls) == ["kept"]
    assert (places.uploads / "2019" / "名册.csv").exists()


def test_a_dump_that_fails_half_way_leaves_the_city_as_it_is(
    urls: DatabaseUrls, places: Places, tmp_path: Path
) -> None:
    # Given a backup that needs a role this server does not have, named apart from other runs'.
    guest = sql.Identifier(f"passing_guest_{os.getpid()}")
    file = tmp_path / "city.tar"
    with psycopg.connect(urls.maintenance, autocommit=True) as superuser:
        superuser.execute(sql.SQL("CREATE ROLE {}").format(guest))
        superuser.execute(sql.SQL("GRANT SELECT ON django_session TO {}").format(guest))
        back_up(urls, places, file, MADE_AT)
        superuser.execute(sql.SQL("DROP OWNED BY {}").format(guest))
        superuser.execute(sql.SQL("DROP ROLE {}").format(guest))
    _add_session(urls, "kept")

    with pytest.raises(ArchiveRefusedError, match="passing_guest"):
        restore(urls, places, file, is_replacing=True)

    assert _sessions(urls) == ["kept"]


def test_a_backup_cannot_write_outside_its_folder(urls: DatabaseUrls, places: Places, tmp_path: Path) -> None:
    file = tmp_path / "evil.tar"
    (tmp_path / "planted").write_text("x")
    with tarfile.open(file, "w") as tar:
        tar.add(tmp_path / "planted", "../../planted-outside")

    with pytest.raises(ArchiveRefusedError, match="planted-outside"):
        restore(urls, places, file, is_replacing=True)

    assert list(tmp_path.rglob("planted-outside")) == []


def _damage(file: Path, how: str) -> None:
    content = file.read_bytes()
    if how == "cut short":
        file.write_bytes(content[: len(content) // 2])
    elif how == "dump changed":
        with tarfile.open(file) as tar:
            start = tar.getmember("database.dump").offset_data + 5_000
        file.write_bytes(content[:start] + b"\xff\x00\xff" + content[start + 3 :])
    else:
        file.write_text(json.dumps({"form": 1}))
