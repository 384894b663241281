"""How far an import is (读入进度): told to whoever watches, also while its rows are written and locked.

In: shares done and counts. Out: the row of `ImportProgress`, written beside the import's own transaction.
"""

from collections.abc import Callable

from django.db import connection

from yiyuan.apps.intake.models import ImportProgress

READING, WRITING = "reading", "writing"
# Of all the work, what reading takes; numbering and writing people is the larger part.
READING_SHARE = 0.35
WHOLE = 1000
UPSERT = """INSERT INTO intake_importprogress (job_id, phase, done, read, accepted, refused)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (job_id) DO UPDATE SET phase = excluded.phase,
    done = excluded.done, read = excluded.read, accepted = excluded.accepted, refused = excluded.refused"""


class Teller:
    """Keeps one job's progress; a context manager that forgets it at the end."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        self._counts = (0, 0, 0)
        # A connection of its own, so that what is told is seen before the import's transaction ends; inside a
        # caller's transaction nobody could see the job either.
        self._beside = None if connection.in_atomic_block else connection.copy()
        self._told = -1

    def __enter__(self) -> "Teller":
        self._tell(READING, 0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._beside is not None:
            self._beside.close()
        ImportProgress.objects.filter(pk=self.job_id).delete()

    def read(self, done: int, total: int) -> None:
        """Tell how many bytes of the file have been read, of all."""
        self._tell(READING, READING_SHARE * done / max(total, 1))

    def judged(self, read: int, accepted: int, refused: int) -> None:
        """Tell what the rows came to; from now on they are written."""
        self._counts = (read, accepted, refused)
        self._told = -1
        self._tell(WRITING, READING_SHARE)

    def wrote(self, share: float) -> None:
        """Tell how much of the writing is done, 0 to 1."""
        self._tell(WRITING, READING_SHARE + (1 - READING_SHARE) * share)

    def _tell(self, phase: str, share: float) -> None:
        done = int(share * WHOLE)
        if done == self._told:
            return
        self._told = done
        with (self._beside or connection).cursor() as cursor:
            cursor.execute(UPSERT, [self.job_id, phase, done, *self._counts])


Tell = Callable[[float], None]
