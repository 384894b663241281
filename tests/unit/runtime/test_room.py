"""Room on a disk: enough, too little, and waiting for it."""

import shutil
from pathlib import Path

import pytest

from yiyuan.runtime import room


def test_what_does_not_exist_needs_no_room(tmp_path: Path) -> None:
    assert room.has_room(tmp_path / "nothing")


def test_waiting_ends_when_somebody_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    free = iter([room.ROOM_BYTES_MIN - 1, room.ROOM_BYTES_MIN - 1, room.ROOM_BYTES_MIN])
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=next(free)))
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)

    room.wait_for_room(tmp_path)

    assert len(slept) == 2
