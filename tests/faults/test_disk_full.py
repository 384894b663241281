"""A full disk under the database and under the uploads: what was acknowledged stays, the page says why."""

import hashlib
import http.client
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest

from tests.faults.full_disk import (
    files_limited,
    filled,
    mount_small_disk,
    saying_full,
    unmount,
    write_journal_until_it_fails,
)
from tests.faults.payables import PASSWORD
from tests.faults.payment_kills import KilledCity, killed_city
from tests.faults.payment_run import AGENT
from tests.faults.site import START_SECONDS, kill_everything_of
from tests.faults.visitor import Answer, Visitor

pytestmark = pytest.mark.slow
PEOPLE, EACH, SEED = 600, 50, 1911
AGAIN_MAX_S = 60
CLERK = "zhouhaiyan"
FILE = (
    "documents",
    "住院结算,随便写的\n".encode() * 35_000,
)  # some 900 KB, which no limit of the site refuses
# The other tests need none: they ask for a limit, and for the database's own word.
NO_MOUNTS = "这里不让挂小磁盘 (no mounts here)"
NO_ROOM = "磁盘满了，这一步没有办成"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    # Where the database's system user may pass; pytest's own folders are closed to it.
    folder = Path(tempfile.mkdtemp(prefix="yiyuan-full-", dir="/tmp"))
    folder.chmod(0o755)
    is_mounted = mount_small_disk(folder)
    yield folder
    kill_everything_of(folder)
    if is_mounted:
        unmount(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def city(home: Path) -> Iterator[KilledCity]:
    with killed_city(home, PEOPLE, SEED) as found:
        yield found


@pytest.fixture(scope="module")
def picks(city: KilledCity) -> Iterator[Sequence[str]]:
    """Hand out proposals, so many at a time."""
    rows = [str(one["proposal"]) for one in city.payables]
    return iter([rows[place : place + EACH] for place in range(0, PEOPLE, EACH)])


@pytest.fixture(scope="module")
def clerk(city: KilledCity) -> Visitor:
    return Visitor(city.port, CLERK, PASSWORD).sign_in()


def confirm(city: KilledCity, picked: Sequence[str], key: str) -> Answer:
    fields = [("decision", "confirm"), ("request_key", key), *(("picked", one) for one in picked)]
    return city.run.visitors[AGENT].post("/screening/decide/", fields)


def is_done(city: KilledCity, picked: Sequence[str], key: str) -> bool:
    """Tell whether it was done; where nobody answers it was not."""
    try:
        return confirm(city, picked, key).is_done
    except (OSError, http.client.HTTPException):
        return False


def upload(clerk: Visitor, key: str) -> Answer:
    return clerk.post("/imports/", [("kind", "settlements"), ("request_key", key)], FILE)


def count_kept(city: KilledCity, keys: Sequence[str]) -> int:
    with psycopg.connect(city.database) as database:
        query = "SELECT count(DISTINCT request_key) FROM audit_entry WHERE request_key = ANY(%s)"
        found = database.execute(query, [list(keys)]).fetchone()
    assert found is not None
    return int(found[0])


def health(city: KilledCity) -> tuple[int, dict[str, str]]:
    answer = city.payer.get("/healthz/")
    return answer.status, json.loads(answer.body)


def wait_until_done(ask: object, *words: object) -> float:
    """Ask the same until it is done; return after how many seconds that was."""
    assert callable(ask)
    begun = time.monotonic()
    while not ask(*words).is_done:
        assert time.monotonic() - begun < AGAIN_MAX_S
        time.sleep(0.2)
    return time.monotonic() - begun


def test_a_full_disk_under_the_database_and_the_uploads(
    home: Path, city: KilledCity, picks: Iterator[Sequence[str]], clerk: Visitor
) -> None:
    if not home.is_mount():
        pytest.skip(NO_MOUNTS)
    with psycopg.connect(city.database, autocommit=True) as database:
        database.execute("CHECKPOINT")
    acknowledged, before = [], city.site.process_of("web")

    with filled(home):
        for picked in picks:
            key = str(uuid4())
            refused = confirm(city, picked, key)
            if not refused.is_done:
                break
            acknowledged += [f"{key}:{one}" for one in picked]
        refused_upload = upload(clerk, "full-upload")
        in_trouble = health(city)
    again_s = wait_until_done(confirm, city, picked, key)
    upload_s = wait_until_done(upload, clerk, "full-upload")

    for answer in (refused, refused_upload):
        assert (answer.status, NO_ROOM in answer.text) == (503, True), answer.text
    assert in_trouble == (503, {"database": "ok", "database_disk": "full", "uploads_disk": "full"})
    assert count_kept(city, acknowledged) == len(acknowledged)
    assert count_kept(city, [f"{key}:{one}" for one in picked]) == EACH
    assert max(again_s, upload_s) <= AGAIN_MAX_S
    assert health(city)[0] == 200
    assert city.site.process_of("web") == before, "nobody had to start anything"
    assert {name: count for name, count in city.count_faults().items() if count} == {}


def test_a_database_that_says_its_disk_is_full(city: KilledCity, picks: Iterator[Sequence[str]]) -> None:
    before, key = next(picks), str(uuid4())
    assert confirm(city, before, key).is_done
    acknowledged, picked = [f"{key}:{one}" for one in before], next(picks)

    with saying_full(city.database):
        refused = confirm(city, picked, "full-database")
        kept_meanwhile = count_kept(city, [f"full-database:{one}" for one in picked])
    done = confirm(city, picked, "full-database")

    assert (refused.status, NO_ROOM in refused.text) == (503, True), refused.text
    assert kept_meanwhile == 0
    assert done.is_done
    assert count_kept(city, [f"full-database:{one}" for one in picked]) == EACH
    assert count_kept(city, acknowledged) == EACH


def test_an_upload_that_does_not_fit_is_told_and_taken_away(city: KilledCity, clerk: Visitor) -> None:
    folder = city.site.home / "uploads/imports"
    before = set(folder.glob("*/*"))
    with files_limited(city.site.process_of("web"), len(FILE[1]) // 2):
        refused = upload(clerk, "short-upload")
        left = set(folder.glob("*/*")) - before
    file = (FILE[0], FILE[1] + "再来一行\n".encode())
    done = clerk.post("/imports/", [("kind", "settlements"), ("request_key", "short-upload")], file)

    assert (refused.status, NO_ROOM in refused.text) == (503, True), refused.text
    assert left == set()
    assert done.is_done
    (kept,) = set(folder.glob("*/*")) - before
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(file[1]).digest()


def test_a_site_whose_journal_found_no_room_goes_on_by_itself(
    home: Path, city: KilledCity, picks: Iterator[Sequence[str]]
) -> None:
    if not home.is_mount():
        pytest.skip(NO_MOUNTS)
    acknowledged, picked, key = next(picks), next(picks), str(uuid4())
    assert confirm(city, acknowledged, "before-the-journal").is_done

    web = city.site.process_of("web")
    with filled(home):
        write_journal_until_it_fails(city.database)
        end = time.monotonic() + START_SECONDS
        while psutil.pid_exists(web):
            assert time.monotonic() < end, city.site.said()
            time.sleep(0.05)
    begun = time.monotonic()
    while not is_done(city, picked, key):
        assert time.monotonic() - begun < AGAIN_MAX_S, city.site.said()
        time.sleep(0.2)

    assert count_kept(city, [f"before-the-journal:{one}" for one in acknowledged]) == EACH
    assert count_kept(city, [f"{key}:{one}" for one in picked]) == EACH
    assert city.site.supervisor.poll() is None, "nobody had to start anything"
    assert {name: count for name, count in city.count_faults().items() if count} == {}


def test_the_worker_goes_on_by_itself(city: KilledCity) -> None:
    began_at = time.time()

    while not city.has_done_a_job(began_at):
        assert time.time() - began_at < AGAIN_MAX_S + 5, "a job comes every minute"
        time.sleep(0.2)

    assert city.site.supervisor.poll() is None
