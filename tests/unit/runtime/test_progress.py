"""Progress: a bar in a terminal, plain lines elsewhere."""

import io
import re

import pytest

from yiyuan.runtime.progress import Progress, Step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_than_in_a_terminal_a_step_is_one_plain_line() -> None:
    stream = io.StringIO()

    with Progress(stream).step("导入", total=34_000) as step:
        step.advance(34_000)

    assert re.fullmatch(r"✓ 导入  █{24}  34,000/34,000 行  \d\.\d 秒\n", stream.getvalue())


def test_a_step_that_fails_is_marked() -> None:
    stream = io.StringIO()

    with pytest.raises(ValueError, match="bad"), Progress(stream).step("导入"):
        raise ValueError("bad")

    assert stream.getvalue().startswith("✗ 导入")


def test_a_terminal_gets_one_line_that_is_redrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yiyuan.runtime.progress.REDRAW_SECONDS", 0.001)
    stream = Terminal()

    with Progress(stream).step("导入", total=10) as step:
        while stream.getvalue().count("\r") < 3:
            step.done = 5
        step.done = 10

    assert stream.getvalue().count("\n") == 1
    assert "\r\x1b[2K" in stream.getvalue()


def test_half_done_tells_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("yiyuan.runtime.progress.time.monotonic", lambda: now)
    step = Step("导入", 400, "行")
    now = 130.0

    step.advance(100)

    assert step.describe() == f"导入  {'█' * 6}{'░' * 18}  100/400 行  30.0 秒  还需 1 分 30 秒"
