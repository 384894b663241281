"""What a small world should be (小世界的模型): a few people, their lists, stays, claims and money, in memory.

In: events, one by one. Out: the state in which everything ought to be. No database, no clock, no product.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from tests.year.rules import Bill, Outcome, Span, first_group, outcome_of

LIST_GROUP = "subsistence_allowance"
BEFORE_PAYMENT = ("lodged", "awaiting_documents", "assessed", "approved")
# (state, verb) → the state it leads to. A word of the desk's, of an assessor's or of an approver's.
MOVES = {
    ("lodged", "assess"): "assessed",
    ("lodged", "request_documents"): "awaiting_documents",
    ("lodged", "withdraw"): "withdrawn",
    ("awaiting_documents", "receive_documents"): "lodged",
    ("awaiting_documents", "withdraw"): "withdrawn",
    ("assessed", "return_for_assessment"): "lodged",
    ("assessed", "approve"): "approved",
    ("assessed", "decline"): "declined",
    ("declined", "appeal"): "appealed",
    ("declined", "close"): "closed",
    ("appealed", "return_for_assessment"): "lodged",
    ("appealed", "close"): "closed",
    ("paid", "close"): "closed",
}


@dataclass
class Period:
    """A row of a register: who is in which group from when to when, and which import said so."""

    person: int
    span: Span
    job: str
    corrected_by: str = ""


@dataclass
class Stay:
    """A settlement as a file brought it."""

    person: int
    bill: Bill
    job: str


@dataclass
class Proposal:
    """What the last screening that saw the stay has left."""

    state: str
    outcome: Outcome
    group: str
    facts: object = None


@dataclass
class Question:
    state: str
    now: Outcome
    job: str = ""


@dataclass
class Recovery:
    facts: object
    state: str = "open"
    waiver_by: str = ""


@dataclass
class Order:
    state: str
    batch: str


@dataclass
class Claim:
    """A claim with its frozen decision and everything its money did."""

    setl: str
    person: int
    decided: Outcome
    is_proof_seen: bool
    rests_on: frozenset[str]
    account: str
    state: str
    has_note: bool = False
    assessed_by: str = ""
    declined_by: str = ""
    is_asked_for_papers: bool = False
    is_recovered: bool = False
    orders: list[Order] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)

    @property
    def living(self) -> Order | None:
        return next((o for o in self.orders if o.state in ("reserved", "sent", "paid")), None)

    @property
    def is_paid(self) -> bool:
        return any(order.state == "paid" for order in self.orders)

    @property
    def open_question(self) -> Question | None:
        return next((q for q in self.questions if q.state == "open"), None)

    @property
    def open_recovery(self) -> Recovery | None:
        return next((r for r in self.recoveries if r.state == "open"), None)

    @property
    def can_be_ordered(self) -> bool:
        return (
            self.state == "approved"
            and bool(self.account)
            and self.open_question is None
            and self.living is None
            and "returned" not in self.unheard
        )

    @property
    def is_asked_about(self) -> bool:
        """Whether a lost ground matters: it may still be paid, or has been and is not back."""
        if self.is_recovered:
            return False
        return self.state in (*BEFORE_PAYMENT, "paid") or (self.state == "closed" and self.is_paid)


@dataclass
class World:
    """A few people of the city, numbered from 0; everything is named by words that are the world's own."""

    people: int
    periods: list[Period] = field(default_factory=list)
    stays: dict[str, Stay] = field(default_factory=dict)
    reversals: dict[str, tuple[str, str]] = field(default_factory=dict)
    claimed: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    former: list[Claim] = field(default_factory=list)
    dead: set[int] = field(default_factory=set)

    @property
    def all_claims(self) -> list[Claim]:
        """Every claim, those first that ended and left their settlement to be claimed again."""
        return [*self.former, *self.claims.values()]

    # What is known

    def in_force(self, person: int) -> list[Period]:
        return [p for p in self.periods if p.person == person and not p.corrected_by]

    def spans(self, person: int) -> list[Span]:
        return [period.span for period in self.in_force(person)]

    def held(self, person: int, group: str) -> Period | None:
        """Return the period of a group that began last, which is the one a whole list speaks of."""
        found = [p for p in self.in_force(person) if p.span.group == group]
        return max(found, key=lambda p: p.span.from_on, default=None)

    def is_reversed(self, setl: str) -> bool:
        return any(of == setl for of, _ in self.reversals.values())

    def outcome(self, setl: str, *, is_proof_seen: bool = False) -> Outcome:
        stay = self.stays[setl]
        return outcome_of(
            stay.bill,
            self.spans(stay.person),
            is_reversed=self.is_reversed(setl),
            is_claimed=setl in self.claimed,
            is_proof_seen=is_proof_seen,
        )

    def facts(self, setl: str) -> object:
        """Return what a decision on a stay rests on."""
        stay = self.stays[setl]
        day = stay.bill.admitted_on
        spans = frozenset(span for span in self.spans(stay.person) if span.holds_on(day))
        return (stay.bill, self.is_reversed(setl), setl in self.claimed, spans)

    def accounts_of(self, person: int) -> list[str]:
        """Return a person's accounts, the social security card first, then as they came."""
        mine = [name for name, (owner, _, _) in self.accounts.items() if owner == person]
        return sorted(mine, key=lambda name: self.accounts[name][1] != "social_card")

    # Files

    def record_period(self, person: int, span: Span, job: str) -> None:
        """A register names a period: the same start with another end corrects, anything else adds."""
        for period in self.in_force(person):
            same_start = (period.span.group, period.span.from_on) == (span.group, span.from_on)
            if same_start and period.span.to_on == span.to_on:
                return
            if same_start:
                period.corrected_by = job
        self.periods.append(Period(person, span, job))

    def record_stay(self, setl: str, stay: Stay) -> None:
        self.stays.setdefault(setl, stay)

    def compare_list(self, listed: dict[int, Span], month: date) -> list[tuple[str, int, Period | None]]:
        """Return (kind, person, the period it speaks of) of a whole list; asked before it is recorded."""
        found: list[tuple[str, int, Period | None]] = []
        for person in range(self.people):
            held, row = self.held(person, LIST_GROUP), listed.get(person)
            if row is None:
                if (
                    held
                    and held.span.from_on < month
                    and (held.span.to_on is None or held.span.to_on > month)
                ):
                    found.append(("left", person, held))
            elif held is None or (held.span.to_on is not None and held.span.to_on <= row.from_on):
                found.append(("joined", person, held))
            elif held.span != row:
                found.append(("changed", person, held))
        return found

    def apply_list(
        self, changes: list[tuple[str, int, Period | None]], listed: dict[int, Span], month: date, job: str
    ) -> int:
        """End those who left on the first of the month, put aside periods that got another start."""
        ended = 0
        for kind, person, period in changes:
            if period is None or period.corrected_by:
                continue
            span = period.span
            if kind == "left" and span.from_on < month and (span.to_on is None or span.to_on > month):
                period.corrected_by = job
                self.periods.append(Period(person, replace(span, to_on=month), job))
                ended += 1
            elif kind == "changed" and listed[person].from_on != span.from_on:
                period.corrected_by = job
        return ended

    # Taking an import back

    def obstacles(self, job: str) -> dict[str, int]:
        """Return what rests on an import, as counts by why; nothing where it may be taken back."""
        settled = {setl for setl, stay in self.stays.items() if stay.job == job}
        return {
            "corrected_since": sum(p.job == job and p.corrected_by not in ("", job) for p in self.periods),
            "decided": sum(job in claim.rests_on for claim in self.all_claims),
            "paid_to": sum(
                claim.account in self.accounts and self.accounts[claim.account][2] == job
                for claim in self.all_claims
            ),
            "declined": sum(
                self.proposals[setl].state in ("confirmed", "declined")
                for setl in settled
                if setl in self.proposals
            ),
            "answered": sum(
                question.job == job and question.state in ("withdrawn", "recovery")
                for claim in self.all_claims
                for question in claim.questions
            ),
        }

    def undo(self, job: str) -> None:
        for setl in [setl for setl, stay in self.stays.items() if stay.job == job]:
            proposal = self.proposals.get(setl)
            if proposal and proposal.state == "open":
                proposal.state = "lapsed"
            del self.stays[setl]
        self.reversals = {s: (of, j) for s, (of, j) in self.reversals.items() if j != job}
        self.claimed = {setl: j for setl, j in self.claimed.items() if j != job}
        self.accounts = {name: one for name, one in self.accounts.items() if one[2] != job}
        self.periods = [period for period in self.periods if period.job != job]
        for period in [period for period in self.periods if period.corrected_by == job]:
            start = (period.span.group, period.span.from_on)
            if start not in {(s.group, s.from_on) for s in self.spans(period.person)}:
                period.corrected_by = ""

    # Screening and questions

    def screen(self) -> dict[str, str]:
        """Screen all stays; return what became of each that changed."""
        changes: dict[str, str] = {}
        for setl, stay in self.stays.items():
            if not self.in_force(stay.person):
                continue
            found = self.outcome(setl)
            if found.outcome in ("entitled", "undetermined"):
                self._propose(setl, stay, found, changes)
        for setl, proposal in self.proposals.items():
            if proposal.state == "open" and not self._is_found(setl):
                proposal.state = "lapsed"
                changes[setl] = "gone"
        return changes

    def _is_found(self, setl: str) -> bool:
        stay = self.stays.get(setl)
        return (
            stay is not None
            and bool(self.in_force(stay.person))
            and self.outcome(setl).outcome != "not_entitled"
        )

    def _propose(self, setl: str, stay: Stay, found: Outcome, changes: dict[str, str]) -> None:
        old = self.proposals.get(setl)
        group = first_group(self.spans(stay.person), stay.bill.admitted_on)
        if old is not None and old.state == "confirmed":
            return
        if old is not None and old.state == "declined":
            if old.facts == self.facts(setl):
                return
            changes[setl] = "reopened"
        elif old is None or old.state == "lapsed":
            changes[setl] = "new"
        elif old.outcome != found:
            changes[setl] = "changed"
        self.proposals[setl] = Proposal("open", found, group)

    def end_unpaid(self, claim: Claim, facts: object) -> None:
        """Let a settlement wait until a fact changes on which a person ended its claim without money."""
        proposal = self.proposals[claim.setl]
        proposal.state, proposal.facts = "declined", facts

    def compare(self, job: str = "") -> None:
        """Ask about every claim that would come out otherwise now, because of what an import has brought."""
        for claim in self.all_claims:
            if claim.is_asked_about:
                self._compare(claim, self.outcome(claim.setl, is_proof_seen=claim.is_proof_seen), job)

    def _compare(self, claim: Claim, now: Outcome, job: str) -> None:
        asked = claim.open_question
        is_same = (now.outcome, now.benefit_fen) == (claim.decided.outcome, claim.decided.benefit_fen)
        if asked is not None:
            if is_same:
                asked.state = "lapsed"
            else:
                asked.now = now
            return
        last = claim.questions[-1] if claim.questions else None
        is_answered = last is not None and last.state in ("kept", "recovery") and last.now == now
        if not is_same and not is_answered:
            claim.questions.append(Question("open", now, job))

    # Money

    def money(self) -> Iterator[tuple[str, int]]:
        """Yield (where it stands, fen) of every claim's money."""
        for claim in self.all_claims:
            fen = claim.decided.benefit_fen
            if claim.state in ("approved", "paid") or (claim.state == "closed" and claim.is_paid):
                yield "approved", fen
                if any(order.state == "paid" for order in claim.orders):
                    yield "paid", fen
                elif any(order.state == "sent" for order in claim.orders):
                    yield "in_flight", fen
                elif any(order.state == "returned" for order in claim.orders):
                    yield "returned", fen
            for recovery in claim.recoveries:
                if recovery.state != "waived":
                    yield {"open": "receivable", "repaid": "repaid"}[recovery.state], fen
