"""How a command tells a person that it refused or failed (命令的拒绝): one plain message, no trace.

In: the command's work. Out: its exit code, or 1 and a line on stderr.
"""

import sys
from collections.abc import Callable

from yiyuan.kernel.errors import YiyuanError


def told_plainly(work: Callable[[], int]) -> int:
    """Return the work's exit code; 1 with a plain message when it refuses or is stopped by its user."""
    try:
        return work()
    except YiyuanError as refusal:
        print(refusal, file=sys.stderr)
    except KeyboardInterrupt:
        print("已中止 (stopped)。", file=sys.stderr)
    return 1
