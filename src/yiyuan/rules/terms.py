"""The terms of a scheme version (方案条款): the law as frozen values, each with the clause it rests on.

In: nothing; `loading.load_scheme` builds them from a scheme file. Out: immutable values; money in fen, rates
in basis points, periods half-open. `assumed` names where a value comes from that no source gives. What ends
in `_en` is the English of the words beside it, None (or empty) where the scheme has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.period import Period

if TYPE_CHECKING:
    from yiyuan.rules.contract_terms import Filing, Insurers, Paper, PremiumTerms, Reserve, RiskSharing
    from yiyuan.rules.events.facts import Value
    from yiyuan.rules.events.terms import EventTerms

# The amount columns of a settlement: the eligible expense, and what each public payer has paid.
SETTLEMENT_PAYERS = (
    "hifp_pay_fen",
    "cvlserv_pay_fen",
    "hifes_pay_fen",
    "hifmi_pay_fen",
    "hifob_pay_fen",
    "maf_pay_fen",
    "oth_pay_fen",
)
PAPERS_COMPLETE, PAID = (
    "papers_complete",
    "paid",
)  # what a clock runs from and until, unless it says otherwise
SETTLEMENT_AMOUNTS = ("inscp_scp_amt_fen", *SETTLEMENT_PAYERS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clause stands in its source; `part` and `item` are empty where the source has none."""

    document: str
    part: str
    item: str


@dataclass(frozen=True, slots=True)
class Source:
    """A published text; `kind` says how good it is: mandate, gazette, contract or press."""

    id: str
    title: str
    kind: str
    publisher: str
    publisher_en: str | None
    url: str
    read_on: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause (条款) restated in our own words."""

    id: str
    text: str
    text_en: str
    source: str | None
    place: Place | None
    place_en: str | None
    reading: str | None
    reading_en: str | None
    assumed: str | None
    assumed_en: str | None


@dataclass(frozen=True, slots=True)
class County:
    """A county of the scheme's area, its tile on the map and its registered head count by default.

    `facts` are what the plan itself says of it, such as its class; what is reported later goes before them.
    """

    code: str
    name_zh: str
    tile_column: int | None
    tile_row: int | None
    registered_persons: int | None
    registered_year: int | None
    payer: str
    confidence: str
    clause: str
    assumed: str | None
    assumed_en: str | None
    facts: "Mapping[str, Value]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A hardship group (困难群体); the order in the scheme decides which one names a case."""

    code: str
    name_zh: str
    name_en: str
    clause: str


@dataclass(frozen=True, slots=True)
class Disease:
    """A listed disease (病种), known by diagnosis code prefixes with dots, case and blanks taken off."""

    code: str
    name_zh: str
    name_en: str
    prefixes: tuple[str, ...]
    exclude_prefixes: tuple[str, ...]
    max_age: int | None
    sex: str | None
    needs_proof: bool
    confidence: str
    clause: str
    assumed: str | None
    assumed_en: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that is paid (限额) under a name, in fen."""

    name: str
    limit_fen: int
    clause: str
    assumed: str | None
    assumed_en: str | None


@dataclass(frozen=True, slots=True)
class Liability:
    """One of the scheme's liabilities (保险责任)."""

    code: str
    cause: str
    name_zh: str
    name_en: str
    trigger: str
    trigger_en: str | None
    limits: tuple[Limit, ...]
    documents: tuple[str, ...]
    documents_en: tuple[str, ...]
    certifying_bodies: tuple[str, ...]
    certifying_bodies_en: tuple[str, ...]
    clause: str
    assumed: str | None
    assumed_en: str | None


@dataclass(frozen=True, slots=True)
class Tier:
    """Amounts in [from_fen, below_fen) are paid a share (`rate_bp`) or a fixed sum (`fixed_fen`)."""

    from_fen: int
    below_fen: int | None
    rate_bp: int | None
    fixed_fen: int | None
    clause: str


@dataclass(frozen=True, slots=True)
class Band:
    """The part of an amount that lies in [from_fen, below_fen) is paid a share."""

    from_fen: int
    below_fen: int | None
    rate_bp: int
    clause: str


@dataclass(frozen=True, slots=True)
class TierReading:
    """A reading (释义) in which the tier of the whole amount decides."""

    name: str
    name_zh: str
    name_en: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class BandReading:
    """A reading (释义) in which every band pays its share, and a limit closes the sum."""

    name: str
    name_zh: str
    name_en: str
    bands: tuple[Band, ...]
    limit: Limit


Reading = TierReading | BandReading


@dataclass(frozen=True, slots=True)
class MedicalTerms:
    """The medical benefit: what is left to the person, and the readings of what is paid on it."""

    liability: str
    eligible: str
    payers: tuple[str, ...]
    residual_clause: str
    readings: Mapping[str, Reading]
    default_reading: str

    def reading(self, name: str | None = None) -> Reading:
        """Return the named reading, or the one in force.

        :raises KeyError: when the scheme has no such reading.
        """
        return self.readings[name or self.default_reading]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock (时限): what must have been done so long after something happened.

    It runs from the day of `starts`, that day not counted, until what `until` names is done: one of
    `minutes`, `calendar_days` (0: the same day; the last moved to the next working day if it is none) or
    `working_days`. It holds for the named liabilities and benefits, for all where none is named, and for
    amounts in [from_fen, below_fen).
    """

    name: str
    liabilities: tuple[str, ...]
    from_fen: int
    below_fen: int | None
    calendar_days: int | None
    working_days: int | None
    clause: str
    benefits: tuple[str, ...] = ()
    starts: str = PAPERS_COMPLETE
    until: str = PAID
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A version of a scheme in force over `valid`; `sha256` is that of the file and all it takes over.

    A scheme without the top-up decided settlement by settlement has no `medical`, groups, diseases or
    reasons; one that does not say who pays in has no `premium`. `files` are those it takes over, beside its
    own.
    """

    id: str
    version: str
    title: str
    title_en: str
    valid: Period
    clauses: Mapping[str, Clause]
    sources: Mapping[str, Source]
    counties: tuple[County, ...]
    pool_excluded: frozenset[str]
    groups: tuple[Group, ...]
    diseases: tuple[Disease, ...]
    liabilities: tuple[Liability, ...]
    medical: MedicalTerms | None
    reason_clauses: Mapping[str, str]
    clocks: tuple[Clock, ...]
    premium: "PremiumTerms | None"
    events: "EventTerms"
    sha256: str
    insurers: "Insurers | None" = None
    risk_sharing: "RiskSharing | None" = None
    reserve: "Reserve | None" = None
    call_back_from_fen: int | None = None
    """From which amount of one payment a call back is noted before it goes out; None where silent."""
    filing: "tuple[Filing, ...]" = ()
    papers: "tuple[Paper, ...]" = ()
    files: tuple[str, ...] = ()

    @property
    def top_up(self) -> MedicalTerms:
        """The medical benefit decided settlement by settlement.

        :raises SchemeError: when the scheme has none.
        """
        if self.medical is None:
            raise SchemeError(f"这个方案（{self.title}）没有按结算逐笔核定的医疗保障")
        return self.medical
