"""The city's scheme as terms (方案查询): read from its directory, kept while the files stay the same."""

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
    newest = max(path.stat().st_mtime_ns for path in directory.iterdir()) if directory.is_dir() else 0
    return _load(directory, version, newest)


@lru_cache(maxsize=8)
def _load(directory: Path, version: date | None, newest: int) -> SchemeVersion:
    return load_scheme(directory, version)
