"""Hard turns as far as their pages need them, made through the services (疑难情形的测试数据)."""

from dataclasses import dataclass
from datetime import date

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    DESK,
    key,
    make_account,
    make_person,
    make_settlement,
    make_status,
    opened,
    propose,
    say,
)
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.registry.models import Account, City, NameSaid, PaperBill, Person
from yiyuan.apps.registry.paper import NewPaperBill, record_paper_bill
from yiyuan.apps.screening.at_desk import propose_at_desk
from yiyuan.apps.screening.models import Proposal
from yiyuan.apps.screening.services import decline_proposal

PAPER = {
    "hospital_name": "驻马店市中心医院",
    "admitted_on": "2019-10-28",
    "discharged_on": "2019-11-12",
    "diagnosis_code": "N18.0",
    "total_fen": "21,249.80",
    "eligible_fen": "12384.14",
    "hifp_pay_fen": "11134.34",
    "kept_at": "正阳县窗口 2019 年第 3 盒",
}


@dataclass(frozen=True, slots=True)
class Turns:
    """One of each: a person with a paper bill and two names, and claims and proposals in their turns."""

    person: Person
    bill: PaperBill
    on_paper: Proposal
    declined: Proposal
    held: Claim


def make_turns() -> Turns:
    """Write one of each hard turn."""
    declined = decline_proposal(
        proposal_id=propose(name="王建国").pk,
        reason="不是本人住院",
        actor=DESK,
        occurred_at=AT,
        request_key=key(),
    )
    person = make_person()
    make_status(person)
    make_account(person)
    make_settlement(person, diagnosis="Z00.0")
    NameSaid.objects.create(
        person=person, name="马秀南", name_before=person.name, import_job_id=7, said_at=AT
    )
    bill = record_paper_bill(
        new=NewPaperBill(
            person_id=person.pk,
            hospital_name="驻马店市中心医院",
            admitted_on=date(2019, 9, 2),
            discharged_on=date(2019, 9, 12),
            settled_on=date(2019, 9, 12),
            diagnosis_code="N18.0",
            total_fen=2_124_980,
            eligible_fen=1_238_414,
            paid_fen={"hifp_pay_fen": 1_113_434},
            kept_at="正阳县窗口 2019 年第 3 盒",
        ),
        actor=DESK,
        occurred_at=AT,
        request_key=key(),
    )
    on_paper = propose_at_desk(setl_id=bill.settlement.setl_id, actor=DESK, occurred_at=AT, request_key=key())
    return Turns(person, bill, on_paper, declined, held_for_holder())


def held_for_holder() -> Claim:
    """Return an approved claim of a child whose account is in another's name."""
    claim = opened(name="李小童")
    Person.objects.filter(pk=claim.person_id).update(birth_on=date(2010, 5, 1))
    Account.objects.filter(person_id=claim.person_id).update(holder_name="李大山")
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.APPROVE, APPROVER)
    return claim


def let_years_pass() -> None:
    """Set the city's day to January 2022: the year 2019 has closed, and its filing deadline has passed."""
    City.objects.update(business_on=date(2022, 1, 5))
