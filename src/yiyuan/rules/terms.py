"""The terms of a scheme version (方案条款): the law as frozen values, each with the clause it rests on.

In: nothing; `loading.load_scheme` builds them from a scheme file. Out: immutable values; money in fen, rates
in basis points, periods half-open. `assumed` names where a value comes from that no source gives. What ends
in `_en` is the English of the words beside it, None (or empty) where the scheme has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yiyuan.kernel.period import Period

if TYPE_CHECKING:
    from yiyuan.rules.event_terms import EventTerms

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
SETTLEMENT_AMOUNTS = ("inscp_scp_amt_fen", *SETTLEMENT_PAYERS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clause stands in its source."""

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
    """A county of the scheme's area, its tile on the map and its registered head count by default."""

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
    """A payment clock (时限) from the day the papers are complete, that day not counted.

    Either `calendar_days`, the last moved to the next working day if it is none, or `working_days`. It runs
    for the named liabilities, for amounts in [from_fen, below_fen).
    """

    name: str
    liabilities: tuple[str, ...]
    from_fen: int
    below_fen: int | None
    calendar_days: int | None
    working_days: int | None
    clause: str


@dataclass(frozen=True, slots=True)
class PremiumTerms:
    """The premium: a rate in fen for each registered person and year."""

    rate_fen_per_person_year: int
    clause: str


@dataclass(frozen=True, slots=True)
class SchemeVersion:
    """A version of a scheme in force over `valid`; `sha256` is that of the file's bytes."""

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
    medical: MedicalTerms
    reason_clauses: Mapping[str, str]
    clocks: tuple[Clock, ...]
    premium: PremiumTerms
    events: "EventTerms"
    sha256: str
