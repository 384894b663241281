"""The books (账簿): trial balance, an account's card, statements by county and insurer, as pages and CSV.

In: a month, a county, an insurer, a day on which it was known. Out: pages that print on A4, or the same rows
as a file.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, islice
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yiyuan.apps.ledger.books import (
    CardLine,
    Cut,
    Key,
    Sums,
    iterate_card,
    list_card,
    sum_by_account,
    sum_by_county,
    sum_by_insurer,
)
from yiyuan.apps.registry.queries import list_counties
from yiyuan.interfaces import clock
from yiyuan.interfaces.desk.access import allow, scope_of
from yiyuan.interfaces.desk.addresses import chosen, options, with_query
from yiyuan.interfaces.desk.board_files import as_text
from yiyuan.interfaces.desk.ledger_words import ACCOUNTS, KINDS
from yiyuan.interfaces.desk.templatetags.yiyuan_format import day_time, yuan
from yiyuan.kernel.actor import Role
from yiyuan.kernel.scope import Scope

VIEWERS = (Role.PAYER, Role.CIVIL_AFFAIRS, Role.FINANCE, Role.AUDITOR)
MONTHS = 24
FILE_LINES_MAX, FILE_BLOCK = 100_000, 1_000
CSV = "text/csv; charset=utf-8"
STATED = ("paid", "payable", "premium_receivable", "premium", "fund", "insurer", "receivable", "returned")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a page of the books is about, read from its address."""

    month: date
    county: str
    insurer: str
    known_on: date | None
    cut: Cut
    counties: Mapping[str, str]

    @property
    def next_month(self) -> date:
        """Return the first day after the month."""
        return (self.month + timedelta(days=32)).replace(day=1)

    @property
    def known_at(self) -> datetime | None:
        """Return the end of the day on which it was known, None for now."""
        if self.known_on is None:
            return None
        midnight = datetime.combine(self.known_on + timedelta(days=1), datetime.min.time())
        return midnight.replace(tzinfo=clock.now().tzinfo)

    def query(self) -> str:
        """Return the choice as an address carries it."""
        told = {
            "month": f"{self.month:%Y-%m}",
            "county": self.county,
            "insurer": self.insurer,
            "known": self.known_on.isoformat() if self.known_on else "",
        }
        return urlencode({name: value for name, value in told.items() if value})


@allow(*VIEWERS)
@require_safe
def show_balances(request: HttpRequest) -> HttpResponse:
    """Show the trial balance of a month."""
    picked = _chosen(request)
    sums = _balances(picked)
    rows = [
        {"code": code, "name": ACCOUNTS[code], "sums": one} for code, one in sums.items() if one != Sums()
    ]
    total = _total(sums.values())
    context = _frame(picked) | {
        "rows": rows,
        "total": total,
        "is_zero": total.closing_fen == 0 and total.opening_fen == 0,
        "columns": _columns(_("科目")),
        "file_url": f"{reverse('desk:ledger_file')}?{picked.query()}",
    }
    return render(request, "desk/ledger.html", context)


@allow(*VIEWERS)
@require_safe
def download_balances(request: HttpRequest) -> HttpResponse:
    """Return the trial balance as CSV."""
    picked = _chosen(request)
    rows = [[str(ACCOUNTS[code]), *_cells(one)] for code, one in _balances(picked).items()]
    return _file("trial-balance", picked, [[_("科目"), *_heads()], *rows])


@allow(*VIEWERS)
@require_safe
def show_card(request: HttpRequest, code: str) -> HttpResponse:
    """Show a month on one account, line by line with the balance after each."""
    if code not in ACCOUNTS:
        raise Http404
    picked = _chosen(request)
    lines, after = list_card(account=code, cut=picked.cut, month=picked.month, after=_key(request))
    sums = _balances(picked)[code]
    context = _frame(picked) | {
        "code": code,
        "name": ACCOUNTS[code],
        "sums": sums,
        "lines": [
            (line, KINDS.get(line.kind, line.kind), _county(picked, line.county_code)) for line in lines
        ],
        "columns": _card_columns(),
        "first_url": with_query(request) if "after" in request.GET else "",
        "next_url": with_query(request, after=_told(after)) if after else "",
        "file_url": f"{reverse('desk:ledger_card_file', args=[code])}?{picked.query()}",
    }
    return render(request, "desk/ledger_card.html", context)


@allow(*VIEWERS)
@require_safe
def download_card(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Return a month on one account as CSV, a hundred thousand lines at most."""
    if code not in ACCOUNTS:
        raise Http404
    picked = _chosen(request)
    heads = [
        _("凭证"), _("发生时间"), _("入账时间"), _("事由"), _("案号"), _("县区"), _("承保机构"),
        _("增加（元）"), _("减少（元）"), _("余额（元）"),
    ]  # fmt: skip
    lines = iterate_card(account=code, cut=picked.cut, month=picked.month, limit=FILE_LINES_MAX)
    rows = chain([heads], (_card_cells(picked, line) for line in lines))
    response = StreamingHttpResponse(_blocks(rows), content_type=CSV)
    response["Content-Disposition"] = _named(code, picked)
    return response


@allow(*VIEWERS)
@require_safe
def show_statement(request: HttpRequest) -> HttpResponse:
    """Show what stands and moves on one account, county by county or insurer by insurer."""
    picked, account, by = _chosen(request), _account(request), _by(request)
    rows = _statement(picked, account, by)
    context = _frame(picked) | {
        "account": account,
        "name": ACCOUNTS[account],
        "by": by,
        "accounts": [{"value": code, "label": ACCOUNTS[code], "current": code == account} for code in STATED],
        "bys": [
            {"value": "county", "label": _("县区"), "current": by == "county"},
            {"value": "insurer", "label": _("承保机构"), "current": by == "insurer"},
        ],
        "rows": rows,
        "total": _total([one for _whose, one in rows]),
        "columns": _columns(_("承保机构") if by == "insurer" else _("县区")),
        "file_url": f"{reverse('desk:ledger_statement_file')}?{picked.query()}&account={account}&by={by}",
    }
    return render(request, "desk/ledger_statement.html", context)


@allow(*VIEWERS)
@require_safe
def download_statement(request: HttpRequest) -> HttpResponse:
    """Return the statement as CSV."""
    picked, account, by = _chosen(request), _account(request), _by(request)
    head = _("承保机构") if by == "insurer" else _("县区")
    rows = [[whose, *_cells(one)] for whose, one in _statement(picked, account, by)]
    return _file(f"{account}-by-{by}", picked, [[head, *_heads()], *rows])


def _chosen(request: HttpRequest) -> Chosen:
    scope = scope_of(request)
    counties = {county.code: county.name for county in list_counties(scope=scope)}
    county = chosen(request, "county", counties)
    insurer = request.GET.get("insurer", "").strip()[:60]
    return Chosen(
        month=_month(request),
        county=county,
        insurer=insurer,
        known_on=_day(request.GET.get("known", "")),
        cut=Cut(scope, county or None, insurer or None),
        counties=counties,
    )


def _month(request: HttpRequest) -> date:
    return _day(f"{request.GET.get('month', '')[:7]}-01") or clock.today().replace(day=1)


def _day(text: str) -> date | None:
    try:
        found = parse_date(text.strip())
    except ValueError:
        return None
    # A day that leaves room for the month after it.
    return found if found is not None and 1990 <= found.year <= 2200 else None


def _key(request: HttpRequest) -> Key | None:
    parts = request.GET.get("after", "").split("~", 2)
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 19):
        return None
    try:
        occurred_at = parse_datetime(parts[0])
    except ValueError:
        return None
    if occurred_at is None or occurred_at.tzinfo is None:
        return None
    return Key(occurred_at, int(parts[1]), parts[2][:60])


def _told(key: Key) -> str:
    return f"{key.occurred_at.isoformat()}~{key.entry_id}~{key.insurer}"


def _account(request: HttpRequest) -> str:
    return chosen(request, "account", dict.fromkeys(STATED)) or STATED[0]


def _by(request: HttpRequest) -> str:
    return "insurer" if request.GET.get("by") == "insurer" else "county"


def _balances(picked: Chosen) -> Mapping[str, Sums]:
    return sum_by_account(
        cut=picked.cut, from_on=picked.month, to_on=picked.next_month, known_at=picked.known_at
    )


def _statement(picked: Chosen, account: str, by: str) -> list[tuple[str, Sums]]:
    ask = sum_by_insurer if by == "insurer" else sum_by_county
    found = ask(
        account=account,
        cut=picked.cut,
        from_on=picked.month,
        to_on=picked.next_month,
        known_at=picked.known_at,
    )
    if by == "insurer":
        return [(whose or _("没有写明"), one) for whose, one in found.items()]
    return [(_county(picked, whose), one) for whose, one in found.items()]


def _county(picked: Chosen, code: str) -> str:
    return picked.counties.get(code, code) if code else _("全市")


def _total(sums: Iterable[Sums]) -> Sums:
    every = list(sums)
    return Sums(
        sum(one.opening_fen for one in every),
        sum(one.gained_fen for one in every),
        sum(one.given_fen for one in every),
    )


def _frame(picked: Chosen) -> dict[str, object]:
    return {
        "picked": picked,
        "query": picked.query(),
        "months": _months(picked.month),
        "counties": options(picked.counties, picked.county, _whole(picked.cut.scope)),
        "place": picked.counties.get(picked.county, _whole(picked.cut.scope)),
        "as_of": clock.now(),
    }


def _whole(scope: Scope) -> str:
    return _("全市") if scope.is_city else _("本单位的县区")


def _months(month: date) -> Sequence[dict[str, object]]:
    listed: list[date] = []
    last = clock.today().replace(day=1)
    while len(listed) < MONTHS:
        listed.append(last)
        last = (last - timedelta(days=1)).replace(day=1)
    if month not in listed:
        listed = sorted([month, *listed], reverse=True)
    return [{"value": f"{one:%Y-%m}", "label": f"{one:%Y-%m}", "current": one == month} for one in listed]


def _heads() -> list[str]:
    return [_("期初（元）"), _("增加（元）"), _("减少（元）"), _("期末（元）")]


def _columns(first: str) -> Sequence[dict[str, object]]:
    return [{"label": first}, *({"label": head, "right": True} for head in _heads())]


def _card_columns() -> Sequence[dict[str, object]]:
    return [
        {"label": _("凭证")},
        {"label": _("发生时间")},
        {"label": _("事由")},
        {"label": _("哪里")},
        {"label": _("增减（元）"), "right": True},
        {"label": _("余额（元）"), "right": True},
    ]


def _cells(one: Sums) -> list[str]:
    return [_plain(fen) for fen in (one.opening_fen, one.gained_fen, one.given_fen, one.closing_fen)]


def _card_cells(picked: Chosen, line: CardLine) -> list[str]:
    gained, given = max(line.amount_fen, 0), max(-line.amount_fen, 0)
    return [
        str(line.entry_id),
        day_time(localtime(line.occurred_at)),
        day_time(localtime(line.recorded_at)),
        as_text(str(KINDS.get(line.kind, line.kind))),
        as_text(line.subject),
        as_text(_county(picked, line.county_code)),
        as_text(line.insurer),
        _plain(gained),
        _plain(given),
        _plain(line.balance_fen),
    ]


def _plain(fen: int) -> str:
    return yuan(fen).replace(",", "").replace("−", "-")


def _file(name: str, picked: Chosen, rows: Sequence[Sequence[str]]) -> HttpResponse:
    response = HttpResponse(b"".join(_blocks(rows)), content_type=CSV)
    response["Content-Disposition"] = _named(name, picked)
    return response


def _blocks(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8
    left = iter(rows)
    while block := list(islice(left, FILE_BLOCK)):
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerows(block)
        yield out.getvalue().encode()


def _named(name: str, picked: Chosen) -> str:
    return f'attachment; filename="ledger-{name}-{picked.month:%Y-%m}.csv"'


routes: list[URLPattern] = [
    path("ledger/", show_balances, name="ledger"),
    path("ledger/balances.csv", download_balances, name="ledger_file"),
    path("ledger/accounts/<slug:code>/", show_card, name="ledger_card"),
    path("ledger/accounts/<slug:code>/card.csv", download_card, name="ledger_card_file"),
    path("ledger/statement/", show_statement, name="ledger_statement"),
    path("ledger/statement/statement.csv", download_statement, name="ledger_statement_file"),
]
