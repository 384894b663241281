"""Premium (保费): what each county's premium comes to, and who pays how much of it.

In: a scheme version and the facts of each county (head counts, households, its class). Out: lines in fen
that always sum to the total: the last payer takes what rounding leaves. Counties outside the pool pay
nothing here. The form: `docs/schemes/language.md#premium`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from yiyuan.kernel.errors import CaseError, SchemeError
from yiyuan.kernel.money import BASIS_POINTS, split_fen, yuan
from yiyuan.rules.contract_terms import (
    BUDGET,
    COUNTY,
    HOUSEHOLD,
    REST,
    SCHEME,
    TOTAL,
    TOWNSHIP,
    Payer,
    PremiumPart,
    PremiumTerms,
)
from yiyuan.rules.events.amounts import Amount
from yiyuan.rules.events.conditions import Condition, Missing, OpenQuestionError, Scope, holds
from yiyuan.rules.events.facts import Subject, Value, World
from yiyuan.rules.terms import County, SchemeVersion

PREMIUM_FEN = "premium_fen"  # the fact of a case: what the scheme's premium of a year comes to
PERSONS, REGISTERED_PERSONS = "persons", "registered_persons"
TOWNSHIPS = "townships"  # the county's number of townships, for parts that fall due for each of them
PAYER_NAMES = {
    "state": "中央财政", "province": "省级财政", "city": "市级财政", "county": "县级财政",
    "township": "乡镇财政", "village": "村集体", "household": "居民", "welfare": "福彩公益金",
}  # fmt: skip
CountyFacts = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PremiumShare:
    """One county's premium: its payer, its head count and the amount."""

    county: County
    persons: int
    premium_fen: int
    clause: str


@dataclass(frozen=True, slots=True)
class PremiumLine:
    """One line of the bill: a part, or what a payer gives; `county_code` None stands for the whole scheme."""

    county_code: str | None
    name: str
    name_zh: str
    amount_fen: int
    clause: str


@dataclass(frozen=True, slots=True)
class OverCeiling:
    """A payer whose shares together pass its budget ceiling; who gives the excess is not said anywhere."""

    payer: str
    amount_fen: int
    limit_fen: int
    clause: str


@dataclass(frozen=True, slots=True)
class PremiumBill:
    """The parts of the premium and who pays them; both sum to `total_fen`."""

    parts: tuple[PremiumLine, ...]
    payers: tuple[PremiumLine, ...]
    over_ceilings: tuple[OverCeiling, ...]

    @property
    def total_fen(self) -> int:
        """The premium in fen."""
        return sum(line.amount_fen for line in self.parts)


def premium_bill(version: SchemeVersion, county_facts: Mapping[str, CountyFacts]) -> PremiumBill:
    """Return the bill of the counties named, in scheme order; counties outside the pool are left out.

    A part for the whole scheme is worked out once, on the sums of the counties' numbers. Repeating it gives
    the same.

    :raises SchemeError: when the scheme says nothing of the premium.
    :raises CaseError: when a county is unknown or lacks a fact, when a part of the premium has no payer, or
    when the premium or a payer's share turns on a question the scheme leaves undecided.
    """
    known = {county.code: county for county in version.counties}
    for code in county_facts:
        if known and code not in known:
            raise CaseError(f"方案没有县区 {code}；有的是 {'、'.join(known)}")
    codes = [code for code in known or county_facts if code in county_facts]
    codes = [code for code in codes if code not in version.pool_excluded]
    # What is reported of a county goes before what the plan says of it.
    facts = {code: {**(known[code].facts if code in known else {}), **county_facts[code]} for code in codes}
    try:
        accounts = [_Account(version, code, facts[code], known.get(code)) for code in codes]
        accounts.append(_Account(version, None, _sums(list(facts.values())), None))
        parts = [line for account in accounts for line in account.parts()]
        payers = [line for account in accounts for line in account.payers()]
    except OpenQuestionError as error:
        asked = version.events.questions[error.question]
        raise CaseError(
            f"{asked.clause}：{asked.asks}（{asked.name}）方案没有写定，算不出保费由谁付多少"
        ) from error
    terms = _terms(version)
    return PremiumBill(tuple(parts), tuple(payers), tuple(_over_ceilings(terms, payers)))


def own_county_facts(version: SchemeVersion) -> dict[str, CountyFacts]:
    """Return what the file itself says of its counties in the pool: their registered persons, where known."""
    return {
        one.code: {}
        if one.registered_persons is None
        else dict.fromkeys((PERSONS, REGISTERED_PERSONS), one.registered_persons)
        for one in version.counties
        if one.code not in version.pool_excluded
    }


def own_premium_fen(version: SchemeVersion) -> int | None:
    """Return the premium of a year on the head counts of the file itself, in fen.

    None where the file says nothing of the premium, leaves a head count out, or leaves a part undecided.
    """
    try:
        # A premium of 0 is that of a file without counties, and no base of a limit.
        return premium_bill(version, own_county_facts(version)).total_fen or None
    except (CaseError, SchemeError):
        return None


def instalments_of(version: SchemeVersion, amount_fen: int) -> list[tuple[date | None, int]]:
    """Return the days on which an amount of premium falls due, and the fen; without instalments all at once.

    The days are the first of their name from the first day of the version; the sums add up to the amount.

    :raises SchemeError: when the scheme says nothing of the premium.
    """
    instalments = _terms(version).instalments
    if not instalments:
        return [(None, amount_fen)]
    sums = split_fen(amount_fen, [one.share_bp for one in instalments])
    return [
        (_first_day(version.valid.from_on, one.month, one.day), fen)
        for one, fen in zip(instalments, sums, strict=True)
    ]


def _first_day(from_on: date, month: int, day: int) -> date:
    year = from_on.year if (month, day) >= (from_on.month, from_on.day) else from_on.year + 1
    try:
        return date(year, month, day)
    except ValueError:  # 29 February of a common year
        return date(year, month, 28)


def _terms(version: SchemeVersion) -> PremiumTerms:
    if version.premium is None:
        raise SchemeError(f"方案 {version.title} 没有写保费（premium）")
    return version.premium


def _sums(counties: Sequence[CountyFacts]) -> dict[str, Value]:
    sums: dict[str, Value] = {}
    for facts in counties:
        for name, value in facts.items():
            if isinstance(value, int | Fraction) and not isinstance(value, bool):
                before = sums.get(name, 0)
                assert isinstance(before, int | Fraction), "only numbers are summed"
                sums[name] = before + value
    return sums


class _Account:
    """What one county, or the scheme as a whole, has to pay."""

    def __init__(
        self, version: SchemeVersion, code: str | None, facts: CountyFacts, county: County | None
    ) -> None:
        self.terms = terms = _terms(version)
        self.code = code
        self.county = county
        values = dict(facts)
        if county is not None and county.registered_persons is not None:
            values.setdefault(REGISTERED_PERSONS, county.registered_persons)
        self.scope = Scope(
            Subject(World(terms.facts), COUNTY, code or "", values), version.events.answers(), ""
        )
        self.amounts_fen = {part.name: self._part_fen(part) for part in terms.parts if self._falls_due(part)}
        self.budget = [
            part for part in terms.parts if part.name in self.amounts_fen and part.paid_by == BUDGET
        ]

    def parts(self) -> list[PremiumLine]:
        """Return a line for each part that falls due here."""
        return [
            PremiumLine(self.code, part.name, part.name_zh, self.amounts_fen[part.name], part.clause)
            for part in self.terms.parts
            if part.name in self.amounts_fen
        ]

    def payers(self) -> list[PremiumLine]:
        """Return a line for each payer; those of one account sum to its parts."""
        lines = [
            PremiumLine(
                self.code, HOUSEHOLD, PAYER_NAMES[HOUSEHOLD], self.amounts_fen[part.name], part.clause
            )
            for part in self.terms.parts
            if part.name in self.amounts_fen and part.paid_by == HOUSEHOLD
        ]
        total_fen = sum(self.amounts_fen[part.name] for part in self.budget)
        if not self.budget:
            return lines
        if not self.terms.payers:
            return [*lines, PremiumLine(self.code, *self._own_payer(), total_fen, self.terms.clause)]
        return [*lines, *self._shared(total_fen)]

    def _falls_due(self, part: PremiumPart) -> bool:
        return (part.per == SCHEME) == (self.code is None) and self._holds(part.when)

    def _part_fen(self, part: PremiumPart) -> int:
        amount_fen = self._fen(part.amount)
        if part.per == TOWNSHIP:
            number = self._known(self.scope.value(TOWNSHIPS, []), [(self.scope.subject, TOWNSHIPS)])
            assert isinstance(number, int), "the number of townships is a whole number"
            return amount_fen * number
        return amount_fen

    def _shared(self, total_fen: int) -> list[PremiumLine]:
        payers = [payer for payer in self.terms.payers if self._holds(payer.when)]
        lines: list[PremiumLine] = []
        left_fen, left = total_fen, Fraction(total_fen)
        for payer in payers:
            exact = left if payer.takes_rest else min(self._exact(payer, total_fen, left), left)
            fen = left_fen if payer.takes_rest else min(int(exact + Fraction(1, 2)), left_fen)
            left_fen, left = left_fen - fen, left - exact
            lines.append(PremiumLine(self.code, payer.payer, self._name(payer), fen, payer.clause))
        if left > 0 or not lines:
            share = percent_of(left / total_fen) if total_fen else "100"
            whose = self.county.name_zh if self.county else self.code or "全方案"
            raise CaseError(
                f"{self.terms.clause}：{whose}的保费还有 {share} %（{yuan(left_fen)} 元）没有人付"
            )
        # Only rounding can be left now: the last payer takes it.
        last = lines[-1]
        lines[-1] = PremiumLine(
            last.county_code, last.name, last.name_zh, last.amount_fen + left_fen, last.clause
        )
        return lines

    def _exact(self, payer: Payer, total_fen: int, left: Fraction) -> Fraction:
        if payer.amount is not None:
            exact = Fraction(self._fen(payer.amount))
        else:
            assert payer.share_bp is not None, "the parser gives every payer a share, a sum or the rest"
            exact = self._base(payer, total_fen, left) * payer.share_bp / BASIS_POINTS
        return exact if payer.at_most_fen is None else min(exact, Fraction(payer.at_most_fen))

    def _base(self, payer: Payer, total_fen: int, left: Fraction) -> Fraction:
        if payer.base_amount is not None:
            return Fraction(self._fen(payer.base_amount))
        if payer.base in (TOTAL, REST):
            return Fraction(total_fen) if payer.base == TOTAL else left
        return Fraction(self.amounts_fen.get(str(payer.base), 0))

    def _own_payer(self) -> tuple[str, str]:
        if self.county is not None:
            return COUNTY, self.county.payer
        return (SCHEME, "投保方") if self.code is None else (COUNTY, PAYER_NAMES[COUNTY])

    def _name(self, payer: Payer) -> str:
        return (
            self.county.payer
            if payer.payer == COUNTY and self.county and not payer.name_zh
            else (payer.name_zh or PAYER_NAMES.get(payer.payer, payer.payer))
        )

    def _holds(self, condition: Condition | None) -> bool:
        if condition is None:
            return True
        missing: Missing = []
        return bool(self._known(holds(condition, self.scope, missing), missing))

    def _fen(self, amount: Amount) -> int:
        missing: Missing = []
        fen = self._known(amount.fen(self.scope, missing), missing)
        assert isinstance(fen, int), "an amount is whole fen"
        return fen

    def _known(self, found: Value | None, missing: Missing) -> Value:
        if found is not None:
            return found
        whose = f"县区 {self.code} " if self.code else "全方案一笔的保费"
        words = "、".join(
            f"{name}（{self.terms.facts[name].name_zh}）" if name in self.terms.facts else name
            for name in dict.fromkeys(name for _, name in missing)
        )
        raise CaseError(f"{whose}缺少 {words}，算不出保费")


def percent_of(share: Fraction) -> str:
    """Return a share as a percentage with at most two decimals, such as `5` or `33.33`."""
    text = f"{float(share * 100):.2f}"
    return text.rstrip("0").rstrip(".")


def _over_ceilings(terms: PremiumTerms, lines: Sequence[PremiumLine]) -> list[OverCeiling]:
    over: list[OverCeiling] = []
    for ceiling in terms.ceilings:
        amount_fen = sum(line.amount_fen for line in lines if line.name == ceiling.payer)
        if amount_fen > ceiling.limit_fen:
            over.append(OverCeiling(ceiling.payer, amount_fen, ceiling.limit_fen, ceiling.clause))
    return over


def premium_shares(version: SchemeVersion, persons: Mapping[str, int]) -> tuple[PremiumShare, ...]:
    """Return the premium of every county that has a head count and is not outside the pool, in scheme order.

    For a scheme with one rate a person; one with parts has a `premium_bill`.

    :raises KeyError: when a head count names a county the scheme does not know.
    :raises ValueError: when a head count is negative.
    :raises SchemeError: when the scheme has no rate a person.
    """
    known = {county.code for county in version.counties}
    for code, count in persons.items():
        if code not in known:
            raise KeyError(code)
        if count < 0:
            raise ValueError(f"县区 {code} 的人数是 {count}，应不小于 0")
    terms = _terms(version)
    rate_fen = terms.rate_fen_per_person_year
    if rate_fen is None:
        raise SchemeError(f"方案 {version.title} 的保费不是每人一个数，请按县区的各项算")
    return tuple(
        PremiumShare(county, persons[county.code], persons[county.code] * rate_fen, terms.clause)
        for county in version.counties
        if county.code in persons and county.code not in version.pool_excluded
    )


def total_premium_fen(shares: tuple[PremiumShare, ...]) -> int:
    """Return the sum of the shares in fen."""
    return sum(share.premium_fen for share in shares)
