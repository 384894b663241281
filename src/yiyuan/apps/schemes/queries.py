"""The city's scheme as terms (方案查询): read from its directory, kept while the files stay the same."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from yiyuan.apps.registry.queries import get_city
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.rules.terms import SchemeVersion


def get_terms(version: date | None = None) -> SchemeVersion:
    """Return the terms of the city's scheme, of the version named or the only one.

    :raises SchemeError: the directory is missing or the file is wrong.
    """
    city = get_city()
    directory = Path(settings.SCHEMES) / (city.scheme if city else "zhumadian-yiyuan")
    newest = _newest(directory.iterdir()) if directory.is_dir() else 0
    terms = _load(directory, version, newest)
    # A plan that was taken over may have changed since, and may then take over others.
    while (changed := _newest(map(Path, terms.files))) > newest:
        newest = changed
        terms = _load(directory, version, newest)
    return terms


def _newest(files: Iterable[Path]) -> int:
    return max((file.stat().st_mtime_ns for file in files), default=0)


@lru_cache(maxsize=8)
def _load(directory: Path, version: date | None, newest: int) -> SchemeVersion:
    return load_scheme(directory, version)
