"""What `./yiyuan import` says when it cannot write (写不进去)."""

from pathlib import Path

import pytest

from yiyuan.interfaces.commands.main import main

LIST = "姓名,身份证号,享受起始\n马秀兰,411724195203040029,2018-07-01\n"


def test_a_target_that_is_a_file_is_refused_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "低保.csv", tmp_path / "结果"
    source.write_text(LIST, encoding="utf-8")
    target.write_text("already here")

    code = main(["import", "hardship", str(source), "--to", str(target)])

    assert code == 1
    assert "文件夹" in capsys.readouterr().err
    assert target.read_text() == "already here"
