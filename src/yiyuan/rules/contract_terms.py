"""Terms of the contract (合同条款): who pays in, who carries, what is set aside, papers and filing.

In: nothing; `scheme_file` builds them from a scheme file. Out:
immutable values, each with its clause. The form: `docs/schemes/language.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yiyuan.rules.events.amounts import Amount
from yiyuan.rules.events.conditions import Condition
from yiyuan.rules.events.facts import Fact

COUNTY, TOWNSHIP, SCHEME = "county", "township", "scheme"
PER = (COUNTY, TOWNSHIP, SCHEME)  # how often a part of the premium falls due: for each of them
BUDGET, HOUSEHOLD = "budget", "household"
PAID_BY = (BUDGET, HOUSEHOLD)
TOTAL, REST = "total", "rest"
PREMIUM, SURPLUS = "premium", "surplus"
REFUSE = "refuse"
LATE = ("question", REFUSE)


@dataclass(frozen=True, slots=True)
class PremiumPart:
    """A part of the premium: an amount for each county or township, or once for the whole scheme.

    `paid_by` is a budget, whose payers share it, or the household itself; a voluntary part is paid by those
    who chose it.
    """

    name: str
    name_zh: str
    name_en: str
    amount: Amount
    per: str
    paid_by: str
    voluntary: bool
    when: Condition | None
    clause: str


@dataclass(frozen=True, slots=True)
class Payer:
    """One who pays: a share of the total, of the rest, of a part or of another amount; a sum; or the rest.

    Exactly one of `share_bp` and `amount` is given, none where `takes_rest`. `base` is what the share is of:
    `total`, `rest`, the name of a part, or None for `base_amount`.
    """

    payer: str
    name_zh: str
    name_en: str
    when: Condition | None
    share_bp: int | None
    base: str | None
    base_amount: Amount | None
    amount: Amount | None
    at_most_fen: int | None
    takes_rest: bool
    clause: str


@dataclass(frozen=True, slots=True)
class Instalment:
    """A share of the premium and the month and day on which it is due."""

    share_bp: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that one payer gives in all (预算上限), in fen."""

    payer: str
    limit_fen: int
    clause: str


@dataclass(frozen=True, slots=True)
class PremiumTerms:
    """The premium: its parts, who pays them, when, and up to where.

    `rate_fen_per_person_year` is the rate of a scheme that says one instead of parts, None where it has
    parts of its own; `facts` are those that may be said of a county.
    """

    rate_fen_per_person_year: int | None
    clause: str
    parts: tuple[PremiumPart, ...] = ()
    payers: tuple[Payer, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Insurer:
    """An insurer and its share; without counties it carries those that no other insurer names."""

    name: str
    name_zh: str
    name_en: str
    share_bp: int
    lead: bool
    counties: frozenset[str]


@dataclass(frozen=True, slots=True)
class Insurers:
    """Who carries the risk (承保人): one, several with a lead, or different ones by county."""

    rows: tuple[Insurer, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class RiskBand:
    """Who bears what of the losses in [from_bp, below_bp) of the premium, in basis points of the band."""

    from_bp: int
    below_bp: int | None
    shares: tuple[tuple[str, int], ...]
    clause: str


@dataclass(frozen=True, slots=True)
class RiskSharing:
    """How city and insurers share good and bad years (风险共担), by loss ratio."""

    bands: tuple[RiskBand, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Reserve:
    """What is set aside (风险准备金): a share of the premium or of the surplus, up to a ceiling."""

    share_bp: int
    of: str
    limit_fen: int | None
    clause: str


@dataclass(frozen=True, slots=True)
class Filing:
    """Until when a claim must be filed: so many days, months or years from a date fact."""

    unit: str
    within: int
    from_fact: str
    late: str
    liabilities: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper, or `any_of` so many of several, and when it is asked for; empty narrowings hold for all."""

    names: tuple[str, ...]
    names_en: tuple[str, ...]
    any_of: int
    liabilities: tuple[str, ...]
    benefits: tuple[str, ...]
    kinds: tuple[str, ...]
    when: Condition | None
    held_by_register: bool
    clause: str
