"""Room on a disk (磁盘空间): whether there is enough to go on, and waiting until there is.

In: a folder. Out: yes or no. A database that cannot write its journal any more stops altogether, and so does
the site with it: it is started anew as soon as somebody has made room.
"""

import shutil
import time
from pathlib import Path

# With less than this left, the next file, batch or piece of the journal may not fit.
ROOM_BYTES_MIN = 64 * 1024 * 1024
LOOK_SECONDS = 1.0


def has_room(folder: Path) -> bool:
    """Return whether the disk under a folder has room; one that does not exist needs none."""
    return not folder.exists() or shutil.disk_usage(folder).free >= ROOM_BYTES_MIN


def wait_for_room(folder: Path) -> None:
    """Return as soon as the disk under a folder has room."""
    while not has_room(folder):
        time.sleep(LOOK_SECONDS)
