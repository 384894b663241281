"""Reading the path (主线查询): its sums for the dashboard, and the rows behind each; sums in fen.

A figure is a `Choice` within a `Cut`. The same condition counts the sums and lists the rows, and both tables
were written together: a figure is as long as its list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.reporting.models import Path, PathStand, PathSum
from yiyuan.apps.reporting.stages import Money, Stage, Timing
from yiyuan.kernel.scope import Scope

PAGE = 50
MONEY_SETS = {"approved": tuple(Money), "sent": (Money.IN_FLIGHT, Money.RETURNED, Money.PAID)}
TIMING_SETS = {"ended": (Timing.KEPT, Timing.LATE), "behind": (Timing.OVERDUE, Timing.LATE)}
# Who a person has said no to is not waiting for money.
ENDED_WITHOUT_MONEY = ("declined", "withdrawn", "closed")
ASKED = ("stage", "reason", "state", "money", "timing")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which settlements are looked at: a county, months of admission `[since, until)`, a group."""

    county_code: str = ""
    since: date | None = None
    until: date | None = None
    group: str = ""

    def condition(self, scope: Scope) -> Q:
        """Return the condition for rows and sums alike."""
        found = within(scope)
        if self.county_code:
            found &= Q(county_code=self.county_code)
        if self.group:
            found &= Q(group=self.group)
        if self.since:
            found &= Q(month__gte=self.since)
        if self.until:
            found &= Q(month__lt=self.until)
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of them a figure counts: reached a stage or standing at one, where money is, how clocks are."""

    reached: int | None = None
    at: int | None = None
    money: str = ""
    timing: str = ""
    reason: str = ""
    state: str = ""
    is_unpaid: bool = False

    def condition(self) -> Q:
        """Return the condition for rows and sums alike."""
        found = Q()
        if self.reached is not None:
            found &= Q(stage__gte=self.reached)
        if self.at is not None:
            found &= Q(stage=self.at)
        if self.money:
            found &= Q(money__in=MONEY_SETS.get(self.money, (self.money,)))
        if self.timing:
            found &= Q(timing__in=TIMING_SETS.get(self.timing, (self.timing,)))
        if self.reason:
            found &= Q(reason=self.reason)
        if self.state:
            found &= Q(state=self.state)
        if self.is_unpaid:
            found &= Q(stage__gte=Stage.PROPOSED, stage__lt=Stage.PAID) & ~Q(state__in=ENDED_WITHOUT_MONEY)
        return found

    def matches(self, *, stage: int, reason: str, state: str, money: str, timing: str) -> bool:
        """Tell whether a sum belongs to the figure; the same as `condition`, which a test holds."""
        is_waiting = Stage.PROPOSED <= stage < Stage.PAID and state not in ENDED_WITHOUT_MONEY
        return (
            (self.reached is None or stage >= self.reached)
            and (self.at is None or stage == self.at)
            and (not self.money or money in MONEY_SETS.get(self.money, (self.money,)))
            and (not self.timing or timing in TIMING_SETS.get(self.timing, (self.timing,)))
            and (not self.reason or reason == self.reason)
            and (not self.state or state == self.state)
            and (not self.is_unpaid or is_waiting)
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """How many settlements, and their benefit."""

    count: int = 0
    fen: int = 0


@dataclass(frozen=True, slots=True)
class Stand:
    """As of when the figures hold."""

    refreshed_at: datetime
    today: date


@dataclass(frozen=True, slots=True)
class PathRow:
    """One settlement of a list behind a figure."""

    setl_id: str
    person_id: int
    county_code: str
    month: date | None
    group: str
    reason: str
    stage: Stage
    money: str
    timing: str
    state: str
    benefit_fen: int
    number: str
    proposal_id: int | None


def get_stand() -> Stand | None:
    """Return as of when the figures hold, or None before they were made."""
    found = PathStand.objects.first()
    return Stand(found.refreshed_at, found.today) if found else None


def sum_choices(
    choices: Mapping[str, Choice], cut: Cut, *, scope: Scope, by: str = "county_code"
) -> Mapping[object, Mapping[str, Figure]]:
    """Return the figure of each choice by the values of a column, in their order.

    The sums are brought together by what a choice asks for, a hundred lines or so a value, and matched here:
    asking the database for every choice of every line would take it ten times as long.
    """
    rows = (
        PathSum.objects.filter(cut.condition(scope))
        .values_list(by, *ASKED)
        .annotate(n=Sum("count"), fen=Sum("benefit_fen"))
    )
    found: dict[object, dict[str, list[int]]] = {}
    for value, stage, reason, state, money, timing, n, fen in rows.order_by(by):
        sums = found.setdefault(value, {name: [0, 0] for name in choices})
        for name, one in choices.items():
            if one.matches(stage=stage, reason=reason, state=state, money=money, timing=timing):
                sums[name][0] += n
                sums[name][1] += fen
    return {value: {name: Figure(*figure) for name, figure in sums.items()} for value, sums in found.items()}


def add_up(parts: Iterable[Mapping[str, Figure]], names: Iterable[str]) -> Mapping[str, Figure]:
    """Return the sum of figures of the same names; zeros of nothing."""
    parts = list(parts)
    return {
        name: Figure(sum(one[name].count for one in parts), sum(one[name].fen for one in parts))
        for name in names
    }


def sum_causes(cut: Cut, *, scope: Scope) -> Mapping[tuple[int, str, str, str], int]:
    """Return (stage, reason, state, money) → how many stand there: the causes of the gaps."""
    rows = PathSum.objects.filter(cut.condition(scope)).values_list("stage", "reason", "state", "money")
    return {row[:4]: row[4] for row in rows.annotate(n=Sum("count")).order_by()}


def find_median_days(cut: Cut, *, scope: Scope) -> int | None:
    """Return within how many days from complete papers half were paid; None before the first."""
    rows = PathSum.objects.filter(cut.condition(scope), days__isnull=False).values_list("days")
    counts = list(rows.annotate(n=Sum("count")).order_by("days"))
    half, passed = (sum(n for _, n in counts) + 1) // 2, 0
    for days, n in counts:
        passed += n
        if passed >= half:
            return int(days)
    return None


def list_months(*, scope: Scope) -> Sequence[date]:
    """Return the months of admission there are, in order."""
    months = PathSum.objects.filter(within(scope)).order_by("month").values_list("month", flat=True)
    return [month for month in months.distinct() if month is not None]


def count_path(choice: Choice, cut: Cut, *, scope: Scope) -> Figure:
    """Return how many rows a list has, and their benefit: counted over the rows, not over the sums."""
    rows = Path.objects.filter(choice.condition(), cut.condition(scope))
    found = rows.aggregate(n=Count("pk"), fen=Sum("benefit_fen", default=0))
    return Figure(found["n"], found["fen"])


def list_path(
    choice: Choice, cut: Cut, *, scope: Scope, after: str = "", limit: int = PAGE
) -> Sequence[PathRow]:
    """Return the rows behind a figure in the order of their settlement number, those behind `after`."""
    rows = Path.objects.filter(choice.condition(), cut.condition(scope), setl_id__gt=after)
    return [
        PathRow(
            setl_id=row.setl_id,
            person_id=row.person_id,
            county_code=row.county_code,
            month=row.month,
            group=row.group,
            reason=row.reason,
            stage=Stage(row.stage),
            money=row.money,
            timing=row.timing,
            state=row.state,
            benefit_fen=row.benefit_fen,
            number=row.number,
            proposal_id=row.proposal_id,
        )
        for row in rows.order_by("setl_id")[:limit]
    ]
