"""The books: balances, cards and statements agree with the postings, sealed or not, as known then or now."""

import random
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.builders import PAYER, key
from yiyuan.apps.ledger.books import (
    CardLine,
    Cut,
    Sums,
    list_card,
    list_months,
    sum_by_account,
    sum_by_county,
    sum_by_insurer,
)
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.models import Posting
from yiyuan.apps.ledger.sealing import seal_entries
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.kernel.scope import EVERYWHERE, Scope

pytestmark = pytest.mark.django_db

CITY = Cut(EVERYWHERE)
NOVEMBER, DECEMBER, MIDDLE = date(2019, 11, 1), date(2019, 12, 1), date(2019, 11, 16)
COUNTIES = ("411724", "411723", "")


def at(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def post(
    kind: EntryKind, fen: int, day: date, county: str = "411724", *, taker: str = "", giver: str = ""
) -> None:
    entry = NewEntry(kind, "正阳-医-2019-00001", fen, key(), county, None, giver, taker)
    post_entries(entries=[entry], actor=PAYER, occurred_at=at(day))


def test_sums_agree_with_the_postings_whatever_is_sealed() -> None:
    draw = random.Random(11)  # any seed will do
    kinds = (EntryKind.RESERVE, EntryKind.SEND, EntryKind.PAY, EntryKind.BILL_PREMIUM)
    for place in range(120):
        day = date(2019, 9, 20) + timedelta(days=draw.randrange(80))
        post(draw.choice(kinds), draw.randrange(1, 1_000), day, draw.choice(COUNTIES))
        if place in (20, 50, 90):
            seal_entries(sealed_at=at(day))

    for from_on, to_on in ((date(2019, 10, 1), MIDDLE), (NOVEMBER, DECEMBER), (NOVEMBER, date(2020, 1, 1))):
        for county in (None, *COUNTIES):
            cut = Cut(EVERYWHERE, county)
            counted: dict[str, Sums] = {}
            for posting in Posting.objects.select_related("entry"):
                entry = posting.entry
                if entry.occurred_at >= at(to_on, 0) or county not in (None, entry.county_code):
                    continue
                had = counted.get(posting.account_id, Sums())
                fen, is_before = posting.amount_fen, entry.occurred_at < at(from_on, 0)
                counted[posting.account_id] = Sums(
                    had.opening_fen + fen * is_before,
                    had.gained_fen + max(fen, 0) * (not is_before),
                    had.given_fen + max(-fen, 0) * (not is_before),
                )
            found = sum_by_account(cut=cut, from_on=from_on, to_on=to_on)
            assert {code: sums for code, sums in found.items() if sums != Sums()} == counted
            assert sum(sums.closing_fen for sums in found.values()) == 0


def test_a_statement_tells_each_county_and_each_insurer_apart() -> None:
    post(EntryKind.RESERVE, 300, MIDDLE)
    post(EntryKind.RESERVE, 500, MIDDLE, "411723")
    seal_entries(sealed_at=at(MIDDLE))
    post(EntryKind.SHARE_OUT, 70, MIDDLE, "", giver="甲保险", taker="乙保险")

    by_county = sum_by_county(account="payable", cut=CITY, from_on=NOVEMBER, to_on=DECEMBER)
    by_insurer = sum_by_insurer(account="insurer", cut=CITY, from_on=NOVEMBER, to_on=DECEMBER)

    assert {code: sums.closing_fen for code, sums in by_county.items()} == {"411724": 300, "411723": 500}
    assert {name: sums.closing_fen for name, sums in by_insurer.items()} == {"甲保险": -70, "乙保险": 70}


def test_a_county_sees_its_own_sums() -> None:
    post(EntryKind.RESERVE, 300, MIDDLE)
    post(EntryKind.RESERVE, 500, MIDDLE, "411723")
    own = Cut(Scope(frozenset({"411723"})))

    assert sum_by_account(cut=own, from_on=NOVEMBER, to_on=DECEMBER)["payable"].closing_fen == 500
    assert [line.amount_fen for line in list_card(account="payable", cut=own, month=NOVEMBER)[0]] == [500]


def test_the_books_can_be_read_as_they_were_known_on_a_day() -> None:
    post(EntryKind.RESERVE, 300, MIDDLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    seal_entries(sealed_at=at(MIDDLE))

    def payable(known_at: datetime | None) -> int:
        found = sum_by_account(cut=CITY, from_on=NOVEMBER, to_on=DECEMBER, known_at=known_at)
        return found["payable"].closing_fen

    assert payable(None) == 300
    assert payable(now) == 300
    assert payable(now - timedelta(seconds=1)) == 0


def test_a_card_goes_on_from_page_to_page_with_its_running_balance() -> None:
    post(EntryKind.RESERVE, 1_000, date(2019, 10, 5))
    for place in range(7):
        post(EntryKind.RESERVE if place % 2 else EntryKind.SEND, 10 + place, MIDDLE)
    seal_entries(sealed_at=at(MIDDLE))
    post(EntryKind.RESERVE, 5, date(2019, 12, 2))

    lines: list[CardLine] = []
    after, pages = None, 0
    while pages == 0 or after is not None:
        page, after = list_card(account="payable", cut=CITY, month=NOVEMBER, after=after, limit=3)
        lines += page
        pages += 1

    assert pages == 3
    assert [line.amount_fen for line in lines] == [-10, 11, -12, 13, -14, 15, -16]
    assert [line.balance_fen for line in lines] == [990, 1_001, 989, 1_002, 988, 1_003, 987]
    assert list_months(account="payable", cut=CITY) == [NOVEMBER, date(2019, 10, 1)]
