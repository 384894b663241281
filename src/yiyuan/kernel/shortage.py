"""No room left (空间满了): telling from an error that a disk or a quota is full.

In: an error of the database or of a file. Out: whether it, or what caused it, says that there is no room.
"""

import errno

# What PostgreSQL says when a disk is full, whatever it was writing.
DISK_FULL = "53100"
# A full disk, a full quota, a limit on the size of a file.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_out_of_room(error: BaseException | None) -> bool:
    """Tell whether an error, or one that led to it, says that there is no room left."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        if getattr(error, "sqlstate", None) == DISK_FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
