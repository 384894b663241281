"""Terms of events (事故保障的条款): who is covered, what is paid, up to where, and what the text leaves open.

In: nothing; `scheme_file.events` builds them from a file. Out: immutable values, each with its clause. The
form: `docs/schemes/language.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yiyuan.rules.events.amounts import Amount
from yiyuan.rules.events.conditions import Answered, Condition
from yiyuan.rules.events.facts import COUNTY, EVENT, HOUSEHOLD, PERSON, Fact

KINDS = ("death", "disability", "medical", "funeral", "property", "act", "allowance", "service", "other")
PAYEES = ("victim", "heirs", "household", "guardian", "provider", "village", "township", "civil_affairs")
SCHEME = "scheme"
HOLDERS = (PERSON, HOUSEHOLD, COUNTY, EVENT, SCHEME)  # whose limit it is
SPANS = ("event", "year", "term", "admission", "life")
PRO_RATA, IN_ORDER = "pro_rata", "in_order"
HIGHEST, FIRST, ADD = "highest", "first", "add"


@dataclass(frozen=True, slots=True)
class Question:
    """What the text leaves open (待定问题), the answers it allows, and the one in force, if any."""

    name: str
    asks: str
    asks_en: str
    options: Mapping[str, str]
    decided: str | None
    reading: str | None
    reading_en: str | None
    clause: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Who is covered (保障对象): persons or households that fulfil a condition."""

    name: str
    name_zh: str
    name_en: str
    of: str
    when: Condition
    clause: str
    assumed: str | None


@dataclass(frozen=True, slots=True)
class CauseTerms:
    """What a liability asks of a victim beside its cause: a condition, and which covers count."""

    when: Condition | None
    cover: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What is never paid (责任免除); without liabilities or benefits it holds for all."""

    name: str
    name_zh: str
    name_en: str
    when: Condition
    liabilities: frozenset[str]
    benefits: frozenset[str]
    clause: str
    assumed: str | None


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit (赔付项目): for whom, for which causes, when, how much, up to which limits."""

    name: str
    name_zh: str
    name_en: str
    kind: str
    of: str
    liabilities: tuple[str, ...]
    cover: tuple[str, ...] | None
    claimed_with: tuple[str, ...]
    when: Condition | None
    amount: Amount
    limits: frozenset[str]
    payee: str
    clause: str
    assumed: str | None


@dataclass(frozen=True, slots=True)
class Inside:
    """A limit that another one's payments also count against, always or under some answers."""

    limit: str
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class RunningLimit:
    """A limit that claims consume (累计限额): whose it is, what it runs over, how an excess is shared out.

    `sharing` is how, `sharing_question` the question whose answer says how; neither where it is one victim's.
    """

    name: str
    name_zh: str
    name_en: str
    per: str
    over: str
    amount: Amount
    when: Condition | None
    liabilities: frozenset[str]
    inside: tuple[Inside, ...]
    added_to: tuple[str, ...]
    sharing: str | None
    sharing_question: str | None
    clause: str
    assumed: str | None


@dataclass(frozen=True, slots=True)
class Combination:
    """How benefits of one victim stand to each other."""

    benefits: tuple[str, ...]
    rule: str
    clause: str


@dataclass(frozen=True, slots=True)
class SeveralCauses:
    """Which of several causes pays; `order` lists causes, the first of them first."""

    rule: str
    order: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class EventTerms:
    """All that a scheme says about events, beside its liabilities."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    cover: Mapping[str, Cover] = field(default_factory=dict)
    causes: Mapping[str, CauseTerms] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    limits: tuple[RunningLimit, ...] = ()
    combine: tuple[Combination, ...] = ()
    several_causes: SeveralCauses | None = None

    def answers(self) -> dict[str, str]:
        """Return the answers in force, by question."""
        return {one.name: one.decided for one in self.questions.values() if one.decided is not None}
