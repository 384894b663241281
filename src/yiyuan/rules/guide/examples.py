"""Examples (举例): cases chosen from the terms, each decided by the engine.

In: a scheme version, a benefit under a liability. Out: tables of sums: every row of a table, every arm, the
boundaries of tiers, the amount at which a limit is reached. Nothing is reckoned here: `assess` says every
sum.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice

from yiyuan.kernel.errors import CaseError
from yiyuan.kernel.money import FEN_PER_YUAN
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.assessment import Assessment, assess
from yiyuan.rules.cases import Case
from yiyuan.rules.eligibility import UNDETERMINED
from yiyuan.rules.events.amounts import Banded, Fixed, Franchise, InProportion, Less, NumberOf, Table, Tiered
from yiyuan.rules.events.benefits import pay
from yiyuan.rules.events.case import read_event_case, shown
from yiyuan.rules.events.conditions import Missing, OpenQuestionError, Scope
from yiyuan.rules.events.facts import (
    CHOICE,
    CHOICES,
    DATE,
    EVENT,
    FLAG,
    HOUSEHOLD,
    MONEY,
    NUMBER,
    WHOLE,
    Between,
    Subject,
    Value,
    World,
)
from yiyuan.rules.events.pool import COUNTY_CODE
from yiyuan.rules.events.terms import Benefit, RunningLimit
from yiyuan.rules.guide.model import Sum, Sums
from yiyuan.rules.guide.situations import Said, Seeker, facts_of, nodes_of
from yiyuan.rules.guide.wording import Wording
from yiyuan.rules.premium import PREMIUM_FEN
from yiyuan.rules.scheme_file.located import Findings, Located
from yiyuan.rules.terms import Liability, SchemeVersion

VAST_FEN = 10**10  # one hundred million yuan: beyond every limit of a person or household
ROUNDS = 12  # facts are asked for one after the other; no scheme turns on so many
SEVERAL = 4  # with more situations than this, each is shown once
_STEPS = (5, 2, 1)


@dataclass(frozen=True, slots=True)
class Examples:
    """Makes the examples of one scheme version for one day of loss."""

    version: SchemeVersion
    holidays: Sequence[HolidayRow]
    wording: Wording
    on: date
    premium_fen: int | None  # what the file itself comes to

    def of(self, benefit: Benefit, liability: Liability, situations: Sequence[Said]) -> Sums | None:
        """Return the table of a benefit in these situations, None where no case can be found for it."""
        tried = {_key(said): said for said in situations}
        decided = [(said, self.decided(benefit, liability, said)) for said in tried.values()]
        found = [(said, *one) for said, one in decided if one is not None]
        if not found:
            return None
        varying = self._telling([(said, _paid(one, benefit)) for said, _, one in found], benefit)
        rows: dict[str, Sum] = {}
        for said, case, assessment in found:
            words = self._words(said, varying)
            rows.setdefault(words, Sum(words, _paid(assessment, benefit), case))
        return Sums(liability.code, benefit.name, self.wording.tongue.name(benefit), _settled(rows))

    def situations(self, benefit: Benefit, liability: Liability) -> list[Said]:
        """Return the facts of every example, in the order of the terms."""
        seeker = Seeker(self.version.events, liability.cause, self.on)
        base = seeker.base(benefit, liability)
        if base is None:
            return []
        free = {name: value for name, value in base.items() if not self._is_free(name, benefit)}
        found: list[Said] = []
        ratios = _proportions(benefit)
        branches = seeker.branches(benefit.amount, free)
        for said in branches:
            drivers = [name for name in self._drivers(benefit, seeker, said) if self._is_measured(name)]
            claimed = {
                name: base[name] for name in benefit.claimed_with if name in base and name not in drivers[:1]
            }
            # The other side of a proportion is named beside the one the examples vary.
            claimed |= {name: self._default(seeker, name) for name in drivers[1:] if name in ratios}
            full = {**claimed, **said}
            if not drivers:
                found.extend(self._stays(benefit, full) or [full])
                continue
            values = self._values(benefit, liability, full, drivers[0])
            few = values if len(branches) <= SEVERAL else values[:1]
            found.extend({**full, drivers[0]: value} for value in few)
        return found

    def limit_fen(self, limit: RunningLimit, liability: Liability, said: Said) -> int | None:
        """Return what the limit comes to for such a person, None where facts lack or a question is open."""
        world = self._world(said)
        scope = Scope(world.event, self.version.events.answers(), liability.cause)
        try:
            return limit.amount.fen(scope, [])
        except OpenQuestionError:
            return None

    def decided(self, benefit: Benefit, liability: Liability, said: Said) -> tuple[Case, Assessment] | None:
        """Return the case with every fact it needs, and what the engine makes of it."""
        full = dict(said)
        for _ in range(ROUNDS):
            case = self._case(benefit, liability, full)
            try:
                lacking = self._lacking(case, liability)
            except CaseError:
                return None
            if not lacking:
                break
            seeker = Seeker(self.version.events, liability.cause, self.on)
            full |= {name: self._default(seeker, name) for name in lacking}
        try:
            return case, assess(self.version, case, self.holidays)
        except CaseError:
            return None

    def _case(self, benefit: Benefit, liability: Liability, said: Said) -> Case:
        facts = {name: Located(shown_value(value), 0) for name, value in said.items()}
        facts["cause"] = Located(liability.cause, 0)
        if self.version.pool_excluded:
            # Examples happen in the first county of the scheme, unless an example says where.
            inside = (one for one in self.version.counties if one.code not in self.version.pool_excluded)
            for county in islice(inside, 1):
                facts.setdefault(COUNTY_CODE, Located(county.code, 0))
        if benefit.of == HOUSEHOLD:
            facts["household_id"] = Located("h1", 0)
        return self.case(f"{liability.code} {benefit.name}", facts)

    def case(self, name: str, facts: dict[str, Located]) -> Case:
        """Return a case of these facts, filed on the day of loss."""
        return Case(
            name=name, file="guide", line=0, on=self.on, filed_on=self.on, papers_complete_on=None,
            papers_complete_at=None, calendar_known_on=None, reading=None, answers={},
            facts=Located(facts, 0), used_fen={}, expect=None,
        )  # fmt: skip

    def _lacking(self, case: Case, liability: Liability) -> list[str]:
        terms = self.version.events
        findings = Findings("guide")
        world = read_event_case(case.facts, terms.facts, findings, case.on, case.filed_on).world
        if findings.found:
            raise CaseError(str(findings.found[0]))
        try:
            missing = pay(terms, world, [liability], self._answers(), {}).missing
        except OpenQuestionError:
            return []
        said = case.facts.value if isinstance(case.facts.value, dict) else {}
        return [name for name in dict.fromkeys(name for _, name in missing) if name not in said]

    def _answers(self) -> dict[str, str]:
        # Which facts are needed is asked under some answer; the sums are the engine's, under all of them.
        questions = self.version.events.questions.values()
        first = {one.name: next(iter(one.options)) for one in questions if one.options}
        return first | self.version.events.answers()

    def _default(self, seeker: Seeker, name: str) -> Value:
        fact = self.version.events.facts[name]
        if name == PREMIUM_FEN:
            # Where the file does not come to a premium, no limit that is a multiple of it cuts an example.
            return self.premium_fen or VAST_FEN
        if fact.type == FLAG:
            return False
        if fact.type == MONEY and name in self._taken_off():
            return 0
        return next(seeker.values(name), 0)

    def _taken_off(self) -> set[str]:
        # What others have paid is nothing, unless an example is about it.
        amounts = [benefit.amount for benefit in self.version.events.benefits]
        less = [node for amount in amounts for node in nodes_of(amount) if isinstance(node, Less)]
        return {name for node in less for part in node.taken for name in facts_of(part)}

    def _world(self, said: Said) -> World:
        world = World(self.version.events.facts)
        own: Said = {} if self.premium_fen is None else {PREMIUM_FEN: self.premium_fen}
        world.event = Subject(world, EVENT, "", {"on": self.on, **own, **said})
        return world

    def _is_measured(self, name: str) -> bool:
        return self.version.events.facts[name].type in (MONEY, WHOLE, NUMBER)

    def _is_free(self, name: str, benefit: Benefit) -> bool:
        told_by_row = any(isinstance(one, Table) and one.fact == name for one in nodes_of(benefit.amount))
        return name in benefit.claimed_with and (told_by_row or self._is_measured(name))

    def _drivers(self, benefit: Benefit, seeker: Seeker, said: Said) -> list[str]:
        """Return the facts that the amount still asks for in this situation."""
        missing: Missing = []
        scope = Scope(self._world(said).event, self._answers(), seeker.cause)
        try:
            benefit.amount.fen(scope, missing)
        except OpenQuestionError:
            return []
        return list(dict.fromkeys(name for _, name in missing))

    def _values(
        self, benefit: Benefit, liability: Liability, said: Said, driver: str
    ) -> list[int | Fraction]:
        fact = self.version.events.facts[driver]
        if fact.type == MONEY:
            return sorted({*_edges(benefit), *self._up_to_limit(benefit, liability, said, driver)})
        counts = [one for one in nodes_of(benefit.amount) if isinstance(one, NumberOf) and one.fact == driver]
        wanted = {number for one in counts for number in _counts(one)} or {1, 10}
        seeker = Seeker(self.version.events, liability.cause, self.on)
        allowed = seeker.values(driver, sorted(wanted))
        return sorted(
            {number for number in allowed if isinstance(number, int | Fraction) and number in wanted}
        )

    def _stays(self, benefit: Benefit, said: Said) -> list[Said]:
        """Return situations for each telling number of days between two dates that the amount counts."""
        for one in nodes_of(benefit.amount):
            derived = self.version.events.facts[one.fact].derived if isinstance(one, NumberOf) else None
            if isinstance(one, NumberOf) and isinstance(derived, Between) and derived.unit == "days":
                start = {} if derived.from_fact == "on" else {derived.from_fact: self.on}
                return [
                    {**said, **start, derived.to_fact: self.on + timedelta(days=int(days)), one.fact: days}
                    for days in sorted(_counts(one))
                ]
        return []

    def _telling(self, found: Sequence[tuple[Said, int | None]], benefit: Benefit) -> list[str]:
        """Return the facts to name in the rows: those that vary, but for what is seen to change no sum."""
        names = self._varying([said for said, _ in found], benefit)
        for name in [one for one in names if self.version.events.facts[one].type in (FLAG, CHOICE, CHOICES)]:
            rest = [one for one in names if one != name]
            groups: dict[str, list[tuple[str, int | None]]] = {}
            for said, paid_fen in found:
                groups.setdefault(self._words(said, rest), []).append((shown(said.get(name)), paid_fen))
            is_idle = all(
                len({paid for _, paid in group}) == 1 and len({value for value, _ in group}) > 1
                for group in groups.values()
            )
            names = rest if is_idle else names
        said = found[0][0]
        names += [name for name in _proportions(benefit) if name in said and name not in names]
        return names or [name for name in benefit.claimed_with if name in said] or list(said)[-1:]

    def _varying(self, situations: Sequence[Said], benefit: Benefit) -> list[str]:
        """Return the facts that tell the examples apart; dates only where nothing else does."""
        names = list(dict.fromkeys(name for said in situations for name in said))
        varying = [name for name in names if len({shown(said.get(name)) for said in situations}) > 1]
        facts = self.version.events.facts
        plain = [name for name in varying if facts[name].type != DATE]
        return plain or varying or [name for name in benefit.claimed_with if name in names] or names[-1:]

    def _up_to_limit(self, benefit: Benefit, liability: Liability, said: Said, driver: str) -> Iterator[int]:
        """Yield a typical amount, the least that reaches the limit, and twice as much; or typical ones."""

        def paid(amount_fen: int) -> int | None:
            found = self.decided(benefit, liability, {**said, driver: amount_fen})
            return None if found is None else _paid(found[1], benefit)

        most_fen = paid(VAST_FEN)
        if not most_fen or paid(VAST_FEN // 2) != most_fen:
            yield from (100_000, 1_000_000)
            return
        low, high = 0, most_fen
        while high < VAST_FEN and paid(high) != most_fen:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if paid(middle) == most_fen else (middle, high)
        yield from (_rounded_below(high), high, 2 * high)

    def _words(self, said: Said, names: Sequence[str]) -> str:
        facts = self.version.events.facts
        parts = []
        for name in names:
            value = said.get(name, facts[name].presumed)
            if value is not None and (value is not False or facts[name].presumed is None):
                parts.append(self.wording.said(name, value))
        tongue = self.wording.tongue
        return tongue("，", ", ").join(parts) or tongue("其他情形", "otherwise")


def shown_value(value: Value) -> "str | list[Located]":
    """Return a value as a case file has it."""
    if isinstance(value, frozenset):
        return [Located(one, 0) for one in sorted(value)]
    return f"{float(value):g}" if isinstance(value, Fraction) else shown(value)


def _key(said: Said) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, shown(value)) for name, value in said.items()))


def _counts(one: NumberOf) -> set[int | Fraction]:
    """Return the numbers at which a count begins, ends, and goes past its end."""
    numbers: set[int | Fraction] = {1, 10} if one.at_most is None else {1}
    if one.beyond:
        numbers |= {one.beyond, one.beyond + 1}
    if one.at_most is not None:
        numbers |= {one.beyond + one.at_most, one.beyond + one.at_most + 1}
    return numbers


def _settled(rows: Mapping[str, Sum]) -> tuple[Sum, ...]:
    # Where the scheme leaves it open, one row says so as well as many.
    every = tuple(rows.values())
    return every[:1] if all(row.paid_fen is None for row in every) else every


def _paid(assessment: Assessment, benefit: Benefit) -> int | None:
    return None if assessment.outcome == UNDETERMINED else assessment.by_benefit.get(benefit.name, 0)


def _edges(benefit: Benefit) -> Iterator[int]:
    for node in nodes_of(benefit.amount):
        if isinstance(node, Tiered | Banded):
            for row in node.tiers if isinstance(node, Tiered) else node.bands:
                yield from (row.from_fen - 1, row.from_fen, row.from_fen + 1) if row.from_fen > 1 else ()
        elif isinstance(node, Franchise):
            yield from (node.franchise_fen - 1, node.franchise_fen)
        elif isinstance(node, Less):
            taken_fen = sum(one.amount_fen for one in node.taken if isinstance(one, Fixed))
            yield from (taken_fen, taken_fen + FEN_PER_YUAN) if taken_fen else ()
        elif isinstance(node, InProportion):
            # Half covered, and covered in full.
            for one in (*nodes_of(node.part), *nodes_of(node.whole)):
                yield from (one.amount_fen, 2 * one.amount_fen) if isinstance(one, Fixed) else ()


def _proportions(benefit: Benefit) -> list[str]:
    """Return the facts whose proportion decides."""
    ratios = [node for node in nodes_of(benefit.amount) if isinstance(node, InProportion)]
    return list(
        dict.fromkeys(name for one in ratios for side in (one.part, one.whole) for name in facts_of(side))
    )


def _rounded_below(amount_fen: int) -> int:
    """Return about half the amount, as a number that is easily read."""
    unit = 1
    while unit * 10 <= amount_fen // 2:
        unit *= 10
    return next(step * unit for step in (*_STEPS, 0) if step * unit <= amount_fen // 2)
