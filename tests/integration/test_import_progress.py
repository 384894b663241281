"""How far an import is, seen from outside while its rows are written and its job is locked."""

from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from tests.builders import AT, CLERK, key, make_city
from yiyuan.apps.intake import running
from yiyuan.apps.intake.models import ImportJob, ImportProgress
from yiyuan.apps.intake.progress import READING, WRITING
from yiyuan.apps.intake.running import import_file
from yiyuan.exchange.reading import Reading

pytestmark = pytest.mark.django_db(transaction=True)

LIST = """姓名,身份证号,县区,享受起始
马秀兰,411724195203040029,正阳县,2018-07-01
坏号,411724195203040024,正阳县,2018-07-01
"""


def test_others_see_what_is_done_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_city()
    path = tmp_path / "低保.csv"
    path.write_text(LIST, encoding="utf-8")
    keep, seen = running._keep_refused, []

    def look(job: ImportJob, reading: Reading) -> None:
        with closing(connection.copy()) as other, other.cursor() as cursor:
            cursor.execute("SELECT phase, done, read, accepted, refused FROM intake_importprogress")
            seen.append(cursor.fetchall())
            cursor.execute("SELECT state FROM intake_importjob")
            seen.append(cursor.fetchall())
        keep(job, reading)

    monkeypatch.setattr(running, "_keep_refused", look)
    phases: list[str] = []

    def told(_done: int, _total: int) -> None:
        phases.extend(ImportProgress.objects.values_list("phase", flat=True))

    done = import_file(
        path=path,
        kind="hardship",
        group="subsistence_allowance",
        actor=CLERK,
        occurred_at=AT,
        request_key=key(),
        progress=told,
    )

    ((phase, share, *counts),), ((state,),) = seen
    assert (phase, counts, state) == (WRITING, [2, 1, 1], "running")
    assert 350 <= share < 1000
    assert set(phases) == {READING}
    assert done.state == "done"
    assert not ImportProgress.objects.exists()


def test_a_file_that_fails_leaves_no_progress(tmp_path: Path) -> None:
    make_city()
    path = tmp_path / "低保.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")

    done = import_file(path=path, kind="hardship", group="", actor=CLERK, occurred_at=AT, request_key=key())

    assert done.state == "failed"
    assert not ImportProgress.objects.exists()
