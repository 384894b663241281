"""The city's scheme as terms (方案查询): read from its directory, kept while the files stay the same.

A year turns by a second version beside the first: each case follows the version of its date of loss.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings

from yiyuan.apps.registry.queries import get_city
from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.scheme_file.loading import load_versions
from yiyuan.rules.terms import SchemeVersion


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
    """Return every version of the city's scheme, the earliest first.

    :raises SchemeError: the directory is missing, a file is wrong, or two versions cover the same day.
    """
    city = get_city()
    directory = Path(settings.SCHEMES) / (city.scheme if city else "zhumadian-yiyuan")
    newest = _newest(directory.iterdir()) if directory.is_dir() else 0
    versions = _load(directory, newest)
    # A plan that was taken over may have changed since, and may then take over others.
    while (changed := _newest(Path(file) for one in versions for file in one.files)) > newest:
        newest = changed
        versions = _load(directory, newest)
    return [_with_former_codes(one, city.renamed) for one in versions] if city and city.renamed else versions


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
def _load(directory: Path, newest: int) -> Sequence[SchemeVersion]:
    versions = load_versions(directory)
    for earlier, later in pairwise(versions):
        if earlier.valid.overlaps(later.valid):
            raise SchemeError(f"{earlier.version} 和 {later.version} 管着同一天，请改其中一个的起止日")
    return versions
