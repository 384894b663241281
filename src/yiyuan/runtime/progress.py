"""Progress of long steps (进度): a bar in a terminal, plain lines elsewhere.

In: a title and, where known, how many rows there are. Out: lines on stderr: rows done of all, elapsed, left.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

BAR_CHARACTERS = 24
REDRAW_SECONDS = 0.2
PLAIN_LINE_SECONDS = 10.0


class Step:
    """One step under way; the one who does the work advances it."""

    def __init__(self, title: str, total: int | None, unit: str) -> None:
        self.title, self.total, self.unit = title, total, unit
        self.done = 0
        self.note = ""
        self._began = time.monotonic()

    def advance(self, count: int = 1) -> None:
        """Count more rows as done."""
        self.done += count

    def reach(self, done: int, total: int) -> None:
        """Say how much is done of how much."""
        self.done, self.total = done, total

    @property
    def elapsed_seconds(self) -> float:
        """How long the step has run."""
        return time.monotonic() - self._began

    def describe(self) -> str:
        """Return rows done of all, elapsed and left, as far as they are known."""
        parts = [self.title]
        if self.total:
            parts += [self._bar(), f"{self.done:,}/{self.total:,} {self.unit}"]
        elif self.done:
            parts.append(f"{self.done:,} {self.unit}")
        parts.append(_duration(self.elapsed_seconds))
        if self.total and 0 < self.done < self.total:
            left = self.elapsed_seconds * (self.total - self.done) / self.done
            parts.append(f"还需 {_duration(left)}")
        if self.note:
            parts.append(self.note)
        return "  ".join(parts)

    def _bar(self) -> str:
        assert self.total, "a bar needs a total"
        filled = min(BAR_CHARACTERS, BAR_CHARACTERS * self.done // self.total)
        return "█" * filled + "░" * (BAR_CHARACTERS - filled)


class Progress:
    """Where steps are shown: one bar redrawn in a terminal, else a line now and then and one at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()

    @contextmanager
    def step(self, title: str, total: int | None = None, unit: str = "行") -> Iterator[Step]:
        """Show a step for the time of a `with` block; ends with a line that says how long it took."""
        step = Step(title, total, unit)
        finished = threading.Event()
        painter = threading.Thread(target=self._paint, args=(step, finished), daemon=True)
        painter.start()
        mark = "✗"
        try:
            yield step
            mark = "✓"
        finally:
            finished.set()
            painter.join()
            self._write(f"{self._line_start()}{mark} {step.describe()}\n")

    def say(self, text: str) -> None:
        """Print a line of its own, between steps."""
        self._write(f"{text}\n")

    def _paint(self, step: Step, finished: threading.Event) -> None:
        pause = REDRAW_SECONDS if self._is_terminal else PLAIN_LINE_SECONDS
        while not finished.wait(pause):
            end = "" if self._is_terminal else "\n"
            self._write(f"{self._line_start()}  {step.describe()}{end}")

    def _line_start(self) -> str:
        # Back to the first column, and the rest of the line cleared.
        return "\r\x1b[2K" if self._is_terminal else ""

    def _write(self, text: str) -> None:
        # Where the words go to a file on a full disk, the work they tell of goes on without them.
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} 秒"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} 分 {rest:02d} 秒"
