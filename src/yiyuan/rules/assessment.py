"""Assessment (理算): one case decided by a scheme version, with its explanation and its deadline.

In: a scheme version, a case, and the holiday rows. Out: an `Assessment`, and whether it meets what was worked
out by hand. What cannot be decided is said as questions, never as nothing to pay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from yiyuan.kernel.errors import CaseError
from yiyuan.kernel.money import AMOUNT_FEN_MAX
from yiyuan.kernel.period import Period
from yiyuan.kernel.workdays import HolidayRow, calendar_as_known
from yiyuan.rules.algebra import Step
from yiyuan.rules.cases import NO_GROUP, Case, Facts, raise_faults, settlement_facts
from yiyuan.rules.contract_terms import REFUSE
from yiyuan.rules.deadlines import Deadline, Start, case_deadline
from yiyuan.rules.diseases import NOT_LISTED, match_disease
from yiyuan.rules.eligibility import ENTITLED, NOT_ENTITLED, UNDETERMINED, Decision, Settlement, Spell, decide
from yiyuan.rules.events.assessment import assess_event
from yiyuan.rules.events.case import read_event_case
from yiyuan.rules.events.pool import terms_in_pool
from yiyuan.rules.filing import check_filing
from yiyuan.rules.scheme_file.located import FaultyCaseError, Finding, Findings, Section, nearest
from yiyuan.rules.terms import PAPERS_COMPLETE, Liability, Reading, SchemeVersion

MEDICAL = "medical"
LATE_FILING_ACCEPTED = "late_filing_accepted"

_QUESTIONS = {
    "group": "这个人入院当天属于哪一类困难群体（group 或 groups）？都不属于请写 group: none",
    "county_code": "结算属于哪个县区（county_code）？",
    "diagnosis_code": "主要诊断编码是什么（diagnosis_code）？",
    "birth_on": "出生日期是哪天（birth_on）？这种病有年龄上限",
    "inscp_scp_amt_fen": "合规费用是多少（inscp_scp_amt_fen，分；或直接写剩余合规费用 residual_fen）？",
    "sex": "性别是什么（sex，1 男 2 女）？这种病只管一种性别",
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer to one case; amounts in fen, `undecided` holds the questions still open."""

    case: str
    outcome: str
    benefit_fen: int
    by_benefit: dict[str, int]
    by_person: dict[str, int]
    trace: tuple[Step, ...]
    deadline: Deadline | None
    undecided: tuple[str, ...]

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of the trace, in order."""
        return tuple(step.clause for step in self.trace)


def choose_version(versions: Sequence[SchemeVersion], case: Case) -> SchemeVersion:
    """Return the version whose period holds the case's date of loss.

    :raises CaseError: when the date is outside every version; the nearest is never taken instead.
    """
    for version in versions:
        if version.valid.contains(case.on):
            return version
    periods = "、".join(
        f"{version.valid.from_on} 至 {version.valid.to_on or '今'}（不含末日）" for version in versions
    )
    raise CaseError(f"案例“{case.name}”的出险日 {case.on} 不在任何版本的期间内；有效期间是 {periods}")


def assess(version: SchemeVersion, case: Case, holidays: Sequence[HolidayRow]) -> Assessment:
    """Return the assessment of the case; repeating it gives the same.

    :raises CaseError: when a fact cannot be read or contradicts another, or when the case names a group,
    cause, reading, question or limit the scheme does not know.
    """
    liabilities = _liabilities(version, case)
    if version.medical is not None and version.medical.liability in [one.code for one in liabilities]:
        if len(liabilities) > 1:
            raise CaseError(f"案例“{case.name}”：按结算逐笔核定的责任不能与别的责任写在一个案例里")
        found = _medical(version, case, liabilities[0], holidays)
        return _in_time(version, case, liabilities[0], found, {"on": case.on}, is_accepted=False)
    if case.says("amount_fen"):
        return _agreed(version, case, liabilities, holidays)
    return _event(version, case, liabilities, holidays)


def _liabilities(version: SchemeVersion, case: Case) -> list[Liability]:
    known = {liability.cause: liability for liability in version.liabilities}
    causes = case.causes()
    if not causes:
        settled = [
            one for one in version.liabilities if version.medical and one.code == version.medical.liability
        ]
        if not settled and len(known) > 1:
            raise CaseError(
                f"案例“{case.name}”没有写出险原因（facts 里的 cause）；可用的有 {'、'.join(known)}"
            )
        return settled or list(version.liabilities)
    for cause in causes:
        if cause not in known:
            raise CaseError(f"案例“{case.name}”：方案没有责任 {cause}{nearest(cause, list(known))}")
    return [known[cause] for cause in dict.fromkeys(causes)]


def _reading(version: SchemeVersion, case: Case) -> Reading:
    try:
        return version.top_up.reading(case.reading)
    except KeyError as error:
        hint = nearest(str(case.reading), list(version.top_up.readings))
        raise CaseError(f"案例“{case.name}”：方案没有读法 {case.reading}{hint}") from error


def _medical(
    version: SchemeVersion, case: Case, liability: Liability, holidays: Sequence[HolidayRow]
) -> Assessment:
    reading = _reading(version, case)
    try:
        facts = settlement_facts(case)
    except CaseError as error:
        if case.causes():
            raise
        raise CaseError(f"{error}\n（没有写 cause，按 {liability.cause} {liability.name_zh}读）") from error
    if case.used_fen:
        raise CaseError(
            f"案例“{case.name}”：按结算逐笔核定没有跨案累计的限额，不认识 {'、'.join(case.used_fen)}"
        )
    settlement, spells = _settlement(version, case, facts), _spells(version, case, facts)
    decision = decide(version, settlement, spells, reading)
    # What is undetermined is nobody's amount yet, not even 0.
    is_decided = decision.outcome != UNDETERMINED
    person = facts.person_id if is_decided else None
    return Assessment(
        case=case.name,
        outcome=decision.outcome,
        benefit_fen=decision.benefit_fen,
        by_benefit={MEDICAL: decision.benefit_fen} if is_decided else {},
        by_person={} if person is None else {person: decision.benefit_fen},
        trace=decision.trace,
        deadline=_deadline(version, case, [(liability.code, MEDICAL)], decision.benefit_fen, holidays),
        undecided=_open_questions(version, settlement, decision, is_group_known=spells is not None),
    )


def _agreed(
    version: SchemeVersion, case: Case, liabilities: Sequence[Liability], holidays: Sequence[HolidayRow]
) -> Assessment:
    # An amount agreed elsewhere has a deadline here, and no benefit of this scheme's reckoning.
    section = Section(case.facts, findings := Findings(case.file), "facts")
    amount_fen = section.integer("amount_fen", 0, AMOUNT_FEN_MAX)
    raise_faults(findings)
    names = "、".join(one.name_zh for one in liabilities)
    undecided = (f"{names}赔多少：案例只写了别处核定的金额，要由本方案核定请写各人的事实",)
    deadline = _deadline(version, case, [(one.code, "") for one in liabilities], amount_fen, holidays)
    return Assessment(case.name, UNDETERMINED, 0, {}, {}, (), deadline, undecided)


def _event(
    version: SchemeVersion, case: Case, liabilities: Sequence[Liability], holidays: Sequence[HolidayRow]
) -> Assessment:
    findings = Findings(case.file)
    found = read_event_case(case.facts, version.events.facts, findings, case.on, case.filed_on)
    raise_faults(findings)
    if case.reading is not None:
        raise CaseError(f"案例“{case.name}”：事故的读法请写 reading: {{问题: 答案}}")
    terms = terms_in_pool(version)
    try:
        result = assess_event(terms, found.world, liabilities, case.answers, case.used_fen)
    except CaseError as error:
        raise FaultyCaseError([Finding(case.file, case.line, case.name, str(error))]) from error
    deadline = None
    if not result.undecided:
        # Where nothing is paid, every cause the case names is one that must be answered.
        owed = result.owed or [(one.code, "") for one in liabilities]
        deadline = _deadline(version, case, owed, result.benefit_fen, holidays)
    assessment = Assessment(
        case=case.name,
        outcome=result.outcome,
        benefit_fen=result.benefit_fen,
        by_benefit=result.by_benefit,
        by_person=result.by_person,
        trace=result.trace,
        deadline=deadline,
        undecided=result.undecided,
    )
    dates = found.world.dates()
    is_accepted = found.world.event.value(LATE_FILING_ACCEPTED) is True
    for liability in liabilities:
        assessment = _in_time(version, case, liability, assessment, dates, is_accepted=is_accepted)
    return assessment


def _in_time(
    version: SchemeVersion,
    case: Case,
    liability: Liability,
    assessment: Assessment,
    dates: Mapping[str, date | None],
    *,
    is_accepted: bool,
) -> Assessment:
    """Return the assessment as it stands once the day of filing is looked at."""
    if assessment.outcome != ENTITLED or is_accepted:
        return assessment
    answer = check_filing(version.filing, liability.code, case.filed_on, dates)
    if answer is None or answer.is_late is False:
        return assessment
    if answer.is_late and answer.late == REFUSE:
        nothing = Step("filing", 0, answer.clause)
        return replace(
            assessment,
            outcome=NOT_ENTITLED,
            benefit_fen=0,
            by_benefit={},
            by_person=dict.fromkeys(assessment.by_person, 0),
            trace=(*assessment.trace, nothing),
        )
    if not answer.is_late and answer.late != REFUSE:
        return assessment
    question = (
        f"{case.filed_on} 才申请，最晚应是 {answer.last_on}（{answer.clause}）：晚了本身不是拒赔的理由，"
        f"请人工核定，受理的写 {LATE_FILING_ACCEPTED}: true"
        if answer.is_late
        else f"{answer.missing} 是哪一天？申请期限从它算（{answer.clause}）"
    )
    return replace(
        assessment, outcome=UNDETERMINED, benefit_fen=0, by_benefit={}, by_person={}, trace=(), deadline=None,
        undecided=(question,),
    )  # fmt: skip


def _deadline(
    version: SchemeVersion,
    case: Case,
    owed: Sequence[tuple[str, str]],
    amount_fen: int,
    holidays: Sequence[HolidayRow],
) -> Deadline | None:
    starts: dict[str, Start] = {}
    if case.papers_complete_on is not None:
        starts[PAPERS_COMPLETE] = Start(case.papers_complete_on, case.papers_complete_at)
    if case.filed_on is not None:
        starts["filed"] = Start(case.filed_on)
    if case.papers_complete_on is None:
        return None
    calendar = calendar_as_known(holidays, case.calendar_known_on)
    return case_deadline(version.clocks, owed, amount_fen, starts, calendar)


def _settlement(version: SchemeVersion, case: Case, facts: Facts) -> Settlement:
    amounts_fen = facts.amounts_fen
    if facts.residual_fen is not None:
        amounts_fen = {version.top_up.eligible: facts.residual_fen}
    return Settlement(
        setl_id=facts.setl_id,
        county_code=facts.county_code,
        diagnosis_code=facts.diagnosis_code,
        birth_on=facts.birth_on,
        sex=facts.sex,
        on=case.on,
        amounts_fen=amounts_fen,
        is_reversed=facts.is_reversed,
        is_claimed=facts.is_claimed,
    )


def _spells(version: SchemeVersion, case: Case, facts: Facts) -> tuple[Spell, ...] | None:
    spells = facts.spells
    if facts.group is not None:
        on_the_day = () if facts.group == NO_GROUP else (Spell(facts.group, Period(case.on)),)
        spells = (spells or ()) + on_the_day
    known = [group.code for group in version.groups]
    for spell in spells or ():
        if spell.group not in known:
            raise CaseError(f"案例“{case.name}”：方案没有群体 {spell.group}{nearest(spell.group, known)}")
    return spells


def _open_questions(
    version: SchemeVersion, settlement: Settlement, decision: Decision, *, is_group_known: bool
) -> tuple[str, ...]:
    # The decision names the first missing fact; the person is asked once for all of them.
    if decision.outcome != UNDETERMINED:
        return ()
    match = match_disease(
        version.diseases, settlement.diagnosis_code, settlement.birth_on, settlement.sex, settlement.on
    )
    missing = [decision.missing, None if is_group_known else "group", match.missing]
    if match != NOT_LISTED and version.top_up.eligible not in settlement.amounts_fen:
        missing.append(version.top_up.eligible)
    named = dict.fromkeys(name for name in missing if name is not None)
    questions = [_QUESTIONS.get(name, f"缺少 {name}，是多少？") for name in named]
    if match.disease is not None and match.disease.needs_proof:
        questions.append(f"只凭编码认不出{match.disease.name_zh}：有没有病理、检验或耐药证明？请人工核定")
    return tuple(questions)
