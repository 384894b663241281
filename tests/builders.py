"""Small worlds for tests (测试数据): made-up people, settlements and officers, straight into the registry."""

from datetime import UTC, date, datetime
from itertools import count
from uuid import uuid4

from yiyuan.apps.accounts.models import Office, StaffMember
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.claims.writing import Moved
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.models import Account, City, Division, HardshipStatus, Person, Settlement
from yiyuan.apps.registry.names import pinyin_key
from yiyuan.apps.screening.models import Proposal, Run
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE, NOWHERE, Scope

AT = datetime(2019, 11, 20, 2, 0, tzinfo=UTC)  # 10 o'clock in Zhumadian, a Wednesday
TODAY = date(2019, 11, 20)
_serial = count(1)

CLERK = Actor("clerk", "数据员", frozenset({Role.CLERK}), EVERYWHERE)
DESK = Actor("desk", "理赔岗", frozenset({Role.DESK_AGENT}), EVERYWHERE)
ASSESSOR = Actor("assessor", "初审岗", frozenset({Role.ASSESSOR}), EVERYWHERE)
APPROVER = Actor("approver", "复核岗", frozenset({Role.APPROVER}), EVERYWHERE)
BOTH = Actor("both", "两岗一人", frozenset({Role.ASSESSOR, Role.APPROVER}), EVERYWHERE)
PAYER = Actor("payer", "支付甲", frozenset({Role.PAYER}), EVERYWHERE)
PAYER_2 = Actor("payer2", "支付乙", frozenset({Role.PAYER}), EVERYWHERE)


def key() -> str:
    """Return a fresh request key."""
    return str(uuid4())


def make_city() -> None:
    """Write the one city and a county with a township."""
    City.objects.update_or_create(
        pk=1,
        defaults={
            "name": "驻马店市",
            "scheme": "zhumadian-yiyuan",
            "business_on": TODAY,
            "is_synthetic": True,
        },
    )
    Division.objects.get_or_create(code="411724", defaults={"name": "正阳县", "level": 1})
    Division.objects.get_or_create(
        code="411724101", defaults={"name": "熊寨镇", "level": 2, "parent_id": "411724"}
    )


def make_person(name: str = "马秀兰", *, birth_on: date = date(1952, 3, 4)) -> Person:
    """Write one made-up person."""
    number = f"411724{birth_on:%Y%m%d}{next(_serial):04d}"
    return Person.objects.create(
        id_index=blind_index(number),
        id_number=number,
        name=name,
        name_key=pinyin_key(name),
        sex="2",
        birth_on=birth_on,
        county_code="411724",
        township_code="411724101",
        recorded_at=AT,
    )


def make_status(person: Person, group: str = "subsistence_allowance") -> HardshipStatus:
    """Give the person a hardship status that holds since 2018."""
    return HardshipStatus.objects.create(
        person=person,
        group=group,
        county_code="411724",
        valid_from=date(2018, 7, 1),
        valid_to=None,
        import_job_id=1,
        recorded_at=AT,
    )


def make_account(person: Person, *, tail: str = "3317") -> Account:
    """Give the person a social security card account."""
    number = f"62284507{next(_serial):07d}{tail}"
    return Account.objects.create(
        person=person,
        bank_name="农商银行",
        account_no=number,
        account_index=blind_index(number),
        account_tail=tail,
        holder_name=person.name,
        kind="social_card",
        recorded_at=AT,
    )


def make_settlement(person: Person, *, residual_fen: int = 124_980, diagnosis: str = "N18.0") -> Settlement:
    """Write a settlement that leaves `residual_fen` after a basic insurance that paid 11,134.34."""
    return Settlement.objects.create(
        setl_id=f"T{next(_serial):08d}",
        person=person,
        county_code="411724",
        hospital_code="H41172400001",
        birth_on=person.birth_on,
        sex=person.sex,
        admitted_on=date(2019, 10, 28),
        discharged_on=date(2019, 11, 12),
        settled_on=date(2019, 11, 12),
        diagnosis_code=diagnosis,
        medfee_sumamt_fen=2_000_000 + residual_fen,
        inscp_scp_amt_fen=1_113_434 + residual_fen,
        hifp_pay_fen=1_113_434,
        import_job_id=1,
        recorded_at=AT,
    )


def make_office(scope: Scope = EVERYWHERE) -> Office:
    """Write the office whose people see a scope: the city's, or one county's."""
    county = "" if scope.is_city else next(iter(scope.counties))
    office, _ = Office.objects.get_or_create(
        county_code=county, kind=Office.BUREAU, defaults={"name": f"{county or '驻马店市'}民政局"}
    )
    return office


def make_staff(actor: Actor) -> StaffMember:
    """Write the sign-in of an actor in an office of their scope, with a password that signs nobody in."""
    member, _ = StaffMember.objects.get_or_create(
        username=actor.id,
        defaults={
            "name": actor.name,
            "roles": sorted(actor.roles),
            "office": make_office(actor.scope) if actor.scope != NOWHERE else None,
            "password": "!",
        },
    )
    return member


def make_run() -> Run:
    """Write the one run of a test."""
    run, _ = Run.objects.get_or_create(
        number=1,
        defaults={"scheme": "zhumadian-yiyuan", "started_at": AT, "manifest": {}, "request_key": key()},
    )
    return run


def propose(
    *,
    residual_fen: int = 124_980,
    with_account: bool = True,
    diagnosis: str = "N18.0",
    name: str = "马秀兰",
    **words: object,
) -> Proposal:
    """Write a person in a hardship group, a settlement and the open proposal for it."""
    make_city()
    person = make_person(name)
    make_status(person)
    if with_account:
        make_account(person)
    settlement = make_settlement(person, residual_fen=residual_fen, diagnosis=diagnosis)
    facts: dict[str, object] = {
        "run": make_run(),
        "setl_id": settlement.setl_id,
        "person_id": person.pk,
        "county_code": "411724",
        "outcome": "entitled",
        "reason": "entitled",
        "group": "subsistence_allowance",
        "disease": "D07",
        "residual_fen": residual_fen,
        "benefit_fen": 80_000,
        "clause": "MED-1B",
        **words,
    }
    return Proposal.objects.create(**facts)


def opened(
    *, residual_fen: int = 124_980, with_account: bool = True, diagnosis: str = "N18.0", name: str = "马秀兰"
) -> Claim:
    """Open the claim of a fresh proposal."""
    proposal = propose(residual_fen=residual_fen, with_account=with_account, diagnosis=diagnosis, name=name)
    return open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())


def say(claim: Claim, verb: Verb, actor: Actor, reason: str = "") -> Moved:
    """Say a verb to a claim with a fresh key."""
    return move_claim(
        number=claim.number, verb=verb, actor=actor, occurred_at=AT, request_key=key(), reason=reason
    )
