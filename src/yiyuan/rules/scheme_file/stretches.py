"""Parsing amounts (金额条款的解读): tiers and bands become contiguous, half-open stretches of fen.

In: tiers and bands of a scheme file, or its `medical` section. Out: terms. A source says
“以内” and “以上”, and both include the number; the file writes that down as it stands (`through_fen` of one
row equal to `from_fen` of the next) and says in `shared`, with a reading, which of the two takes that amount.
"""

from dataclasses import dataclass
from itertools import pairwise

from yiyuan.kernel.money import AMOUNT_FEN_MAX, BASIS_POINTS, yuan
from yiyuan.rules.scheme_file.located import Section, nearest
from yiyuan.rules.terms import (
    SETTLEMENT_AMOUNTS,
    Band,
    BandReading,
    Limit,
    MedicalTerms,
    Reading,
    Tier,
    TierReading,
)

SHARED_TO = ("previous", "this")


@dataclass(slots=True)
class Stretch:
    """A row of a table by amount: what it says, and the amounts in [from_fen, below_fen) it says it of."""

    section: Section
    from_fen: int
    below_fen: int | None
    shared_to: str | None


def parse_medical(section: Section) -> MedicalTerms:
    """Return the medical terms; the default reading must be one of the readings."""
    residual = section.section("residual")
    clause = residual.cite()
    readings: dict[str, Reading] = {}
    for name, entry in section.section("readings").entries():
        readings[name] = _reading(name, entry)
    terms = MedicalTerms(
        liability=section.text("liability"),
        eligible=residual.text("eligible"),
        payers=residual.texts("payers"),
        residual_clause=clause,
        readings=readings,
        default_reading=section.text("default_reading"),
    )
    if terms.default_reading not in readings:
        hint = nearest(terms.default_reading, list(readings))
        section.fault(f"readings 里没有 {terms.default_reading}{hint}", section.line_of("default_reading"))
    if not terms.payers:
        residual.fault("payers 应列出要减去的支付方")
    for key, columns in (("eligible", (terms.eligible,)), ("payers", terms.payers)):
        for column in columns:
            if column not in SETTLEMENT_AMOUNTS:
                hint = nearest(column, SETTLEMENT_AMOUNTS)
                residual.fault(f"{key} 里不认识结算表的列 {column}{hint}", residual.line_of(key))
    residual.close()
    section.close()
    return terms


def parse_tiers(entry: Section, key: str) -> tuple[Tier, ...]:
    """Return the tiers under the key, which cover every amount from 0 without gap or overlap."""
    return tuple(_tier(row) for row in parse_stretches(entry, key))


def parse_bands(entry: Section, key: str) -> tuple[Band, ...]:
    """Return the bands under the key, which cover every amount from 0 without gap or overlap."""
    return tuple(_band(row) for row in parse_stretches(entry, key))


def _reading(name: str, entry: Section) -> Reading:
    name_zh, name_en = entry.text("name_zh"), entry.name_en()
    if entry.has("tiers") == entry.has("bands"):
        entry.fault(f"读法 {name} 应写 tiers（按总额定档）或 bands（分段累计）其中一个")
    if entry.has("tiers"):
        tiers = parse_tiers(entry, "tiers")
        entry.close()
        return TierReading(name, name_zh, name_en, tiers)
    bands = parse_bands(entry, "bands")
    ceiling = entry.section("limit")
    clause = ceiling.cite()
    limit = Limit(f"{name}_limit", ceiling.integer("limit_fen", 1, AMOUNT_FEN_MAX), clause, None, None)
    ceiling.close()
    entry.close()
    return BandReading(name, name_zh, name_en, bands, limit)


def _tier(row: Stretch) -> Tier:
    clause = row.section.cite()
    rate_bp = row.section.integer_or_none("rate_bp", 1, BASIS_POINTS)
    fixed_fen = row.section.integer_or_none("fixed_fen", 0, AMOUNT_FEN_MAX)
    if (rate_bp is None) == (fixed_fen is None):
        row.section.fault("应写 rate_bp（比例）或 fixed_fen（定额）其中一个")
    row.section.close()
    return Tier(row.from_fen, row.below_fen, rate_bp, fixed_fen, clause)


def _band(row: Stretch) -> Band:
    clause = row.section.cite()
    rate_bp = row.section.integer("rate_bp", 1, BASIS_POINTS)
    row.section.close()
    return Band(row.from_fen, row.below_fen, rate_bp, clause)


def parse_stretches(entry: Section, key: str, *, covers_all: bool = True) -> list[Stretch]:
    """Return the rows under the key with their half-open stretches, in order, without overlap.

    They cover every amount from 0; with `covers_all` false they may begin later and end, with a remark.
    """
    rows = [_stretch(section) for section in entry.sections(key)]
    if not rows:
        entry.fault(f"{entry.name} 的 {key} 是空的", entry.line_of(key))
        return rows
    first, last = rows[0].section, rows[-1].section
    if rows[0].from_fen != 0:
        _report(
            first, f"第一档应从 0 元起，现从 {yuan(rows[0].from_fen)} 元起，之前的金额没有条款管", covers_all
        )
    for lower, upper in pairwise(rows):
        _join(lower, upper)
    if rows[-1].below_fen is not None:
        text = "最后一档应没有上限（不写 below_fen 和 through_fen），之后的金额没有条款管"
        _report(last, text if covers_all else f"满 {yuan(rows[-1].below_fen)} 元的没有条款管", covers_all)
    return rows


def _report(section: Section, text: str, is_fault: bool) -> None:
    if is_fault:
        section.fault(text)
    else:
        section.findings.remark(section.line, text, section.clause)


def _stretch(section: Section) -> Stretch:
    if section.has("clause"):
        section.clause = section.text("clause")
    from_fen = section.integer("from_fen", 0, AMOUNT_FEN_MAX)
    below_fen = section.integer_or_none("below_fen", 1, AMOUNT_FEN_MAX)
    through_fen = section.integer_or_none("through_fen", 0, AMOUNT_FEN_MAX)
    if below_fen is not None and through_fen is not None:
        section.fault("below_fen（不到）和 through_fen（含）只能写一个")
    if through_fen is not None:
        below_fen = through_fen + 1
    if below_fen is not None and below_fen <= from_fen:
        section.fault(f"这一档从 {yuan(from_fen)} 元起，到 {yuan(below_fen)} 元前止，是空的")
    return Stretch(section, from_fen, below_fen, _shared_to(section))


def _shared_to(section: Section) -> str | None:
    if not section.has("shared"):
        return None
    shared = section.section("shared")
    to = shared.text("to")
    if to not in SHARED_TO:
        shared.fault(f"to 不能是“{to}”{nearest(to, SHARED_TO)}", shared.line_of("to"))
    shared.text("reading")
    shared.english("reading")
    shared.close()
    return to


def _join(lower: Stretch, upper: Stretch) -> None:
    # An amount that both rows include is one fen wide and needs a reading; anything wider is an overlap.
    end_fen = lower.below_fen
    if end_fen is None:
        upper.section.fault("上一档没有上限，这一档永远用不到")
    elif end_fen < upper.from_fen:
        upper.section.fault(f"{yuan(end_fen)} 元到 {yuan(upper.from_fen - 1)} 元之间没有条款管")
    elif end_fen > upper.from_fen + 1:
        upper.section.fault(f"{yuan(upper.from_fen)} 元到 {yuan(end_fen - 1)} 元有两档同时管")
    elif end_fen == upper.from_fen + 1:
        _settle(lower, upper)
    elif upper.shared_to is not None:
        upper.section.fault("上一档不含这一档的起点，没有两档都管的金额，不用写 shared")


def _settle(lower: Stretch, upper: Stretch) -> None:
    shared_fen = upper.from_fen
    if upper.shared_to is None:
        upper.section.fault(
            f"正好 {yuan(shared_fen)} 元两档都管，归哪一档请写 "
            "shared: {to: previous 或 this, reading: 理由}"
        )
    elif upper.shared_to == "previous":
        upper.from_fen = shared_fen + 1
    else:
        lower.below_fen = shared_fen
