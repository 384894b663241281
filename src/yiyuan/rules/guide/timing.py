"""How long it takes (多久到账), until when to claim (最晚哪天申请): clocks in words, days counted out.

In: a scheme version, a calendar. Out: blocks; every day is counted by the rules that count it for a claim.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from yiyuan.kernel.workdays import WorkingCalendar
from yiyuan.rules.contract_terms import REFUSE, Filing
from yiyuan.rules.deadlines import due_date, fitting_clock
from yiyuan.rules.filing import last_day_to_file
from yiyuan.rules.guide.model import Block, Line
from yiyuan.rules.guide.sentences import Sentences
from yiyuan.rules.guide.wording import Wording
from yiyuan.rules.terms import Clock, SchemeVersion

_STARTS = {
    "papers_complete": ("材料齐全以后", "complete papers"),
    "reported": ("报案以后", "the report"),
    "filed": ("申请以后", "filing"),
    "assessed": ("核定以后", "the assessment"),
    "agreed": ("谈妥以后", "agreement"),
    "decided": ("作出决定以后", "the decision"),
    "confirmed": ("确认以后", "confirmation"),
}
_UNTILS = {
    "paid": ("钱到账", "the money is paid"),
    "assessed": ("核定完", "the claim is assessed"),
    "answered": ("答复您", "you are answered"),
    "noticed": ("不赔的，书面告诉您为什么", "a refusal is given in writing, with its reasons"),
    "surveyed": ("有人到现场查看", "somebody looks at the place"),
    "visited": ("有人上门", "somebody visits you"),
    "advanced": ("能确定的部分先付给您", "what is certain is paid in advance"),
}
_UNITS = {"days": ("天", "days"), "months": ("个月", "months"), "years": ("年", "years")}
NINE = time(9, 0)


@dataclass(frozen=True, slots=True)
class Timing:
    """Says the scheme's clocks and filing terms; `on` is the day the examples start from."""

    version: SchemeVersion
    calendar: WorkingCalendar
    wording: Wording
    sentences: Sentences
    on: date

    def clocks(self, *, until: Sequence[str] | None = None) -> Iterator[Line]:
        """Yield each clock that can ever count, with a day counted out."""
        for clock in self.version.clocks:
            if self._counts(clock) and (until is None or clock.until in until):
                yield self._clock(clock)

    def filing(self) -> Iterator[Block]:
        """Yield until when a claim is filed."""
        tongue = self.sentences.tongue
        for term in self.version.filing:
            yield self._filing(term)
        if not self.version.filing:
            text = tongue(
                "方案没有写最晚哪天申请。出了事尽早来。", "No last day is set. Come as early as you can."
            )
            yield self.sentences.open(text)

    def _counts(self, clock: Clock) -> bool:
        codes = clock.liabilities or tuple(one.code for one in self.version.liabilities)
        benefits: tuple[str | None, ...] = clock.benefits or (None,)
        return any(
            fitting_clock(self.version.clocks, code, clock.from_fen, benefit, until=clock.until) is clock
            for code in codes
            for benefit in benefits
        )

    def _clock(self, clock: Clock) -> Line:
        tongue = self.sentences.tongue
        due = due_date(clock, self.on, self.calendar, datetime.combine(self.on, NINE))
        starts, until = _STARTS[clock.starts], _UNTILS[clock.until]
        whom, span = self._whom(clock), tongue.stretch(clock.from_fen, clock.below_fen)
        head = tongue("，", ", ").join(filter(None, (whom, span)))
        start, last = tongue.day(self.on), tongue.day(due.due_on)
        if due.due_at is not None:
            start, last = f"{start} 9:00", f"{last} {due.due_at:%H:%M}"
        provisional = (
            tongue("（那年的放假安排还没公布，先这样算）", " (holidays of that year not published yet)")
            if due.provisional
            else ""
        )
        text = tongue(
            f"{head + '：' if head else ''}{starts[0]}{self._length(clock)}，{until[0]}。"
            f"例如 {start}算起，最晚 {last}{provisional}。",
            f"{head + ': ' if head else ''}within {self._length(clock)} of {starts[1]}, {until[1]}. "
            f"From {start}: by {last}{provisional}.",
        )
        return self.sentences.line(text, clock.clause)

    def _whom(self, clock: Clock) -> str:
        tongue = self.sentences.tongue
        benefits = [tongue.name(one) for one in self.version.events.benefits if one.name in clock.benefits]
        return tongue.listed([self.sentences.causes(clock.liabilities), *benefits])

    def _length(self, clock: Clock) -> str:
        tongue = self.sentences.tongue
        if clock.minutes is not None:
            return tongue(f" {clock.minutes} 分钟内", f"{clock.minutes} minutes")
        if clock.working_days is not None:
            return tongue(f" {clock.working_days} 个工作日内", f"{clock.working_days} working days")
        if not clock.calendar_days:
            return tongue("当天（遇休息日顺延）", "the same day (a day off moves it on)")
        return tongue(
            f" {clock.calendar_days} 天内（遇休息日顺延）",
            f"{clock.calendar_days} days (a day off moves it on)",
        )

    def _filing(self, term: Filing) -> Line:
        tongue = self.sentences.tongue
        facts = self.wording.facts
        since = (
            self.wording.fact(facts[term.from_fact])[0]
            if term.from_fact in facts
            else tongue("出险日", "the date of loss")
        )
        names = self.sentences.causes(term.liabilities)
        unit = tongue(*_UNITS[term.unit])
        first, last = tongue.day(self.on), tongue.day(last_day_to_file(term, self.on))
        late = (
            tongue("过了这一天，方案写明不赔。", "After that the scheme pays nothing.")
            if term.late == REFUSE
            else tongue(
                "晚了也可以来申请，由人来核定，不会只因为晚就不赔。",
                "Late claims are looked at by a person and not refused for that alone.",
            )
        )
        head = tongue(f"{names}：", f"{names}: ") if names else ""
        text = tongue(
            f"{head}从{since}算，{term.within} {unit}内申请。例如 {first}算起，最晚 {last}。{late}",
            f"{head}file within {term.within} {unit} of {since}. From {first}: by {last}. {late}",
        )
        return self.sentences.line(text, term.clause)
