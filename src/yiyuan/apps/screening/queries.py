"""Reading runs and proposals (筛查查询); every list is bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db.models import Count, Model, Q, QuerySet

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.screening.models import Proposal, Run, RunChange
from yiyuan.apps.sums.queries import PROPOSAL, fen, parts_of, rows
from yiyuan.kernel.scope import Scope

PAGE = 50

OUTCOMES = ("entitled", "undetermined")  # no other makes a proposal

Counted = TypeVar("Counted", bound=Model)


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


def sum_run(run: Run, *, scope: Scope) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return (county, reason) → (count, benefit in fen) of a run."""
    return {
        (row.county_code, row.reason): (row.count, row.benefit_fen)
        for row in run.counts.filter(within(scope))
    }


def get_proposal(proposal_id: int, *, scope: Scope) -> Proposal:
    """Return one proposal.

    :raises Proposal.DoesNotExist: there is none of this number, or it lies outside the scope.
    """
    return Proposal.objects.select_related("run").get(within(scope), pk=proposal_id)


def list_proposals(
    chosen: ProposalFilter, *, scope: Scope, after_id: int = 0, limit: int = PAGE
) -> Sequence[Proposal]:
    """Return proposals in order of their making, those behind `after_id`."""
    # One outcome after the other: each is a stretch of an index in this very order, both together are none.
    outcomes = (chosen.outcome,) if chosen.outcome else OUTCOMES
    found = [
        proposal
        for outcome in outcomes
        for proposal in _matching(replace(chosen, outcome=outcome), Proposal.objects.filter(within(scope)))
        .filter(pk__gt=after_id)
        .order_by("pk")[:limit]
    ]
    return sorted(found, key=lambda proposal: proposal.pk)[:limit]


def list_proposals_of(person_id: int, *, scope: Scope) -> Sequence[Proposal]:
    """Return what screening proposed for one person, the newest first."""
    return list(Proposal.objects.filter(within(scope), person_id=person_id).order_by("-pk")[:PAGE])


def count_proposals(chosen: ProposalFilter, *, scope: Scope) -> tuple[int, int]:
    """Return how many proposals match, and their benefit in fen."""
    found = _matching(chosen, parts_of(PROPOSAL, scope=scope)).aggregate(n=rows(), sum_fen=fen())
    return found["n"], found["sum_fen"]


def sum_proposals_by_county(*, scope: Scope) -> Mapping[str, Mapping[str, int]]:
    """Return by county how many entitled proposals are open, confirmed, declined, and the benefit in fen."""
    states = (Proposal.OPEN, Proposal.CONFIRMED, Proposal.DECLINED)
    entitled = parts_of(PROPOSAL, scope=scope).filter(outcome="entitled", state__in=states)
    found = entitled.values("county_code").annotate(
        open=rows(Q(state=Proposal.OPEN)),
        confirmed=rows(Q(state=Proposal.CONFIRMED)),
        declined=rows(Q(state=Proposal.DECLINED)),
        total=rows(),
        open_fen=fen(Q(state=Proposal.OPEN)),
    )
    return {
        row["county_code"]: {
            "open": row["open"],
            "confirmed": row["confirmed"],
            "declined": row["declined"],
            "total": row["total"],
            "open_fen": row["open_fen"],
        }
        for row in found.order_by("county_code")
    }


@dataclass(frozen=True, slots=True)
class RunChangeView:
    """What a run made of one settlement against the run before; benefits in fen, `kind` a stable code."""

    id: int
    kind: str
    proposal_id: int
    setl_id: str
    person_id: int
    county_code: str
    old_outcome: str
    old_benefit_fen: int | None
    new_outcome: str
    new_reason: str
    new_benefit_fen: int


def count_run_changes(run: Run, *, scope: Scope) -> Mapping[str, int]:
    """Return how many settlements a run made new, gone, changed or proposed again."""
    found = RunChange.objects.filter(within(scope, "proposal__county_code"), run=run)
    return {row["kind"]: row["n"] for row in found.values("kind").annotate(n=Count("*")).order_by("kind")}


def list_run_changes(
    run: Run, *, scope: Scope, kind: str = "", after_id: int = 0, limit: int = PAGE
) -> Sequence[RunChangeView]:
    """Return what a run changed, in order, behind `after_id`; an empty kind means all."""
    found = RunChange.objects.filter(within(scope, "proposal__county_code"), run=run, pk__gt=after_id)
    if kind:
        found = found.filter(kind=kind)
    return [
        RunChangeView(
            id=c.pk,
            kind=c.kind,
            proposal_id=c.proposal_id,
            setl_id=c.proposal.setl_id,
            person_id=c.proposal.person_id,
            county_code=c.proposal.county_code,
            old_outcome=c.old_outcome,
            old_benefit_fen=c.old_benefit_fen,
            new_outcome=c.new_outcome,
            new_reason=c.new_reason,
            new_benefit_fen=c.new_benefit_fen,
        )
        for c in found.select_related("proposal").order_by("pk")[:limit]
    ]


def _matching(chosen: ProposalFilter, found: QuerySet[Counted]) -> QuerySet[Counted]:
    """Return those that match, of proposals or of the parts of their sums: both have the same columns."""
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
    return found.filter(**wanted)
