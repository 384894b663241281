"""Reading runs and proposals (筛查查询); every list is bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from yiyuan.apps.screening.models import Proposal, Run

PAGE = 50


@dataclass(frozen=True, slots=True)
class ProposalFilter:
    """What a queue of proposals shows; empty text means all."""

    county_code: str = ""
    group: str = ""
    outcome: str = "entitled"
    state: str = Proposal.OPEN


def list_runs(limit: int = PAGE) -> Sequence[Run]:
    """Return the newest runs."""
    return list(Run.objects.order_by("-number")[:limit])


def get_latest_run() -> Run | None:
    """Return the newest run, or None before the first."""
    return Run.objects.order_by("-number").first()


def get_run(number: int) -> Run:
    """Return one run.

    :raises Run.DoesNotExist: there is none of this number.
    """
    return Run.objects.get(number=number)


def sum_run(run: Run) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return (county, reason) → (count, benefit in fen) of a run."""
    return {(row.county_code, row.reason): (row.count, row.benefit_fen) for row in run.counts.all()}


def get_proposal(proposal_id: int) -> Proposal:
    """Return one proposal.

    :raises Proposal.DoesNotExist: there is none of this number.
    """
    return Proposal.objects.select_related("run").get(pk=proposal_id)


def list_proposals(chosen: ProposalFilter, *, after_id: int = 0, limit: int = PAGE) -> Sequence[Proposal]:
    """Return proposals in order of their making, those behind `after_id`."""
    return list(_matching(chosen).filter(pk__gt=after_id).order_by("pk")[:limit])


def list_proposals_of(person_id: int) -> Sequence[Proposal]:
    """Return what screening proposed for one person, the newest first."""
    return list(Proposal.objects.filter(person_id=person_id).order_by("-pk")[:PAGE])


def count_proposals(chosen: ProposalFilter) -> tuple[int, int]:
    """Return how many proposals match, and their benefit in fen."""
    found = _matching(chosen).aggregate(n=Count("pk"), fen=Sum("benefit_fen"))
    return found["n"], found["fen"] or 0


def sum_proposals_by_county() -> Mapping[str, Mapping[str, int]]:
    """Return by county how many entitled proposals are open, confirmed, declined, and the benefit in fen."""
    entitled = Proposal.objects.filter(outcome="entitled")
    rows = entitled.values("county_code").annotate(
        open=Count("pk", filter=Q(state=Proposal.OPEN)),
        confirmed=Count("pk", filter=Q(state=Proposal.CONFIRMED)),
        declined=Count("pk", filter=Q(state=Proposal.DECLINED)),
        total=Count("pk"),
        open_fen=Sum("benefit_fen", filter=Q(state=Proposal.OPEN), default=0),
    )
    return {
        row["county_code"]: {
            "open": row["open"],
            "confirmed": row["confirmed"],
            "declined": row["declined"],
            "total": row["total"],
            "open_fen": row["open_fen"],
        }
        for row in rows.order_by("county_code")
    }


def _matching(chosen: ProposalFilter) -> QuerySet[Proposal]:
    wanted = {
        key: value
        for key, value in (
            ("county_code", chosen.county_code),
            ("group", chosen.group),
            ("outcome", chosen.outcome),
            ("state", chosen.state),
        )
        if value
    }
    return Proposal.objects.filter(**wanted)
