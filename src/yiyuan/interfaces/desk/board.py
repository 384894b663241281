"""The dashboard as drawn (总览): funnel, tiles, money, clocks, counties, months, groups.

In: `reporting.path` figures of one cut. Out: plain values for the template; every figure knows its list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiyuan.apps.registry.queries import list_counties
from yiyuan.apps.reporting.path import (
    MONEY_SETS,
    Choice,
    Cut,
    Figure,
    add_up,
    find_median_days,
    sum_causes,
    sum_choices,
)
from yiyuan.apps.reporting.stages import Money, Stage, Timing
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.interfaces.desk import fact_labels
from yiyuan.interfaces.desk.board_links import (
    PLACES,
    SMALL,
    STAGES,
    TIMINGS,
    Shown,
    finding_word,
    month_after,
    shown,
    shown_of_group,
    standing_word,
)
from yiyuan.interfaces.desk.templatetags.yiyuan_format import count, percent
from yiyuan.kernel.scope import Scope

CHOICES: Mapping[str, Choice] = {
    **{stage.name.lower(): Choice(reached=stage) for stage in Stage},
    "elsewhere": Choice(at=Stage.ENTITLED),
    "unpaid": Choice(is_unpaid=True),
    "waiting": Choice(at=Stage.PROPOSED, state="open"),
    **{f"money_{place}": Choice(money=place) for place in PLACES},
    **{f"timing_{timing}": Choice(timing=timing) for timing in TIMINGS},
}
SHOWS: Mapping[str, Promise] = {
    "paid": gettext_lazy("到账率"),
    "kept": gettext_lazy("按时办结"),
    "unpaid": gettext_lazy("还差人次"),
}
COUNTY_COLUMNS = ("entitled", "filed", "paid", "unpaid", "timing_overdue")
MONTH_COLUMNS = ("entitled", "filed", "paid", "unpaid")
GROUP_COLUMNS = ("entitled", "filed", "paid")
LEVELS = 5
DECISIONS = 3
CORNERS_FROM = 3  # below so many counties a lowest one says nothing

Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Bar:
    """The two parts of a bar in per mille of the drawing, from the top, and the sum over it in 万元."""

    top: int
    rest: int
    paid_top: int
    paid: int
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: figures, and what else the table shows of it."""

    label: str
    cells: tuple[Shown, ...]
    is_total: bool = False
    rate: str = ""
    month: date | None = None
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the funnel; `causes` are what lies between it and the next."""

    label: str
    figure: Shown
    kind: str
    part: int
    causes: tuple[tuple[str, Shown], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The figures of one cut: in all, and by county, month and group."""

    cut: Cut
    total: Figures
    counties: Mapping[str, Figures]
    months: Mapping[date | None, Figures]
    groups: Mapping[str, Figures]
    causes: Mapping[tuple[int, str, str, str], int]
    median_days: int | None
    names: Mapping[str, str]

    def show(self, name: str, *, in_yuan: bool = False) -> Shown:
        """Return a figure of the whole cut with its list."""
        return shown(self.total[name], CHOICES[name], self.cut, in_yuan=in_yuan)


def read_board(cut: Cut, scope: Scope) -> Board:
    """Return the figures of a cut, read in a handful of queries whatever the size of the city."""
    counties = sum_choices(CHOICES, cut, scope=scope)
    return Board(
        cut=cut,
        total=add_up(counties.values(), CHOICES),
        counties={str(code): figures for code, figures in counties.items()},
        months={
            month: figures
            for month, figures in sum_choices(CHOICES, cut, scope=scope, by="month").items()
            if month is None or isinstance(month, date)
        },
        groups={
            str(code): figures for code, figures in sum_choices(CHOICES, cut, scope=scope, by="group").items()
        },
        causes=sum_causes(cut, scope=scope),
        median_days=find_median_days(cut, scope=scope),
        names={county.code: county.name for county in list_counties(scope=scope)},
    )


def funnel(board: Board) -> list[Step]:
    """Return the stages, each with what lies between it and the next, by cause."""
    kinds = {Stage.SCREENED: "squeezed", Stage.PAID: "paid"}
    return [
        Step(
            label=str(STAGES[stage]),
            figure=board.show(stage.name.lower()),
            kind=kinds.get(stage, ""),
            part=board.total[stage.name.lower()].count,
            causes=() if stage is Stage.PAID else _causes(board, stage),
        )
        for stage in Stage
    ]


def _causes(board: Board, stage: Stage) -> tuple[tuple[str, Shown], ...]:
    found: dict[Choice, int] = {}
    for (at, reason, state, money), n in board.causes.items():
        if at != stage:
            continue
        if stage in (Stage.SCREENED, Stage.ENTITLED):
            choice = Choice(at=stage, reason=reason)
        elif money:
            choice = Choice(at=stage, money=money)
        else:
            choice = Choice(at=stage, state=state)
        found[choice] = found.get(choice, 0) + n
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    return tuple((_cause_word(choice), shown(Figure(n), choice, board.cut)) for choice, n in ranked)


def _cause_word(choice: Choice) -> str:
    if choice.reason:
        return finding_word(choice.reason)
    return str(PLACES[choice.money]) if choice.money else standing_word(choice.state)


def tiles(board: Board, show: str) -> list[dict[str, object]]:
    """Return the counties that have a place on the map; one without a figure says why."""
    rates = {code: _rate(figures, show) for code, figures in board.counties.items()}
    corners = _corners({code: rate for code, rate in rates.items() if rate is not None}, show)
    most = max((figures["unpaid"].count for figures in board.counties.values()), default=0)
    found = []
    for county in get_terms().counties:
        if county.code not in board.names or county.tile_row is None:
            continue
        name = board.names[county.code]
        tile: dict[str, object] = {
            "name": name[:2] if len(name) > 2 else name,
            "column": county.tile_column,
            "row": county.tile_row,
            "corner": corners.get(county.code, ""),
        }
        rate, figures = rates.get(county.code), board.counties.get(county.code)
        if figures is None or rate is None:
            tile["note"] = _("没有办结的") if show == "kept" else _("没有应赔的")
        else:
            cut = replace(board.cut, county_code=county.code)
            tile |= _tile(figures, show, rate, most, cut)
        found.append(tile)
    return sorted(found, key=lambda tile: (tile["row"], tile["column"]))


def _tile(figures: Figures, show: str, rate: int, most: int, cut: Cut) -> dict[str, object]:
    behind, unpaid = figures["timing_behind"], figures["unpaid"]
    lacking, choice = (behind, "timing_behind") if show == "kept" else (unpaid, "unpaid")
    link = shown(lacking, CHOICES[choice], cut)
    tile: dict[str, object] = {"url": link.url, "count": link.count}
    if show == "unpaid":
        # Dark always means further along, so the county with the fewest unpaid is the darkest.
        level = LEVELS - (rate * (LEVELS - 1) + most // 2) // most if most else LEVELS
        note = _("应赔 %(n)s") % {"n": count(figures["entitled"].count)}
        return {**tile, "level": level, "value": count(rate), "unit": "", "note": note}
    words = _("超期 %(n)s") if show == "kept" else _("还差 %(n)s")
    level = min(rate // (10_000 // LEVELS) + 1, LEVELS)
    return {
        **tile,
        "level": level,
        "value": percent(rate),
        "unit": "%",
        "note": words % {"n": count(lacking.count)},
    }


def paid_rate_bp(figures: Figures) -> int | None:
    """Return paid over entitled in basis points, paid elsewhere on both sides; None without any."""
    paid = figures["paid"].count + figures["elsewhere"].count
    return paid * 10_000 // figures["entitled"].count if figures["entitled"].count else None


def kept_rate_bp(figures: Figures) -> int | None:
    """Return the promises kept over those ended in basis points; None before the first ended."""
    ended = figures["timing_ended"].count
    return figures[f"timing_{Timing.KEPT}"].count * 10_000 // ended if ended else None


def _rate(figures: Figures, show: str) -> int | None:
    if show == "kept":
        return kept_rate_bp(figures)
    if show == "unpaid":
        return figures["unpaid"].count if figures["entitled"].count else None
    return paid_rate_bp(figures)


def _corners(rates: Mapping[str, int], show: str) -> Mapping[str, str]:
    if len(rates) < CORNERS_FROM:
        return {}
    ranked = sorted(rates, key=lambda code: -rates[code] if show == "unpaid" else rates[code])
    worst, second = (_("最多"), _("次多")) if show == "unpaid" else (_("最低"), _("次低"))
    # A tie has no lowest one.
    corners = {ranked[0]: worst} if rates[ranked[0]] != rates[ranked[1]] else {}
    if corners and rates[ranked[1]] != rates[ranked[2]]:
        corners[ranked[1]] = second
    return corners


def money(board: Board) -> list[Line]:
    """Return where the approved money is: approved = held + sent, sent = paid + returned + in flight."""
    parts = {Money.PAID, Money.RETURNED, Money.IN_FLIGHT}
    return [
        Line(
            label=_("其中 %(place)s") % {"place": word} if place in parts else str(word),
            cells=(board.show(f"money_{place}"), board.show(f"money_{place}", in_yuan=True)),
            is_total=place in MONEY_SETS,
        )
        for place, word in PLACES.items()
    ]


def clocks(board: Board) -> list[Line]:
    """Return how the promises stand: those that ended, and those that run."""
    return [
        Line(str(word), (board.show(f"timing_{timing}"),), is_total=timing == "ended")
        for timing, word in TIMINGS.items()
        if timing != "behind"
    ]


def county_lines(board: Board) -> list[Line]:
    """Return the counties with their figures, the paid sum last."""
    return [
        Line(
            label=board.names.get(code, code),
            cells=_cells(figures, COUNTY_COLUMNS, replace(board.cut, county_code=code)),
            rate=percent(paid_rate_bp(figures)),
        )
        for code, figures in board.counties.items()
    ]


def month_lines(board: Board) -> list[Line]:
    """Return the months of admission with their figures, the paid sum last, and their bars."""
    most = max((figures["approved"].fen for _, figures in _months_of(board)), default=0)
    return [
        Line(
            label=_("%(y)d年%(m)d月") % {"y": month.year, "m": month.month},
            cells=_cells(figures, MONTH_COLUMNS, replace(board.cut, since=month, until=month_after(month))),
            month=month,
            bar=_bar(figures["paid"].fen, figures["approved"].fen, most),
        )
        for month, figures in _months_of(board)
    ]


def _months_of(board: Board) -> list[tuple[date, Figures]]:
    """Return the months somebody was entitled in: stays before the period are screened and not entitled."""
    return [(m, f) for m, f in board.months.items() if m is not None and f["entitled"].count]


def _bar(paid: int, approved: int, most: int) -> Bar:
    high, reached = (part * 1000 // most if most else 0 for part in (approved, paid))
    tenths = (approved + 50_000) // 100_000  # of 万元
    return Bar(
        top=1000 - high,
        rest=high - reached,
        paid_top=1000 - reached,
        paid=reached,
        label=f"{tenths // 10}.{tenths % 10}" if approved else "",
    )


def group_lines(board: Board, *, sees_groups: bool) -> list[Line]:
    """Return the hardship groups with their figures; small ones hidden from who handles no claims."""
    terms = get_terms()
    codes = [group.code for group in terms.groups if group.code in board.groups]
    hidden = {
        name: hide_small({code: board.groups[code][name].count for code in codes}) for name in GROUP_COLUMNS
    }
    return [
        Line(
            label=fact_labels.group_name(terms, code),
            cells=tuple(
                shown_of_group(
                    board.groups[code][name],
                    CHOICES[name],
                    replace(board.cut, group=code),
                    is_few=code in hidden[name],
                    sees_group=sees_groups,
                )
                for name in GROUP_COLUMNS
            ),
        )
        for code in codes
    ]


def hide_small(counts: Mapping[str, int]) -> set[str]:
    """Return which cells of a column to hide: the small ones, and the next where one alone could be told.

    A single hidden cell follows from the others and their sum.
    """
    hidden = {code for code, n in counts.items() if 0 < n < SMALL}
    if len(hidden) == 1:
        others = [code for code, n in counts.items() if n >= SMALL]
        hidden |= {min(others, key=lambda code: counts[code])} if others else set()
    return hidden


def decisions(board: Board) -> list[dict[str, object]]:
    """Return at most three things somebody above should ask about, the most pressing first."""
    overdue, returned = board.show(f"timing_{Timing.OVERDUE}"), board.show(f"money_{Money.RETURNED}")
    waiting = board.show("waiting")
    found: list[dict[str, object]] = []
    if overdue.count:
        found.append(
            {
                "title": _("有答应的日子过了，还没办完"),
                "text": _("先办这些；人手不够的县区，借人或并岗。"),
                "figure": overdue,
            }
        )
    if returned.count:
        found.append(
            {
                "title": _("银行退回来，还没有再付"),
                "text": _("换一个账户再付：问本人，或查一卡通。"),
                "figure": returned,
            }
        )
    if waiting.count:
        found.append(
            {
                "title": _("名单上的人还没有人去确认"),
                "text": _("应赔的不用本人来申请，理赔岗确认就立案。"),
                "figure": waiting,
            }
        )
    return found[:DECISIONS]


def _cells(figures: Figures, names: Sequence[str], cut: Cut) -> tuple[Shown, ...]:
    found = [shown(figures[name], CHOICES[name], cut) for name in names]
    return (*found, shown(figures["paid"], CHOICES["paid"], cut, in_yuan=True))
