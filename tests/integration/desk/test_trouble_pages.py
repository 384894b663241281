"""A full disk and a database that is away, told as what they are; and the health check that tells it."""

import errno
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from psycopg.errors import AdminShutdown, DiskFull
from pytest_django import Settings

from tests.builders import CLERK, DESK
from tests.integration.desk.money_cases import signed_in
from yiyuan.apps.screening.models import Run, RunRequest
from yiyuan.apps.screening.requests import list_unfinished_requests
from yiyuan.interfaces.desk import health
from yiyuan.interfaces.desk.pages import payments
from yiyuan.interfaces.jobs.tasks import screen_city

pytestmark = pytest.mark.django_db


def wrapped(cause: Exception) -> OperationalError:
    """Return an error as Django passes it on from the driver."""
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "words", "english"),
    [
        (wrapped(DiskFull("could not extend file")), 503, "磁盘满了", "The disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), 503, "磁盘满了", "The disk is full"),
        (wrapped(AdminShutdown("terminating connection")), 503, "数据库正在恢复", "recovering"),
        (OperationalError("connection failed"), 503, "数据库正在恢复", "recovering"),
        (InterfaceError("connection already closed"), 503, "数据库正在恢复", "recovering"),
        (RuntimeError("anything else"), 500, "系统出错了", "Something broke"),
    ],
)
def test_the_page_says_what_broke(
    error: Exception, status: int, words: str, english: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(DESK)
    client.raise_request_exception = False

    def fail(**_words: object) -> None:
        raise error

    monkeypatch.setattr(payments, "count_payable", fail)
    answer = client.get("/payments/")
    in_english = client.get("/payments/", headers={"Accept-Language": "en"})

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert english in in_english.content.decode()
    assert ("Retry-After" in answer.headers) is (status == 503)


def test_health_asks_nobody_to_sign_in(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path

    answer = Client().get("/healthz/")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "database_disk": "ok", "uploads_disk": "ok"}


def test_health_tells_a_full_disk_and_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("connection failed")

    monkeypatch.setattr(health, "has_room", lambda folder: folder.name != "uploads")
    monkeypatch.setattr(connection, "cursor", fail)
    answer = Client().get("/healthz/")

    assert answer.status_code == 503
    assert answer.json() == {"database": "away", "database_disk": "ok", "uploads_disk": "full"}


def test_a_screening_that_found_no_room_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(CLERK).post("/screening/run/", {"request_key": "no-room"})
    (request_id,) = list_unfinished_requests()

    def fail(**_words: object) -> None:
        raise wrapped(DiskFull("could not extend file"))

    with monkeypatch.context() as full:
        full.setattr("yiyuan.apps.screening.requests.run_screening", fail)
        with pytest.raises(OperationalError):
            screen_city(request_id=request_id)

    assert list_unfinished_requests() == [request_id]
    assert RunRequest.objects.get().failed_code == ""
    assert not Run.objects.exists()


def test_an_upload_that_does_not_fit_leaves_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = signed_in(CLERK)
    client.raise_request_exception = False

    def fail(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    form = {"request_key": "short", "kind": "settlements", "documents": SimpleUploadedFile("a.csv", b"rows")}
    answer = client.post("/imports/", form)

    assert (answer.status_code, "磁盘满了" in answer.content.decode()) == (503, True)
    assert list((tmp_path / "imports").iterdir()) == []
