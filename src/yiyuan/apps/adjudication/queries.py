"""Reading decisions with their reasons (核定结论查询); amounts in fen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from yiyuan.apps.adjudication.models import Decision
from yiyuan.rules.algebra import DeskAlgebra
from yiyuan.rules.medical_benefit import benefit_on_residual
from yiyuan.rules.terms import SchemeVersion


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One step of the arithmetic and the clause it rests on."""

    name: str
    amount_fen: int
    clause: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A frozen decision: what it came to, by which clause and reading, on which facts."""

    id: int
    setl_id: str
    person_id: int
    scheme: str
    scheme_valid_from: date
    scheme_sha256: str
    reading: str
    outcome: str
    reason: str
    group: str
    disease: str
    residual_fen: int | None
    benefit_fen: int
    clause: str
    trace: tuple[TraceLine, ...]
    facts: Mapping[str, object]
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One reading of the benefit clause (释义) and what it pays; `is_adopted` marks the one in force."""

    name: str
    name_zh: str
    name_en: str
    benefit_fen: int
    is_adopted: bool
    steps: tuple[TraceLine, ...]


def get_version_of(decision_id: int) -> date:
    """Return the first day of the scheme version a decision was made under.

    :raises Decision.DoesNotExist: there is none of this number.
    """
    return Decision.objects.values_list("scheme_valid_from", flat=True).get(pk=decision_id)


def list_readings(terms: SchemeVersion, residual_fen: int, *, adopted: str) -> Sequence[ReadingView]:
    """Return what every reading of the scheme pays on a residual in fen, the adopted one first."""
    views = []
    for reading in terms.top_up.readings.values():
        desk = DeskAlgebra({})
        benefit_fen = benefit_on_residual(reading, residual_fen, desk)
        views.append(
            ReadingView(
                name=reading.name,
                name_zh=reading.name_zh,
                name_en=reading.name_en,
                benefit_fen=benefit_fen,
                is_adopted=reading.name == adopted,
                steps=tuple(TraceLine(*step) for step in desk.trace),
            )
        )
    return sorted(views, key=lambda view: not view.is_adopted)


def get_decision(decision_id: int) -> DecisionView:
    """Return one decision.

    :raises Decision.DoesNotExist: there is none of this number.
    """
    return view_of(Decision.objects.get(pk=decision_id))


def get_decisions(decision_ids: Iterable[int]) -> Mapping[int, DecisionView]:
    """Return decisions by their numbers."""
    return {row.pk: view_of(row) for row in Decision.objects.filter(pk__in=list(decision_ids))}


def count_decisions_resting_on(import_job_id: int) -> int:
    """Return how many decisions rest on a settlement or a status that an import brought."""
    settlement = Q(facts__import_job_id=import_job_id)
    status = Q(facts__statuses__contains=[{"import_job": import_job_id}])
    return Decision.objects.filter(settlement | status).count()


def view_of(row: Decision) -> DecisionView:
    """Return a stored decision as pages and services read it."""
    return DecisionView(
        id=row.pk,
        setl_id=row.setl_id,
        person_id=row.person_id,
        scheme=row.scheme,
        scheme_valid_from=row.scheme_valid_from,
        scheme_sha256=row.scheme_sha256,
        reading=row.reading,
        outcome=row.outcome,
        reason=row.reason,
        group=row.group,
        disease=row.disease,
        residual_fen=row.residual_fen,
        benefit_fen=row.benefit_fen,
        clause=row.clause,
        trace=tuple(TraceLine(**line) for line in row.trace),
        facts=row.facts,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
