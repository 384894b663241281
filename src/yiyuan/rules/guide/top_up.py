"""The top-up (重病医疗保底): the benefit that is decided settlement by settlement, with its boundaries.

In: a scheme version with a top-up. Out: blocks; every sum is the engine's answer to a settlement.
"""

from collections.abc import Iterator, Sequence

from yiyuan.kernel.errors import CaseError
from yiyuan.rules.assessment import MEDICAL, assess
from yiyuan.rules.cases import Case
from yiyuan.rules.eligibility import UNDETERMINED
from yiyuan.rules.guide.examples import Examples
from yiyuan.rules.guide.model import Block, Line, Sum, Sums
from yiyuan.rules.guide.sentences import Sentences
from yiyuan.rules.scheme_file.located import Located
from yiyuan.rules.terms import Band, BandReading, Disease, Liability, SchemeVersion, Tier

TYPICAL_FEN = (60_000, 500_000)
GROWN_UP_YEARS = 40
_REFUSALS = {
    "reversed": ("已经退费冲销的住院结算。", "a settlement that was taken back"),
    "outside_period": ("不在保障期里入院的。", "an admission outside the period"),
    "outside_pool": ("县区不在本方案里的。", "a county outside the scheme"),
    "no_group_on_date": (
        "入院那天不在上面几类人里的。",
        "a person in none of the groups on the day of admission",
    ),
    "disease_not_listed": ("不是约定病种的。", "a disease that is not listed"),
    "needs_proof": (
        "要看证明的病，证明没有交的，先不能定。",
        "a disease that needs proof, until the proof is there",
    ),
    "nothing_left_to_pay": ("报销以后没有剩下要自己付的。", "nothing left to pay after medical insurance"),
    "already_claimed": ("这次住院已经赔过的。", "an admission that was paid already"),
}


def top_up_blocks(
    version: SchemeVersion, examples: Examples, sentences: Sentences, liability: Liability
) -> Iterator[Block]:
    """Yield what is paid on what an admission leaves to the person, tier by tier, with examples."""
    tongue, medical = sentences.tongue, version.top_up
    yield sentences.line(
        tongue(
            "先由医保和各种救助报销。报完以后还剩下的合规费用，由本保险再赔一笔。",
            "Medical insurance and assistance pay first. Of the eligible expense left, a part is paid.",
        ),
        medical.residual_clause,
    )
    yield from _reading_lines(version, sentences)
    yield _diseases(version, sentences)
    rows = [_row(version, examples, sentences, liability, fen) for fen in _amounts(version)]
    yield Line(tongue("例子：", "Examples:"), tuple(dict.fromkeys(part.clause for part in _parts(version))))
    yield Sums(liability.code, MEDICAL, tongue.name(liability), tuple(filter(None, rows)))


def refusals(version: SchemeVersion, sentences: Sentences) -> Iterator[Line]:
    """Yield when the top-up pays nothing, each with its clause."""
    tongue = sentences.tongue
    if version.medical is None:
        return
    name = next(tongue.name(one) for one in version.liabilities if one.code == version.top_up.liability)
    for code, clause in version.reason_clauses.items():
        chinese, english = _REFUSALS[code]
        yield sentences.line(tongue(f"{name}：{chinese}", f"{name}: {english}."), clause)


def _parts(version: SchemeVersion) -> Sequence[Tier] | Sequence[Band]:
    reading = version.top_up.reading()
    return reading.bands if isinstance(reading, BandReading) else reading.tiers


def _amounts(version: SchemeVersion) -> list[int]:
    edges = [fen for part in _parts(version) if part.from_fen for fen in _around(part.from_fen)]
    return sorted({*TYPICAL_FEN, *edges})


def _around(edge_fen: int) -> tuple[int, int, int]:
    return edge_fen - 1, edge_fen, edge_fen + 1


def _reading_lines(version: SchemeVersion, sentences: Sentences) -> Iterator[Line]:
    tongue, reading = sentences.tongue, version.top_up.reading()
    for part in _parts(version):
        span = tongue.stretch(part.from_fen, part.below_fen) or tongue("不论多少", "any amount")
        fixed_fen = part.fixed_fen if isinstance(part, Tier) else None
        paid = tongue.money(fixed_fen) if fixed_fen is not None else tongue.percent(part.rate_bp or 0)
        text = tongue(f"还剩{span}：赔 {paid}。", f"{span} left: {paid} is paid.")
        yield sentences.line(text, part.clause)
    if isinstance(reading, BandReading):
        most = tongue.money(reading.limit.limit_fen)
        text = tongue(f"每次最多 {most}。", f"At most {most} each time.")
        yield sentences.line(text, reading.limit.clause, assumed=bool(reading.limit.assumed))


def _diseases(version: SchemeVersion, sentences: Sentences) -> Line:
    tongue, diseases = sentences.tongue, version.diseases
    names = tongue.listed(map(tongue.name, diseases))
    text = tongue(f"管 {len(diseases)} 种病：{names}。", f"{len(diseases)} diseases: {names}.")
    assumed = any(disease.assumed for disease in diseases)
    return sentences.line(text, *dict.fromkeys(one.clause for one in diseases), assumed=assumed)


def _row(
    version: SchemeVersion, examples: Examples, sentences: Sentences, liability: Liability, left_fen: int
) -> Sum | None:
    tongue = sentences.tongue
    case = _settlement(version, examples, liability, left_fen)
    try:
        assessment = assess(version, case, examples.holidays)
    except CaseError:
        return None
    paid_fen = None if assessment.outcome == UNDETERMINED else assessment.benefit_fen
    money = tongue.money(left_fen)
    return Sum(tongue(f"还剩 {money}", f"{money} left"), paid_fen, case)


def _settlement(version: SchemeVersion, examples: Examples, liability: Liability, left_fen: int) -> Case:
    disease = next(filter(_needs_nothing, version.diseases), version.diseases[0])
    county = next(one for one in version.counties if one.code not in version.pool_excluded)
    on = examples.on
    facts = {
        "cause": liability.cause,
        "group": version.groups[0].code,
        "county_code": county.code,
        "diagnosis_code": disease.prefixes[0],
        "birth_on": on.replace(year=on.year - GROWN_UP_YEARS, day=1).isoformat(),
        "sex": disease.sex or "1",
        "residual_fen": str(left_fen),
    }
    return examples.case(
        f"{liability.code} {MEDICAL}", {name: Located(text, 0) for name, text in facts.items()}
    )


def _needs_nothing(disease: Disease) -> bool:
    return disease.max_age is None and disease.sex is None and not disease.needs_proof
