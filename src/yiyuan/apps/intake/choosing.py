"""Finding how a file is to be read (按什么读): a kept profile by its headers, or the import it mends.

In: the first rows of a sheet. Out: a profile, or None where the content decides; and what was found.
"""

from collections.abc import Sequence

from yiyuan.apps.intake.models import ColumnProfile, ImportJob, RefusedRow
from yiyuan.exchange.errors import UnreadableFile
from yiyuan.exchange.headers import header_sets, words_of
from yiyuan.exchange.mending import Layout, mark_in
from yiyuan.exchange.profiles import Profile, profile_from
from yiyuan.exchange.reading import KINDS


class Chooser:
    """Asked for each sheet of one file; afterwards `profile_id` and `corrects` say what was found."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.profile_id: int | None = None
        self.corrects: int | None = None
        self.used: Profile | None = None
        kept = ColumnProfile.objects.filter(kind=kind, deleted_at__isnull=True).order_by("-changed_at")
        self._kept = [(words_of(one.headers), one) for one in kept]

    def __call__(self, rows: Sequence[tuple[str, ...]]) -> Profile | None:
        """Return the profile for a sheet by its first rows, None where none fits.

        :raises UnreadableFile: the rows mend an import of another kind, or one that was taken back.
        """
        if (mark := mark_in(rows)) is not None:
            self.used = self._of_mark(mark[1])
            return self.used
        if not self._kept:
            return None
        sets = header_sets(rows)
        for words, kept in self._kept:
            if words in sets:
                self.profile_id, self.used = kept.pk, profile_of(kept)
                return self.used
        return None

    def _of_mark(self, mark: str) -> Profile:
        row = find_marked(mark)
        if row is None:
            raise UnreadableFile(f"更正号 {mark[:30]} 不是这里发出的；请用下载的那份更正表，不要改更正号一栏")
        job = row.job
        if job.kind != self.kind:
            raise UnreadableFile(f"这是{KINDS[job.kind].label}的更正表，请换成“{KINDS[job.kind].label}”再传")
        if job.state != ImportJob.DONE:
            raise UnreadableFile(f"第 {job.pk} 批（{job.file_name}）已经撤销，没有可以更正的行")
        self.corrects = job.pk
        return layout_of(row).profile(profile_from(job.used_profile, origin=job.file_name))


def find_marked(mark: str) -> RefusedRow | None:
    """Return the refused row that a mark names, None where it names none."""
    job, _, number = mark.strip().partition("-")
    if not (job.isascii() and job.isdigit() and number.isascii() and number.isdigit()):
        return None
    if max(len(job), len(number)) > 18:
        return None
    return RefusedRow.objects.select_related("job").filter(job_id=int(job), pk=int(number)).first()


def mark_of(row: RefusedRow) -> str:
    """Return the mark of a refused row."""
    return f"{row.job_id}-{row.pk}"


def layout_of(row: RefusedRow) -> Layout:
    """Return how the sheet of a refused row was read."""
    kept = row.job.layouts[str(row.place)]
    return Layout(**{**kept, "headers": tuple(kept["headers"])})


def profile_of(kept: ColumnProfile) -> Profile:
    """Return a kept profile as the reading takes it."""
    return Profile(
        columns={field: tuple(names) for field, names in kept.columns.items()}, ignored=tuple(kept.ignored)
    )
