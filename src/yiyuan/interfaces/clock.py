"""The one clock (时钟): the wall's, or the business date of the city with the wall's time of day."""

from datetime import date, datetime

from django.utils import timezone

from yiyuan.apps.registry.queries import get_city


def now() -> datetime:
    """Return the city's time, aware; every write gets it from here."""
    wall = timezone.localtime()
    city = get_city()
    if city is None or city.business_on is None:
        return wall
    return datetime.combine(city.business_on, wall.timetz(), tzinfo=wall.tzinfo)


def today() -> date:
    """Return the city's business date."""
    return now().date()
