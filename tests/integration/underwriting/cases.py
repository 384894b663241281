"""Made-up officers and figures of the contract's file (承保测试数据)."""

from datetime import UTC, date, datetime

from tests.builders import key, make_city
from yiyuan.apps.registry.models import Division
from yiyuan.apps.underwriting.billing import draw_bills
from yiyuan.apps.underwriting.head_counts import NewHeadCount, Paper, freeze_head_count
from yiyuan.apps.underwriting.models import FrozenHeadCount
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

CIVIL = Actor("civil", "民政甲", frozenset({Role.CIVIL_AFFAIRS}), EVERYWHERE)
CIVIL_2 = Actor("civil2", "民政乙", frozenset({Role.CIVIL_AFFAIRS}), EVERYWHERE)
FINANCE = Actor("finance", "财政甲", frozenset({Role.FINANCE}), EVERYWHERE)
FINANCE_2 = Actor("finance2", "财政乙", frozenset({Role.FINANCE}), EVERYWHERE)
YEAR = date(2019, 1, 1)
SPRING = datetime(2019, 3, 1, 2, 0, tzinfo=UTC)
DUE_ON = date(2019, 6, 30)
PAPER = Paper("户籍人口.pdf", "imports/x/户籍人口.pdf", "a" * 64)
ZHENGYANG, PINGYU = "411724", "411723"


def make_two_counties() -> None:
    """Write the city with two counties."""
    make_city()
    Division.objects.get_or_create(code=PINGYU, defaults={"name": "平舆县", "level": 1})


def head_count(county_code: str = ZHENGYANG, persons: int = 811_200) -> NewHeadCount:
    """Return what the public security's paper says."""
    return NewHeadCount(county_code, YEAR, date(2018, 12, 31), persons, None, "市公安局", PAPER)


def freeze(county_code: str = ZHENGYANG, persons: int = 811_200, *, reason: str = "") -> FrozenHeadCount:
    """Freeze or correct a head count."""
    new = head_count(county_code, persons)
    return freeze_head_count(new=new, reason=reason, actor=CIVIL, occurred_at=SPRING, request_key=key())


def draw(at: datetime = SPRING) -> list[str]:
    """Draw the bills of the year."""
    due = {"programme_from": YEAR, "due_on": DUE_ON}
    return list(draw_bills(**due, actor=CIVIL, occurred_at=at, request_key=key()))
