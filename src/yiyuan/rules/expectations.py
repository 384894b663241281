"""What a worked case expects, against what was worked out (手算案例的核对).

In: an assessment and the case with its expectation. Out: what differs, one line each, sums in yuan.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from yiyuan.kernel.money import yuan
from yiyuan.rules.assessment import Assessment
from yiyuan.rules.cases import Case

OUTCOMES = {"entitled": "应赔", "not_entitled": "不赔", "undetermined": "定不了"}


def mismatches(assessment: Assessment, case: Case) -> list[str]:
    """Return what differs from the expectation, one line each; empty when all of it is met."""
    expect = case.expect
    if expect is None:
        return []
    deadline = assessment.deadline
    due_on, due_at = (deadline.due_on, deadline.due_at) if deadline else (None, None)
    return [
        *_said(
            "outcome",
            expect.outcome and OUTCOMES.get(expect.outcome, expect.outcome),
            OUTCOMES[assessment.outcome],
        ),
        *_sums("benefit_fen", _only(expect.benefit_fen), {"": assessment.benefit_fen}),
        *_sums("by_benefit", expect.by_benefit, assessment.by_benefit),
        *_sums("by_person", expect.by_person, assessment.by_person),
        *_said("due_on", expect.due_on, due_on),
        *_said("due_at", expect.due_at, due_at),
        *_said("clauses", _named(expect.clauses), _named(assessment.clauses)),
    ]


def _only(fen: int | None) -> Mapping[str, int] | None:
    return None if fen is None else {"": fen}


def _named(clauses: object) -> str | None:
    return "、".join(map(str, clauses)) or "没有" if isinstance(clauses, list | tuple) else None


def _said(name: str, want: str | date | datetime | None, got: str | date | datetime | None) -> Iterator[str]:
    if want is not None and want != got:
        yield f"{name}：手算 {want}，算得 {'没有' if got is None else got}"


def _sums(name: str, want: Mapping[str, int] | None, got: Mapping[str, int]) -> Iterator[str]:
    # Who is paid nothing may be named or left out.
    for key in () if want is None else sorted({*want, *got}):
        worked, found = (want or {}).get(key, 0), got.get(key, 0)
        if worked != found:
            yield f"{name}{key and ' '}{key}：手算 {yuan(worked)} 元，算得 {yuan(found)} 元"
