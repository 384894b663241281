"""Reading people, their status, accounts and settlements (参保登记查询)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, JSONField, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from yiyuan.apps.accounts.scoping import within
from yiyuan.apps.readings import once_a_page
from yiyuan.apps.registry.models import (
    Account,
    City,
    ClaimedSettlement,
    Division,
    HardshipStatus,
    HeadCount,
    Household,
    Person,
    Reversal,
    Settlement,
)
from yiyuan.apps.registry.tallies import (
    ACCOUNTS,
    HOUSEHOLDS,
    PEOPLE,
    SETTLEMENTS,
    STATUSES,
    sum_tallies,
)
from yiyuan.apps.rows import IsAmong
from yiyuan.kernel.identity import mask_id_number
from yiyuan.kernel.scope import Scope

SOCIAL_CARD = "social_card"
SEARCH_LIMIT = 50
AMOUNT_COLUMNS = (
    "medfee_sumamt_fen",
    "inscp_scp_amt_fen",
    "hifp_pay_fen",
    "cvlserv_pay_fen",
    "hifes_pay_fen",
    "hifmi_pay_fen",
    "hifob_pay_fen",
    "maf_pay_fen",
    "oth_pay_fen",
)

# Read with the city, which every page and every decision asks for anyway.
RENAMED = RawSQL(
    "(SELECT jsonb_object_agg(old_code, new_code) FROM accounts_codechange)",
    [],
    output_field=JSONField(),
)


@dataclass(frozen=True, slots=True)
class CityView:
    """The one city: its scheme, and the business date that every clock reads where one is set.

    `renamed` is old county code → the one that holds now; `told` what else was asked for with it, by name.
    """

    name: str
    scheme: str
    business_on: date | None
    is_synthetic: bool
    renamed: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as pages show them: the identity number is masked already."""

    id: int
    name: str
    masked_id: str
    id_tail: str
    sex: str
    birth_on: date | None
    county_code: str
    township_code: str

    def age_on(self, on: date) -> int | None:
        """Return the completed years on a day, or None where the birth date is not known."""
        if self.birth_on is None:
            return None
        before_birthday = (on.month, on.day) < (self.birth_on.month, self.birth_on.day)
        return on.year - self.birth_on.year - before_birthday


@dataclass(frozen=True, slots=True)
class SettlementFacts:
    """What the rule asks of a settlement, and where it came from; an amount that is not there is unknown."""

    setl_id: str
    person_id: int
    county_code: str
    hospital_code: str
    birth_on: date | None
    sex: str | None
    admitted_on: date | None
    discharged_on: date | None
    settled_on: date | None
    diagnosis_code: str | None
    amounts_fen: Mapping[str, int]
    is_reversed: bool
    is_claimed: bool
    import_job_id: int
    source_row: int

    def as_json(self) -> dict[str, object]:
        """Return the facts as plain values for the frozen decision."""
        days = {
            name: day.isoformat() if (day := getattr(self, name)) else None
            for name in ("birth_on", "admitted_on", "discharged_on", "settled_on")
        }
        plain = ("setl_id", "county_code", "hospital_code", "sex", "diagnosis_code", "is_reversed")
        return {
            **{name: getattr(self, name) for name in (*plain, "is_claimed", "import_job_id", "source_row")},
            **days,
            "amounts_fen": dict(self.amounts_fen),
        }


@dataclass(frozen=True, slots=True)
class SettlementView:
    """One settlement as a person's page lists it; amounts in fen, unknown ones None."""

    setl_id: str
    admitted_on: date | None
    discharged_on: date | None
    settled_on: date | None
    total_fen: int | None
    eligible_fen: int | None
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class StatusView:
    """One period in a hardship group and the import that told it."""

    group: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    import_job_id: int
    source_row: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as pages show it: the number is masked to its last four digits."""

    id: int
    person_id: int
    bank_name: str
    tail: str
    holder_name: str
    kind: str
    is_guardian: bool


@dataclass(frozen=True, slots=True)
class AccountForPayment:
    """What the bank file needs of an account, unmasked."""

    bank_name: str
    account_no: str
    account_tail: str
    holder_name: str


@once_a_page
def get_city(**also: RawSQL) -> CityView | None:
    """Return the city, or None before the first `./yiyuan run`; `also` is told with it, in the same query."""
    city = City.objects.filter(pk=1).annotate(renamed=RENAMED, **also).first()
    if city is None:
        return None
    told = {name: getattr(city, name) for name in also}
    return CityView(city.name, city.scheme, city.business_on, city.is_synthetic, city.renamed or {}, told)


def list_counties(*, scope: Scope) -> Sequence[Division]:
    """Return the counties of a scope by code; some tens at most."""
    return list(Division.objects.filter(within(scope, "code"), level=1).order_by("code"))


def list_townships() -> Sequence[Division]:
    """Return every township with its county's code, by code; some hundreds at most."""
    return list(Division.objects.filter(level=2).order_by("code")[:2000])


def get_division_names(codes: Iterable[str]) -> Mapping[str, str]:
    """Return the names of the codes that are known."""
    wanted = {code for code in codes if code}
    return dict(Division.objects.filter(IsAmong(F("pk"), wanted)).values_list("code", "name"))


def get_person(person_id: int, *, scope: Scope) -> PersonView:
    """Return one person of the scope: registered there, or insured there for a stay in hospital.

    :raises Person.DoesNotExist: nobody there has this number.
    """
    people = Person.objects.filter(pk=person_id)
    if not scope.is_city:
        stays = Settlement.objects.filter(within(scope), person_id=OuterRef("pk"))
        people = people.filter(within(scope) | Q(Exists(stays)))
    return person_view(people.get())


def get_household_id(person_id: int) -> int | None:
    """Return the number of a person's household, or None where none is known."""
    return Person.objects.values_list("household_id", flat=True).get(pk=person_id)


def get_people(person_ids: Iterable[int]) -> Mapping[int, PersonView]:
    """Return the people of these numbers, as many as a page shows; who asks may see what names them."""
    wanted = set(person_ids)
    people = Person.objects.filter(IsAmong(F("pk"), wanted)) if wanted else []
    return {person.pk: person_view(person) for person in people}


def list_statuses(person_id: int) -> Sequence[StatusView]:
    """Return a person's hardship periods as known now, oldest first."""
    rows = HardshipStatus.objects.filter(person_id=person_id, superseded_at=None).order_by("valid_from", "pk")
    return [
        StatusView(r.group, r.valid_from, r.valid_to, r.recorded_at, r.import_job_id, r.source_row)
        for r in rows
    ]


def list_accounts(person_id: int) -> Sequence[AccountView]:
    """Return the accounts that may receive money for a person, the one to use first.

    A guardian's account comes before a ward's own, the social security card before other cards.
    """
    accounts = Account.objects.filter(
        Q(guardian_of_id=person_id) | Q(person_id=person_id, guardian_of=None), superseded_at=None
    )
    ordered = sorted(accounts, key=lambda a: (a.guardian_of_id is None, a.kind != SOCIAL_CARD, a.pk))
    return [
        AccountView(
            a.pk,
            a.person_id,
            a.bank_name,
            a.account_tail,
            a.holder_name,
            a.kind,
            a.guardian_of_id is not None,
        )
        for a in ordered
    ]


def get_accounts_for_payment(account_ids: Iterable[int]) -> Mapping[int, AccountForPayment]:
    """Return what the bank needs of these accounts; read only while a batch is built."""
    rows = Account.objects.filter(IsAmong(F("pk"), set(account_ids))).values_list(
        "pk", "bank_name", "account_no", "account_tail", "holder_name"
    )
    return {
        pk: AccountForPayment(bank_name, str(account_no), tail, holder)
        for pk, bank_name, account_no, tail, holder in rows
    }


def get_settlement_facts(setl_id: str) -> SettlementFacts:
    """Return what the rule asks of one settlement, in one query.

    :raises Settlement.DoesNotExist: no file has brought this number.
    """
    cancelling = Reversal.objects.filter(setl_id=OuterRef("setl_id"))
    claimed = ClaimedSettlement.objects.filter(setl_id=OuterRef("setl_id"))
    row = Settlement.objects.annotate(is_cancelled=Exists(cancelling), is_claimed=Exists(claimed)).get(
        setl_id=setl_id
    )
    amounts = {name: getattr(row, name) for name in AMOUNT_COLUMNS}
    return SettlementFacts(
        setl_id=row.setl_id,
        person_id=row.person_id,
        county_code=row.county_code,
        hospital_code=row.hospital_code,
        birth_on=row.birth_on,
        sex=row.sex or None,
        admitted_on=row.admitted_on,
        discharged_on=row.discharged_on,
        settled_on=row.settled_on,
        diagnosis_code=row.diagnosis_code or None,
        amounts_fen={name: amount for name, amount in amounts.items() if amount is not None},
        is_reversed=row.is_cancelled or bool(row.reverses_setl_id),
        is_claimed=row.is_claimed,
        import_job_id=row.import_job_id,
        source_row=row.source_row,
    )


def list_settlements_of(person_id: int) -> Sequence[SettlementView]:
    """Return a person's settlements, the newest first, at most a page of them."""
    cancelling = Reversal.objects.filter(setl_id=OuterRef("setl_id"))
    rows = Settlement.objects.filter(person_id=person_id).annotate(is_cancelled=Exists(cancelling))
    return [
        SettlementView(
            setl_id=row.setl_id,
            admitted_on=row.admitted_on,
            discharged_on=row.discharged_on,
            settled_on=row.settled_on,
            total_fen=row.medfee_sumamt_fen,
            eligible_fen=row.inscp_scp_amt_fen,
            is_reversed=row.is_cancelled or bool(row.reverses_setl_id),
        )
        for row in rows.order_by("-settled_on", "-pk")[:SEARCH_LIMIT]
    ]


def count_registry(*, scope: Scope) -> Mapping[str, int]:
    """Return how much is known of a scope, for the workbench and the welcome page."""
    here, totals = within(scope), sum_tallies(scope=scope)
    large: Mapping[str, QuerySet[Any]] = {
        PEOPLE: Person.objects.filter(here),
        HOUSEHOLDS: Household.objects.filter(here),
        STATUSES: HardshipStatus.objects.filter(here, superseded_at=None),
        SETTLEMENTS: Settlement.objects.filter(here),
    }
    accounts = Account.objects.filter(within(scope, "person__county_code"), superseded_at=None)
    from_files = totals.get(ACCOUNTS)
    if from_files is not None:
        accounts = accounts.filter(import_job_id=None)
    return {
        **{kind: totals[kind] if kind in totals else rows.count() for kind, rows in large.items()},
        ACCOUNTS: accounts.count() + (from_files or 0),
        "claimed": ClaimedSettlement.objects.count(),
        "head_counts": HeadCount.objects.filter(here, superseded_at=None).count(),
    }


def is_registry_empty() -> bool:
    """Tell whether neither a hardship register nor a settlement is there for those who ask."""
    return not HardshipStatus.objects.exists() and not Settlement.objects.exists()


def person_view(person: Person) -> PersonView:
    """Return a person as pages show them."""
    number = str(person.id_number)
    return PersonView(
        id=person.pk,
        name=person.name,
        masked_id=mask_id_number(number),
        id_tail=number[-2:],
        sex=person.sex,
        birth_on=person.birth_on,
        county_code=person.county_code,
        township_code=person.township_code,
    )
