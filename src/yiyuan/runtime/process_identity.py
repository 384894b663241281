"""Which process is which (进程识别): a number alone does not name a process, its start does.

In: process ids, from pid files that may be old. Out: whether a process still runs, since when, what it is.
"""

import psutil


def is_running(process_id: int) -> bool:
    """Return whether the process exists and is more than a zombie nobody has collected."""
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def started_at(process_id: int) -> float | None:
    """Return when the process started, in seconds of the Unix clock; none when it is gone."""
    try:
        return float(psutil.Process(process_id).create_time())
    except psutil.Error:
        return None


def command_of(process_id: int) -> str:
    """Return the words the process was started with; empty when it is gone or may not be asked."""
    try:
        return " ".join(psutil.Process(process_id).cmdline())
    except psutil.Error:
        return ""
