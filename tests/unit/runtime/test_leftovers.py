"""What a killed site left: ended when it is ours, left alone when the number belongs to a stranger."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from yiyuan.runtime.leftovers import end_leftovers, remember_process
from yiyuan.runtime.process_identity import is_running, started_at

PARENT_AND_CHILD = (
    "import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(c.pid, flush=True); c.wait()"
)


@pytest.fixture
def family() -> Iterator[tuple[subprocess.Popen[str], int]]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT_AND_CHILD], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    yield parent, child
    for process_id in (parent.pid, child):
        if is_running(process_id):
            psutil.Process(process_id).kill()
    parent.wait()
    parent.stdout.close()


def test_a_process_and_what_it_started_are_ended(
    family: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    parent, child = family
    remember_process(tmp_path, "web", parent.pid)

    assert end_leftovers(tmp_path) == 2

    assert not is_running(parent.pid)
    assert not is_running(child)
    assert list(tmp_path.iterdir()) == []


def test_a_child_whose_parent_was_killed_is_ended(
    family: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    parent, child = family
    remember_process(tmp_path, "web", parent.pid)
    parent.kill()
    parent.wait()

    assert end_leftovers(tmp_path) == 1
    assert not is_running(child)


def test_a_stranger_with_the_same_number_lives_on(
    family: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    parent, child = family
    began = started_at(parent.pid)
    assert began is not None
    note = {"process_id": parent.pid, "started_at": began - 3600}
    (tmp_path / "web.pid").write_text(json.dumps(note))

    assert end_leftovers(tmp_path) == 0

    assert is_running(parent.pid)
    assert is_running(child)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "12", '{"process_id": 1}'])
def test_half_a_note_is_removed_and_nothing_is_ended(tmp_path: Path, text: str) -> None:
    (tmp_path / "web.pid").write_text(text)

    assert end_leftovers(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []
