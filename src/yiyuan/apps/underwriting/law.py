"""The law of procurement as the city's files have it (采购法定期限)."""

from pathlib import Path

from django.conf import settings

from yiyuan.rules.procurement import BASE_FILE, Procurement, load_procurement


def procurement() -> Procurement:
    """Return the legal days, caps and criteria.

    :raises SchemeError: the file cannot be read.
    """
    return load_procurement(Path(settings.SCHEMES) / BASE_FILE)
