"""Backup and restore: what comes back is what was there, whole or not at all."""

import datetime as dt
import json
import tarfile
from pathlib import Path

import psycopg
import pytest

from tests.database import CopiedDatabase
from yiyuan.runtime.archive import ArchiveRefusedError, back_up, restore
from yiyuan.runtime.places import Places
from yiyuan.runtime.secrets import FILE_BY_VARIABLE, load_keys

pytestmark = pytest.mark.django_db(transaction=True)
MADE_AT = dt.datetime(2019, 11, 20, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    for variable in FILE_BY_VARIABLE:
        monkeypatch.delenv(variable)
    city = Places(tmp_path / "home", tmp_path / "home")
    (city.server / "city").mkdir(parents=True)
    load_keys(city.secrets, city.key_marks)
    (city.uploads / "2019").mkdir(parents=True)
    (city.uploads / "2019" / "名册.csv").write_text("身份证号\n", encoding="utf-8")
    return city


def _sessions(database: CopiedDatabase) -> list[str]:
    with psycopg.connect(database.urls().application) as application:
        return [
            row[0]
            for row in application.execute("SELECT session_key FROM django_session ORDER BY session_key")
        ]


def _add_session(database: CopiedDatabase, key: str) -> None:
    with psycopg.connect(database.urls().application) as application:
        application.execute("INSERT INTO django_session VALUES (%s, '', now())", [key])


def test_a_city_comes_back_as_it_was(copied_database: CopiedDatabase, places: Places, tmp_path: Path) -> None:
    _add_session(copied_database, "before")
    keys = {file.name: file.read_text() for file in places.secrets.iterdir()}
    file = tmp_path / "city.tar"
    back_up(copied_database.urls(), places, file, MADE_AT)
    _add_session(copied_database, "after")
    (places.uploads / "2019" / "名册.csv").write_text("改过\n", encoding="utf-8")
    (places.secrets / "field.key").write_text("another\n")

    made_at = restore(copied_database.urls(), places, file, is_replacing=True)

    assert made_at == MADE_AT
    # Read and written as the application: its rights on every table have come back too.
    assert _sessions(copied_database) == ["before"]
    _add_session(copied_database, "again")
    assert (places.uploads / "2019" / "名册.csv").read_text(encoding="utf-8") == "身份证号\n"
    assert {found.name: found.read_text() for found in places.secrets.iterdir()} == keys
    assert file.stat().st_mode & 0o077 == 0
    assert (places.secrets / "field.key").stat().st_mode & 0o077 == 0


def test_a_city_with_data_is_not_replaced_unasked(
    copied_database: CopiedDatabase, places: Places, tmp_path: Path
) -> None:
    file = tmp_path / "city.tar"
    back_up(copied_database.urls(), places, file, MADE_AT)
    _add_session(copied_database, "kept")

    with pytest.raises(ArchiveRefusedError, match="--replace"):
        restore(copied_database.urls(), places, file, is_replacing=False)

    assert _sessions(copied_database) == ["kept"]


@pytest.mark.parametrize("damage", ["cut short", "dump changed", "not a backup"])
def test_a_damaged_file_changes_nothing(
    copied_database: CopiedDatabase, places: Places, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "city.tar"
    back_up(copied_database.urls(), places, file, MADE_AT)
    _add_session(copied_database, "kept")
    _damage(file, damage)

    with pytest.raises(ArchiveRefusedError):
        restore(copied_database.urls(), places, file, is_replacing=True)

    assert _sessions(copied_database) == ["kept"]
    assert (places.uploads / "2019" / "名册.csv").exists()


def test_a_dump_that_fails_half_way_leaves_the_city_as_it_is(
    copied_database: CopiedDatabase, places: Places, tmp_path: Path
) -> None:
    # Given a backup that needs a role this server does not have.
    owner = copied_database.urls().maintenance
    file = tmp_path / "city.tar"
    with psycopg.connect(owner, autocommit=True) as superuser:
        superuser.execute("CREATE ROLE passing_guest")
        superuser.execute("GRANT SELECT ON django_session TO passing_guest")
        back_up(copied_database.urls(), places, file, MADE_AT)
        superuser.execute("DROP OWNED BY passing_guest")
        superuser.execute("DROP ROLE passing_guest")
    _add_session(copied_database, "kept")

    with pytest.raises(ArchiveRefusedError, match="passing_guest"):
        restore(copied_database.urls(), places, file, is_replacing=True)

    assert _sessions(copied_database) == ["kept"]


def test_a_backup_cannot_write_outside_its_folder(
    copied_database: CopiedDatabase, places: Places, tmp_path: Path
) -> None:
    file = tmp_path / "evil.tar"
    (tmp_path / "planted").write_text("x")
    with tarfile.open(file, "w") as tar:
        tar.add(tmp_path / "planted", "../../planted-outside")

    with pytest.raises(ArchiveRefusedError, match="planted-outside"):
        restore(copied_database.urls(), places, file, is_replacing=True)

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
