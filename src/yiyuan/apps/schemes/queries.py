"""The city's scheme as terms (方案查询): read from its directory, kept while the files stay the same.

A year turns by a second version beside the first: each case follows the version of its date of loss.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from yiyuan.apps.registry.queries import CityView, get_city
from yiyuan.apps.schemes.models import Adoption
from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.scheme_file.loading import load_file, read_file, version_files
from yiyuan.rules.terms import SchemeVersion

# What is in force of the city's scheme: first day → sha256.
ADOPTED = RawSQL(
    """(SELECT jsonb_object_agg(a.valid_from, a.sha256) FROM schemes_adoption a
        WHERE a.scheme = registry_city.scheme AND a.approved_by <> '')""",
    [],
    output_field=JSONField(),
)


def get_terms(version: date | None = None) -> SchemeVersion:
    """Return the terms of the city's scheme, of the version named or the newest one.

    :raises SchemeError: the directory or the version is missing, or a file is wrong.
    """
    versions = list_terms()
    found = [one for one in versions if version is None or one.valid.from_on == version]
    if not found:
        listed = "、".join(one.version for one in versions)
        raise SchemeError(f"方案没有 {version} 起的版本；有的是 {listed}")
    return found[-1]


def list_terms() -> Sequence[SchemeVersion]:
    """Return every version of the city's scheme that is in force or was, the earliest first.

    Until a first version is put in force all there are count: a new city may import and look around.

    :raises SchemeError: a version is missing, a file is wrong or was changed since it was put
        in force, or two versions cover the same day.
    """
    # Every page asks this, some of them several times: the city and its versions in force are one query.
    city = get_city(adopted=ADOPTED)
    directory = _directory_of(city)
    told = city.told["adopted"] if city else None
    adopted = {date.fromisoformat(day): sha256 for day, sha256 in (told or {}).items()}
    if not adopted:
        return _renamed(_read(directory, None), city)
    # A draft beside them decides nothing, and one with faults stops nothing.
    versions = _read(directory, frozenset(str(day) for day in adopted))
    for one in versions:
        _check_unchanged(one, adopted)
    if missing := [str(day) for day in adopted if str(day) not in [one.version for one in versions]]:
        raise SchemeError(f"{directory} 里找不到已生效的版本 {'、'.join(missing)}；请放回原来的文件")
    return _renamed(versions, city)


def _check_unchanged(terms: SchemeVersion, adopted: Mapping[date, str]) -> None:
    sha256 = adopted.get(terms.valid.from_on)
    if sha256 is not None and sha256 != terms.sha256:
        raise SchemeError(
            f"{terms.id} {terms.version} 的文件在生效以后被改过：生效时的校验值是 {sha256[:12]}，"
            f"现在是 {terms.sha256[:12]}。请放回原来的文件；要改内容，另写一个新版本"
        )


def list_files() -> Sequence[SchemeVersion]:
    """Return every version of the city's scheme directory, drafts included, the earliest first.

    :raises SchemeError: the directory is missing, a file is wrong, or two versions cover the same day.
    """
    return _renamed(_read(scheme_directory(), None), get_city())


def _read(directory: Path, only: frozenset[str] | None) -> Sequence[SchemeVersion]:
    newest = _newest(directory.iterdir()) if directory.is_dir() else 0
    versions = _load(directory, newest, only)
    # A plan that was taken over may have changed since, and may then take over others.
    while (changed := _newest(Path(file) for one in versions for file in one.files)) > newest:
        newest = changed
        versions = _load(directory, newest, only)
    return versions


def _renamed(versions: Sequence[SchemeVersion], city: CityView | None) -> Sequence[SchemeVersion]:
    return [_with_former_codes(one, city.renamed) for one in versions] if city and city.renamed else versions


def scheme_directory() -> Path:
    """Return where the files of the city's scheme lie, drafts and versions in force."""
    return _directory_of(get_city())


def _directory_of(city: CityView | None) -> Path:
    return Path(settings.SCHEMES) / (city.scheme if city else "zhumadian-yiyuan")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands: its terms, and who proposed and approved it, if anybody has."""

    terms: SchemeVersion
    adoption: Adoption | None
    is_first: bool  # no version of the scheme has been put in force yet

    @property
    def is_in_force(self) -> bool:
        """Whether two persons have put it in force."""
        return self.adoption is not None and bool(self.adoption.approved_by)


def list_standings() -> tuple[Sequence[Standing], Sequence[str]]:
    """Return every sound version of the directory with where it stands, the earliest first, and the faults.

    :raises SchemeError: as `list_terms`.
    """
    directory = scheme_directory()
    rows = {row.sha256: row for row in Adoption.objects.filter(scheme=directory.name)}
    adopted = {row.valid_from: row.sha256 for row in rows.values() if row.approved_by}
    found: list[Standing] = []
    faults: list[str] = []
    for file in version_files(directory):
        terms, findings = read_file(file)
        if terms is None:
            faults.extend(str(finding) for finding in findings.found)
            continue
        _check_unchanged(terms, adopted)
        found.append(Standing(terms, rows.get(terms.sha256), not adopted))
    return found, faults


def _newest(files: Iterable[Path]) -> int:
    return max((file.stat().st_mtime_ns for file in files), default=0)


def version_on(versions: Sequence[SchemeVersion], on: date | None) -> SchemeVersion:
    """Return the version that covers the date of loss.

    Where none does, the newest one, which finds the case outside its period: no version decides by nearness.
    """
    covering = (one for one in versions if on is not None and one.valid.contains(on))
    return next(covering, versions[-1])


def _with_former_codes(terms: SchemeVersion, renamed: Mapping[str, str]) -> SchemeVersion:
    # A stay is kept under the code its file had; a county outside the pool is outside under either.
    former = {old for old, new in renamed.items() if new in terms.pool_excluded}
    return replace(terms, pool_excluded=terms.pool_excluded | former)


@lru_cache(maxsize=8)
def _load(directory: Path, newest: int, only: frozenset[str] | None) -> Sequence[SchemeVersion]:
    files = [file for file in version_files(directory) if only is None or file.stem in only]
    versions = tuple(load_file(file) for file in files)
    for earlier, later in pairwise(versions):
        if earlier.valid.overlaps(later.valid):
            raise SchemeError(f"{earlier.version} 和 {later.version} 管着同一天，请改其中一个的起止日")
    return versions
