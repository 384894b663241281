"""Building the guide (编写理赔指南): chapters in the order in which people ask.

In: a scheme version, holiday rows, a language, and what the scheme does not know: desks and a telephone. Out:
a `Guide`. The same in gives the same out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yiyuan.kernel.workdays import HolidayRow, calendar_as_known
from yiyuan.rules.contract_terms import HOUSEHOLD
from yiyuan.rules.events.amounts import Amount, NumberOf, Priced, Stepped
from yiyuan.rules.events.conditions import All, Answered, AnyOf, Condition, Not
from yiyuan.rules.events.facts import CASE_FACTS
from yiyuan.rules.guide.examples import Examples
from yiyuan.rules.guide.model import Block, Chapter, Desk, Facts, Guide, Line
from yiyuan.rules.guide.paid import Paying
from yiyuan.rules.guide.papers import Papers
from yiyuan.rules.guide.sentences import Sentences
from yiyuan.rules.guide.timing import Timing
from yiyuan.rules.guide.tongue import ZH, Tongue
from yiyuan.rules.guide.top_up import refusals
from yiyuan.rules.guide.wording import Wording
from yiyuan.rules.premium import own_premium_fen
from yiyuan.rules.terms import SchemeVersion

INTO_THE_TERM = timedelta(days=60)  # examples lie well inside the period, so that no boundary disturbs them
THURSDAY = 3  # counted from here, working days meet a weekend


def build_guide(
    version: SchemeVersion,
    holidays: Sequence[HolidayRow],
    language: str = ZH,
    *,
    desks: Sequence[Desk] = (),
    hotline: str = "",
) -> Guide:
    """Return the guide of a scheme version; safe to repeat, reads nothing."""
    tongue = Tongue(language)
    sentences = Sentences(version, tongue)
    wording = Wording(
        tongue,
        {**CASE_FACTS, **version.events.facts},
        {one.cause: tongue.name(one) for one in version.liabilities},
    )
    on = example_day(version)
    examples = Examples(version, holidays, wording, on, own_premium_fen(version))
    timing = Timing(version, calendar_as_known(holidays), wording, sentences, on)
    writer = _Writer(version, sentences, wording, timing, desks, hotline)
    paid = tuple(Paying(version, examples, sentences).blocks())
    papers = tuple(Papers(version, wording, sentences).blocks())
    chapters = (
        Chapter("covered", tongue("谁能赔", "Who is covered"), tuple(writer.covered())),
        Chapter("cost", tongue("要交多少钱", "What it costs you"), tuple(writer.cost())),
        Chapter("paid", tongue("赔什么、赔多少", "What is paid, and how much"), paid),
        Chapter("not_paid", tongue("什么不赔", "What is not paid"), tuple(writer.not_paid())),
        Chapter("steps", tongue("怎么办：四步", "Four steps"), tuple(writer.steps())),
        Chapter("papers", tongue("要带什么材料", "Papers to bring"), papers),
        Chapter("clocks", tongue("多久到账", "How long it takes"), tuple(writer.clocks())),
        Chapter("filing", tongue("最晚哪天申请", "The last day to claim"), tuple(timing.filing())),
        Chapter("desks", tongue("到哪里办", "Where to go"), tuple(writer.desks_blocks())),
        Chapter("objection", tongue("觉得不对怎么办", "If you disagree"), tuple(writer.objection())),
        Chapter("open", tongue("还没定的事", "What is not decided yet"), tuple(writer.open_questions())),
    )  # fmt: skip
    kept = tuple(one for one in chapters if one.blocks)
    clauses = tuple(sentences.quoted(block for chapter in kept for block in chapter.blocks))
    return Guide(
        language=language,
        title=tongue.either(version.title, version.title_en),
        scheme=version.id,
        version=version.version,
        sha256=version.sha256,
        period=_period(version, tongue),
        hotline=hotline,
        chapters=kept,
        clauses=clauses,
        sources=sentences.sources(clauses),
    )


def example_day(version: SchemeVersion) -> date:
    """Return the day on which the examples happen: a Thursday inside the version's period where there is
    one."""
    start = version.valid.from_on
    day = start + INTO_THE_TERM
    day += timedelta(days=(THURSDAY - day.weekday()) % 7)
    return day if version.valid.contains(day) else start


def _period(version: SchemeVersion, tongue: Tongue) -> str:
    first = tongue.day(version.valid.from_on)
    if version.valid.to_on is None:
        return tongue(f"{first}起有效", f"In force from {first}")
    last = tongue.day(version.valid.to_on - timedelta(days=1))
    return tongue(f"{first}到{last}有效", f"In force from {first} to {last}")


@dataclass(frozen=True, slots=True)
class _Writer:
    version: SchemeVersion
    sentences: Sentences
    wording: Wording
    timing: Timing
    desks: Sequence[Desk]
    hotline: str

    def covered(self) -> Iterator[Block]:
        tongue, line = self.sentences.tongue, self.sentences.line
        for cover in self.version.events.cover.values():
            words = self.wording.condition(cover.when)
            detail = tongue(f"（{words}）", f" ({words})") if words else ""
            yield line(
                tongue.name(cover) + detail + tongue("。", "."), cover.clause, assumed=bool(cover.assumed)
            )
        if not self.version.events.cover:
            yield line(
                tongue("方案没有按户口限制，看每项原因的条件。", "No residence is asked for; see each cause.")
            )
        if self.version.groups:
            names = tongue.listed(map(tongue.name, self.version.groups))
            text = tongue(
                f"重病医疗只管这几类人：{names}。", f"The illness top-up is for these groups: {names}."
            )
            yield line(text, *dict.fromkeys(one.clause for one in self.version.groups))
        outside = [one.name_zh for one in self.version.counties if one.code in self.version.pool_excluded]
        if outside:
            names = tongue.listed(outside)
            yield line(tongue(f"不在本方案里的县区：{names}。", f"Counties outside the scheme: {names}."))

    def cost(self) -> Iterator[Block]:
        tongue, line, premium = self.sentences.tongue, self.sentences.line, self.version.premium
        if premium is None:
            yield self.sentences.open(
                tongue("保费由谁出，方案没有写。", "The scheme does not say who pays the premium.")
            )
            return
        own = [part for part in premium.parts if part.paid_by == HOUSEHOLD]
        if not own:
            yield line(tongue("您不用交钱。", "It costs you nothing."), premium.clause)
        for part in own:
            words = self._own_part(part.amount)
            choice = tongue("自愿交", "you may pay") if part.voluntary else tongue("自己要交", "you pay")
            # A name nobody wrote for people to read says less than what it is.
            name = tongue("保费", "premium") if part.name_zh == part.name else tongue.name(part)
            amount = tongue(f"：{words}", f": {words}") if words else ""
            yield line(f"{name}{tongue('，', ', ')}{choice}{amount}{tongue('。', '.')}", part.clause)
        rate_fen = premium.rate_fen_per_person_year
        if rate_fen is not None:
            money = tongue.money(rate_fen)
            yield line(
                tongue(f"政府每人每年出 {money}。", f"Government pays {money} a person and year."),
                premium.clause,
            )

    def _own_part(self, amount: Amount) -> str:
        tongue = self.sentences.tongue
        while isinstance(amount, Stepped):
            amount = amount.of
        if isinstance(amount, Priced) and isinstance(amount.times, NumberOf):
            money = tongue.money(amount.unit_fen)
            if amount.times.fact.endswith("households"):
                return tongue(f"每户 {money}", f"{money} a household")
            if amount.times.fact.endswith("persons"):
                return tongue(f"每人 {money}", f"{money} a person")
        return self.wording.amount(amount)

    def not_paid(self) -> Iterator[Block]:
        tongue, version = self.sentences.tongue, self.version
        for exclusion in version.events.exclusions:
            causes = self.sentences.causes(exclusion.liabilities)
            only = tongue(f"（{causes}）", f" ({causes})") if causes else ""
            text = tongue.name(exclusion) + only + tongue("。", ".")
            if _turns_on(exclusion.when, set(version.events.questions) - set(version.events.answers())):
                yield self.sentences.open(text, exclusion.clause)
            else:
                yield self.sentences.line(text, exclusion.clause, assumed=bool(exclusion.assumed))
        yield from refusals(version, self.sentences)
        if not version.events.exclusions and not version.reason_clauses:
            yield self.sentences.line(tongue("方案没有写免除的情形。", "The scheme leaves nothing out."))

    def steps(self) -> Iterator[Block]:
        tongue, line = self.sentences.tongue, self.sentences.line
        call = tongue(f"打 {self.hotline}，", f"Call {self.hotline}, ") if self.hotline else ""
        filing = [one.clause for one in self.version.filing]
        papers = list(dict.fromkeys(one.clause for one in self.version.papers))
        yield line(
            tongue(
                f"一、报案。{call}或者到网点、找村干部说一声。",
                f"1. Report. {call}or tell a desk or your village.",
            )
            .replace("。或者", "。")
            .replace(". or tell", ". Tell"),
            *filing,
        )
        yield line(
            tongue(
                "二、交材料。要什么看下一章；缺什么，一次跟您说清。",
                "2. Papers. See the next chapter; what is missing is named once.",
            ),
            *papers,
        )
        yield line(
            tongue(
                "三、核定。按条款一步一步算，结果和算法都给您看。",
                "3. Assessment, step by step by the clauses; you may see each step.",
            ),
            *self._clauses_until("assessed"),
        )
        yield line(
            tongue(
                "四、到账。钱打到您的银行卡或社保卡上。", "4. Payment to your bank or social security card."
            ),
            *self._clauses_until("paid"),
        )

    def _clauses_until(self, until: str) -> list[str]:
        return [clause for one in self.timing.clocks(until=(until,)) for clause in one.clauses]

    def clocks(self) -> Iterator[Block]:
        found = list(self.timing.clocks())
        yield from found
        if not found:
            tongue = self.sentences.tongue
            yield self.sentences.open(
                tongue("几天内到账，方案还没定。", "The time of payment is not decided yet.")
            )

    def desks_blocks(self) -> Iterator[Block]:
        tongue, version = self.sentences.tongue, self.version
        if version.insurers is not None:
            names = tongue.listed(map(tongue.name, version.insurers.rows))
            yield self.sentences.line(
                tongue(f"承保的保险公司：{names}。", f"Insured by: {names}."), version.insurers.clause
            )
        if self.hotline:
            yield Line(tongue(f"电话：{self.hotline}。", f"Telephone: {self.hotline}."))
        if self.desks:
            head = (
                tongue("网点", "Desk"),
                tongue("地址", "Address"),
                tongue("电话", "Telephone"),
                tongue("时间", "Hours"),
            )
            rows = [(one.name, one.address, one.phone, one.hours) for one in self.desks]
            kept = [at for at in range(len(head)) if at == 0 or any(row[at] for row in rows)]
            yield Facts(
                tongue("服务网点", "Desks"),
                tuple(head[at] for at in kept),
                tuple(tuple(row[at] for at in kept) for row in rows),
            )
        else:
            yield Line(
                tongue(
                    "网点和电话由本地填写：________________",
                    "Desk and telephone, filled in locally: ________________",
                )
            )

    def objection(self) -> Iterator[Block]:
        tongue = self.sentences.tongue
        yield Line(
            tongue(
                "先问：拿着这份指南到网点，请他们把每一步怎么算、依据哪一条讲给您听。",
                "First ask: take this guide to a desk and have every step and clause explained.",
            )
        )
        yield from self.timing.clocks(until=("noticed", "answered"))
        yield Line(
            tongue(
                "还是不同意，可以要求换一个人复核；也可以依法申请仲裁或者到法院起诉。",
                "If you still disagree, ask for a review by another person, or go to arbitration or court.",
            )
        )

    def open_questions(self) -> Iterator[Block]:
        tongue = self.sentences.tongue
        for question in self.version.events.questions.values():
            if question.decided is None:
                yield self.sentences.open(
                    tongue(question.asks, question.asks_en or question.asks), question.clause
                )


def _turns_on(condition: Condition, questions: set[str]) -> bool:
    if isinstance(condition, Answered):
        return condition.question in questions
    if isinstance(condition, Not):
        return _turns_on(condition.part, questions)
    return isinstance(condition, All | AnyOf) and any(_turns_on(part, questions) for part in condition.parts)
