"""What is paid (赔什么、赔多少): each cause with its benefits, their limits and examples.

In: a scheme version and its examples. Out: blocks; causes that pay alike stand together under one heading.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yiyuan.rules.events.amounts import First, Less
from yiyuan.rules.events.conditions import Answered, Test
from yiyuan.rules.events.facts import COUNTY, EVENT, HOUSEHOLD, PERSON
from yiyuan.rules.events.terms import FIRST, HIGHEST, SCHEME, Benefit, RunningLimit
from yiyuan.rules.guide.examples import Examples
from yiyuan.rules.guide.model import Block, Heading, Line, Sums
from yiyuan.rules.guide.sentences import Sentences
from yiyuan.rules.guide.situations import Said, Seeker, facts_of, nodes_of
from yiyuan.rules.guide.top_up import top_up_blocks
from yiyuan.rules.premium import PREMIUM_FEN
from yiyuan.rules.terms import Liability, SchemeVersion

_WHOSE = {
    PERSON: ("每人", "a person"),
    HOUSEHOLD: ("每户", "a household"),
    COUNTY: ("一个县区合计", "a county in all"),
    EVENT: ("一次事故所有人合计", "all victims of an event together"),
    SCHEME: ("全市合计", "the whole scheme"),
}
_SPANS = {
    "event": ("每次事故", "for each event"),
    "year": ("每年", "a year"),
    "term": ("整个保障期", "over the whole term"),
    "admission": ("每次住院", "for each admission"),
    "life": ("一生", "over a life"),
}
_PAYEES = {
    "victim": ("本人", "the person"),
    "heirs": ("继承人", "the heirs"),
    "household": ("这一户", "the household"),
    "guardian": ("监护人", "the guardian"),
    "provider": ("医院或办事的单位", "the hospital or provider"),
    "village": ("村（居）委会", "the village committee"),
    "township": ("乡镇政府", "the township"),
    "civil_affairs": ("民政部门", "civil affairs"),
}
_SHARING = {
    "pro_rata": (
        "超过的，各人按同样的比例少拿",
        "what exceeds it is taken off everybody in the same proportion",
    ),
    "in_order": ("超过的，先办的先赔", "what exceeds it is not paid to those who come last"),
}
_COMBINED = {
    HIGHEST: ("{}不一起赔，只赔其中最多的一项。", "Of these only the largest is paid: {}."),
    FIRST: ("{}不一起赔，只赔排在最前面能赔的一项。", "Of these only the first that pays is paid: {}."),
}


@dataclass(frozen=True, slots=True)
class Paying:
    """Says what each cause pays."""

    version: SchemeVersion
    examples: Examples
    sentences: Sentences

    def blocks(self) -> Iterator[Block]:
        """Yield the chapter, cause by cause."""
        alike: dict[tuple[object, ...], list[Liability]] = {}
        said: dict[tuple[object, ...], Sequence[Block]] = {}
        for liability in self.version.liabilities:
            blocks = tuple(self._of(liability))
            key = tuple(map(_content, blocks))
            alike.setdefault(key or (liability.code,), []).append(liability)
            said.setdefault(key or (liability.code,), blocks)
        for key, liabilities in alike.items():
            tongue = self.sentences.tongue
            yield Heading(tongue.listed(map(tongue.name, liabilities)))
            for liability in liabilities:
                yield self._trigger(liability, is_alone=len(liabilities) == 1)
            yield from said[key]

    def _trigger(self, liability: Liability, *, is_alone: bool) -> Line:
        tongue = self.sentences.tongue
        words = tongue.either(liability.trigger, liability.trigger_en)
        name = "" if is_alone else tongue(f"{tongue.name(liability)}：", f"{tongue.name(liability)}: ")
        bodies = tongue.listed(
            (tongue.language == "en" and liability.certifying_bodies_en) or liability.certifying_bodies
        )
        who = tongue(f"由谁认定：{bodies}。", f" Established by: {bodies}.") if bodies else ""
        text = f"{name}{words.rstrip('。.')}{tongue('。', '.')}{who}"
        return self.sentences.line(text, liability.clause, assumed=bool(liability.assumed and bodies))

    def _of(self, liability: Liability) -> Iterator[Block]:
        medical = self.version.medical
        if medical is not None and medical.liability == liability.code:
            yield from top_up_blocks(self.version, self.examples, self.sentences, liability)
            return
        mine = [one for one in self.version.events.benefits if liability.code in one.liabilities]
        for benefit in mine:
            yield from self._benefit(benefit, liability)
        yield from self._together(mine)
        if not mine:
            tongue = self.sentences.tongue
            text = tongue("赔多少还没定。", "How much is paid is not decided yet.")
            yield self.sentences.open(text, liability.clause)

    def _benefit(self, benefit: Benefit, liability: Liability) -> Iterator[Block]:
        tongue, wording = self.sentences.tongue, self.examples.wording
        yield Heading(tongue.name(benefit), 2)
        words = wording.amount(benefit.amount)
        if words:
            text = tongue(f"赔：{words}。", f"Paid: {words}.")
            yield self.sentences.line(text, benefit.clause, assumed=bool(benefit.assumed))
        for node in nodes_of(benefit.amount):
            for stretch, clause in wording.stretches(node):
                yield self.sentences.line(stretch + tongue("。", "."), clause)
            for text in filter(None, self._apart(node, words)):
                yield self.sentences.line(text + tongue("。", "."), benefit.clause)
        condition = wording.condition(benefit.when) if benefit.when is not None else ""
        if condition and not _only_claims(benefit):
            yield self.sentences.line(
                tongue(f"条件：{condition}。", f"Condition: {condition}."), benefit.clause
            )
        situations = self.examples.situations(benefit, liability)
        sums = self.examples.of(benefit, liability, situations)
        yield from _merged(self._limits(benefit, liability, situations or [{}]))
        yield from self._payee(benefit)
        yield from self._worked(benefit, sums)

    def _apart(self, node: object, words: str) -> Iterator[str]:
        """Yield what an amount takes off or adds, where its words do not say so already."""
        if isinstance(node, Less) and not words:
            yield self.examples.wording.deductible(node)
        if isinstance(node, First):
            yield from map(self.examples.wording.uplift, node.arms)

    def _together(self, benefits: Sequence[Benefit]) -> Iterator[Line]:
        """Yield how benefits of one victim stand to each other, where they do not simply add."""
        tongue = self.sentences.tongue
        for one in self.version.events.combine:
            order = list(one.benefits)
            mine = sorted((it for it in benefits if it.name in order), key=lambda it: order.index(it.name))
            if one.rule not in _COMBINED or len(mine) < 2:
                continue
            names = tongue.listed(map(tongue.name, mine))
            yield self.sentences.line(tongue(*_COMBINED[one.rule]).format(names), one.clause)

    def _worked(self, benefit: Benefit, sums: Sums | None) -> Iterator[Block]:
        tongue = self.sentences.tongue
        if sums is None:
            text = tongue("怎么算看条款，个案请到网点问。", "See the clause, and ask at a desk about a case.")
            yield self.sentences.line(text, benefit.clause)
        elif all(row.paid_fen is None for row in sums.rows):
            text = tongue(
                "赔多少还没定，见“还没定的事”。", "How much is not decided yet, see the open questions."
            )
            yield self.sentences.open(text, benefit.clause)
        elif any(row.paid_fen for row in sums.rows):
            yield Line(tongue("例子：", "Examples:"), (benefit.clause,))
            yield sums
        else:
            text = tongue("这个原因下没有这一项。", "Nothing is paid under this cause.")
            yield self.sentences.line(text, benefit.clause)

    def _payee(self, benefit: Benefit) -> Iterator[Line]:
        tongue = self.sentences.tongue
        named = _PAYEES.get(benefit.payee)
        who = tongue(*named) if named is not None else benefit.payee
        if who and benefit.payee != "victim":
            yield self.sentences.line(tongue(f"钱给：{who}。", f"Paid to: {who}."), benefit.clause)

    def _limits(self, benefit: Benefit, liability: Liability, situations: Sequence[Said]) -> Iterator[Line]:
        wanted = [one for one in self.version.events.limits if one.name in benefit.limits]
        seen: set[str] = set()
        while wanted:
            limit = wanted.pop(0)
            if limit.name in seen or (limit.liabilities and liability.code not in limit.liabilities):
                continue
            seen.add(limit.name)
            yield from self._limit(limit, liability, situations)
            names = [one.limit for one in limit.inside if self._may_stand(one.answers)]
            wanted += [one for one in self.version.events.limits if one.name in names]

    def _may_stand(self, answers: Sequence[Answered]) -> bool:
        # A limit that only an open question puts above this one is said among the open questions.
        decided = self.version.events.answers()
        return all(decided.get(one.question) == one.option for one in answers)

    def _limit(self, limit: RunningLimit, liability: Liability, situations: Sequence[Said]) -> Iterator[Line]:
        tongue = self.sentences.tongue
        seeker = Seeker(self.version.events, liability.cause, self.examples.on)
        concerned = [one for one in situations if limit.when is None or seeker.holds(limit.when, one) is True]
        sums = {self.examples.limit_fen(limit, liability, said) for said in concerned}
        known = sorted(fen for fen in sums if fen is not None)
        multiple = self.examples.wording.amount(limit.amount) if PREMIUM_FEN in facts_of(limit.amount) else ""
        if not known and not multiple:
            return
        whose = tongue(*_WHOSE[limit.per])
        span = "" if limit.per == EVENT else tongue(*_SPANS[limit.over])
        sharing = tongue(*_SHARING[limit.sharing]) if limit.sharing else ""
        tail = tongue(f"；{sharing}", f"; {sharing}") if sharing else ""
        money = tongue("或 ", " or ").join(map(tongue.money, known))
        money += tongue("（看情形）", ", as the case may be") if len(known) > 1 else ""
        if multiple:
            # What is reported later changes the sum, never the multiple.
            now = tongue(f"（按方案写的人数是 {money}）", f" ({money} on the head counts of the scheme)")
            money = multiple + (now if known else "")
        text = tongue(
            f"{whose}{span}最多 {money}{tail}。", f"At most {money} for {whose} {span}".rstrip() + f"{tail}."
        )
        yield self.sentences.line(text, limit.clause, assumed=bool(limit.assumed))


def _merged(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield lines of which no two say the same; their clauses stand together."""
    said: dict[str, Line] = {}
    for line in lines:
        known = said.get(line.text, Line(line.text))
        clauses = tuple(dict.fromkeys([*known.clauses, *line.clauses]))
        said[line.text] = Line(line.text, clauses, known.mark or line.mark)
    yield from said.values()


def _only_claims(benefit: Benefit) -> bool:
    """Return whether the condition says no more than what the benefit is for, such as a death."""
    return isinstance(benefit.when, Test) and benefit.when.fact in benefit.claimed_with


def _content(block: Block) -> object:
    """Return what a block says, whichever liability it is said of."""
    if isinstance(block, Sums):
        return (block.benefit, tuple((row.words, row.paid_fen) for row in block.rows))
    return block
