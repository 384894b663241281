"""Judging bids (评标): judges appointed, each alone, nobody sees another's points before all are in.

In: points from 0 to 100 for each criterion of each bid. Out: sealed scores; the ranking once all are in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

from yiyuan.apps.accounts.queries import get_staff_member
from yiyuan.apps.audit.once import exactly_once
from yiyuan.apps.underwriting.errors import BidsNotClosed, NotAJudge, ScoresMissing
from yiyuan.apps.underwriting.law import procurement
from yiyuan.apps.underwriting.models import Bid, Judge, Score, Tender
from yiyuan.apps.underwriting.permitting import audit, require
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import BASIS_POINTS

POINTS_MAX = 100


@dataclass(frozen=True, slots=True)
class Ranked:
    """A bid and its weighted points in hundredths of a point, the mean over all judges."""

    bid_id: int
    bidder: str
    price_fen: int
    centipoints: int


@exactly_once()
def appoint_judge(
    *, tender_id: int, username: str, actor: Actor, occurred_at: datetime, request_key: str
) -> Judge:
    """Appoint a member of staff as a judge; return the row, the first one where there is one.

    :raises RoleMissing: the actor is no civil-affairs officer of the city.
    :raises NotAJudge: scores have been given already.
    :raises StaffMember.DoesNotExist: there is no such sign-in.
    """
    require(actor, Role.CIVIL_AFFAIRS)
    tender = Tender.objects.select_for_update().get(pk=tender_id)
    if earlier := tender.judges.filter(username=username).first():
        return earlier
    if Score.objects.filter(bid__tender=tender).exists():
        raise NotAJudge(username)
    member = get_staff_member(username, actor.scope)
    judge = Judge.objects.create(
        tender=tender,
        username=username,
        name=member.name,
        appointed_at=occurred_at,
        appointed_by=actor.id,
    )
    audit("appoint_judge", ("tender", tender.number), actor, occurred_at, request_key, judge=username)
    return judge


@exactly_once()
def record_scores(
    *,
    tender_id: int,
    points: Mapping[tuple[int, int], int],
    actor: Actor,
    occurred_at: datetime,
    request_key: str,
) -> int:
    """Keep a judge's points for every (bid, criterion) at once; return how many. Given once, they stand.

    :raises NotAJudge: the actor is no judge of this tender.
    :raises BidsNotClosed: bids may still come.
    :raises ScoresMissing: a bid or criterion has no points, or points lie outside 0 to 100.
    """
    tender = Tender.objects.select_for_update().get(pk=tender_id)
    judge = tender.judges.filter(username=actor.id).first()
    if judge is None:
        raise NotAJudge(actor.id)
    if occurred_at <= tender.closes_at:
        raise BidsNotClosed(f"{localtime(tender.closes_at):%Y-%m-%d %H:%M}")
    if given := judge.scores.count():
        return given
    wanted = {
        (bid, criterion)
        for bid in tender.bids.values_list("pk", flat=True)
        for criterion in tender.criteria.values_list("pk", flat=True)
    }
    if set(points) != wanted or not wanted:
        raise ScoresMissing(f"{len(set(points) & wanted)} / {len(wanted)}")
    if not all(0 <= one <= POINTS_MAX for one in points.values()):
        raise ScoresMissing(f"0–{POINTS_MAX}")
    rows = [
        Score(bid_id=bid, criterion_id=criterion, judge=judge, points=one, scored_at=occurred_at)
        for (bid, criterion), one in points.items()
    ]
    Score.objects.bulk_create(rows)
    audit("record_scores", ("tender", tender.number), actor, occurred_at, request_key, scores=len(rows))
    return len(rows)


def count_sealed(tender: Tender) -> tuple[int, int]:
    """Return how many judges have scored, and how many there are."""
    scored = Score.objects.filter(bid__tender=tender).values("judge").distinct().count()
    return scored, tender.judges.count()


def require_all_scores(tender: Tender) -> None:
    """Let a tender pass whose judges are enough and have all scored.

    :raises ScoresMissing: otherwise; the text says how many of how many, or the article.
    """
    law = procurement()
    scored, judges = count_sealed(tender)
    if not law.are_enough_judges(judges, tender.budget_fen):
        raise ScoresMissing(f"{judges} · {law.judges_law}")
    if scored < judges or not tender.bids.exists():
        raise ScoresMissing(f"{scored} / {judges}")


def list_scores(tender: Tender, actor: Actor) -> Sequence[Score]:
    """Return the points a person may see: all once every judge has scored, until then only their own."""
    rows = Score.objects.filter(bid__tender=tender).select_related("bid", "criterion", "judge")
    scored, judges = count_sealed(tender)
    if not judges or scored < judges:
        rows = rows.filter(judge__username=actor.id)
    return list(rows.order_by("bid", "criterion", "judge")[:2000])


def rank_bids(tender: Tender) -> Sequence[Ranked]:
    """Return the bids by their weighted points, the best first; the cheaper of two that are equal.

    :raises ScoresMissing: not every judge has scored.
    """
    require_all_scores(tender)
    judges = tender.judges.count()
    sums: dict[int, int] = {}
    for score in Score.objects.filter(bid__tender=tender).select_related("criterion"):
        sums[score.bid_id] = sums.get(score.bid_id, 0) + score.points * score.criterion.weight_bp
    divisor = BASIS_POINTS * judges
    ranked = [
        Ranked(bid.pk, bid.bidder, bid.price_fen, (sums[bid.pk] * 100 + divisor // 2) // divisor)
        for bid in Bid.objects.filter(tender=tender)
    ]
    return sorted(ranked, key=lambda one: (-sums[one.bid_id], one.price_fen, one.bid_id))
