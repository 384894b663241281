"""Twin counties (两个县): the same world twice, every name of the other one a canary that must not sing."""

from dataclasses import dataclass
from datetime import date

from django.test import Client

from tests.builders import AT, DESK, TODAY, key, make_run, make_staff
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.models import Account, City, Division, HardshipStatus, Person, Settlement
from yiyuan.apps.screening.models import Proposal
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import Scope

ZHENGYANG, PINGYU = "411724", "411723"
NAMES = {ZHENGYANG: "正阳县", PINGYU: "平舆县"}
OF_ZHENGYANG, OF_PINGYU = Scope(frozenset({ZHENGYANG})), Scope(frozenset({PINGYU}))


@dataclass(frozen=True)
class County:
    """What stands in one county: a person with an open proposal, another with a claim."""

    code: str
    waiting: Proposal
    claim: Claim
    people: tuple[Person, Person]

    @property
    def canaries(self) -> tuple[str, ...]:
        """Every text that only this county's people may read."""
        return (
            *(person.name for person in self.people),
            self.claim.number,
            self.claim.setl_id,
            self.waiting.setl_id,
        )


def make_counties() -> tuple[County, County]:
    """Write both counties; return the one looked from, and the one that must stay unseen."""
    City.objects.create(
        pk=1, name="驻马店市", scheme="zhumadian-yiyuan", business_on=TODAY, is_synthetic=True
    )
    for code, name in NAMES.items():
        Division.objects.create(code=code, name=name, level=1)
    return make_county(ZHENGYANG, "翠"), make_county(PINGYU, "雀")


def make_county(code: str, sign: str) -> County:
    """Write one county."""
    waiting, filed = (make_entitled(code, f"金丝{sign}{word}", place) for place, word in enumerate("甲乙"))
    claim = open_from_proposal(proposal_id=filed.pk, actor=DESK, occurred_at=AT, request_key=key())
    people = (Person.objects.get(pk=waiting.person_id), Person.objects.get(pk=filed.person_id))
    return County(code, waiting, claim, people)


def make_entitled(code: str, name: str, place: int) -> Proposal:
    """Write a person of the county with status, account, settlement and an open proposal."""
    number = f"{code}19520304{place:02d}{int(code) % 89:02d}"
    person = Person.objects.create(
        id_index=blind_index(number), id_number=number, name=name, name_key=f"jin si {code}", sex="2",
        birth_on=date(1952, 3, 4), county_code=code, recorded_at=AT,
    )  # fmt: skip
    HardshipStatus.objects.create(
        person=person, group="subsistence_allowance", county_code=code, valid_from=date(2018, 7, 1),
        import_job_id=1, recorded_at=AT,
    )  # fmt: skip
    account_no = f"62284507{code}{place:03d}"
    Account.objects.create(
        person=person, bank_name=f"{NAMES.get(code, code)}农商银行", account_no=account_no,
        account_index=blind_index(account_no), account_tail=account_no[-4:], holder_name=name,
        kind="social_card", recorded_at=AT,
    )  # fmt: skip
    settlement = Settlement.objects.create(
        setl_id=f"S{code}{place:04d}", person=person, county_code=code, birth_on=person.birth_on, sex="2",
        admitted_on=date(2019, 10, 28), discharged_on=date(2019, 11, 12), settled_on=date(2019, 11, 12),
        diagnosis_code="N18.0", medfee_sumamt_fen=2_124_980, inscp_scp_amt_fen=1_238_414,
        hifp_pay_fen=1_113_434, import_job_id=1, recorded_at=AT,
    )  # fmt: skip
    return Proposal.objects.create(
        run=make_run(), setl_id=settlement.setl_id, person_id=person.pk, county_code=code,
        outcome="entitled", reason="entitled", group="subsistence_allowance", disease="D07",
        residual_fen=124_980, benefit_fen=80_000, clause="MED-1B",
    )  # fmt: skip


def officer(scope: Scope, *roles: Role, name: str = "") -> Actor:
    """Return somebody of these roles (all of them where none is named) who works for a scope."""
    held = frozenset(roles or (role for role in Role if role is not Role.SYSTEM))
    where = "city" if scope.is_city else "-".join(sorted(scope.counties)) or "nowhere"
    return Actor(name or f"of-{where}-{len(held)}", f"{where} 经办", held, scope)


def browser_of(actor: Actor) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(make_staff(actor))
    return client
