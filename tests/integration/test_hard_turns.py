"""Hard turns of a case (疑难情形): undone, told, held for the holder, typed from paper, named twice."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    CLERK,
    DESK,
    PAYER,
    PAYER_2,
    key,
    make_account,
    make_city,
    make_person,
    make_status,
    opened,
    propose,
    say,
)
from yiyuan.apps.accounts.models import Office
from yiyuan.apps.audit.models import Entry
from yiyuan.apps.claims import errors
from yiyuan.apps.claims.holders import record_consent
from yiyuan.apps.claims.models import Claim, ClaimEvent, Question
from yiyuan.apps.claims.papers import use_feed
from yiyuan.apps.claims.payable import count_payable, list_held_claims
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.undoing import undo_confirmation
from yiyuan.apps.intake.models import ListChange
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.intake.services import undo_import
from yiyuan.apps.ledger.queries import sum_envelope
from yiyuan.apps.payments.models import Order
from yiyuan.apps.payments.services import release_batch, void_batch
from yiyuan.apps.registry.divisions import rename_county
from yiyuan.apps.registry.encryption import blind_index
from yiyuan.apps.registry.errors import NameDecided, StayKnown
from yiyuan.apps.registry.models import (
    Account,
    ClaimedSettlement,
    Division,
    NameSaid,
    PaperBill,
    Person,
    Settlement,
)
from yiyuan.apps.registry.naming import decide_name
from yiyuan.apps.registry.paper import NewPaperBill, record_paper_bill
from yiyuan.apps.screening import errors as screening_errors
from yiyuan.apps.screening.at_desk import propose_at_desk
from yiyuan.apps.screening.models import Proposal, Telling
from yiyuan.apps.screening.reopening import reopen_declined
from yiyuan.apps.screening.services import decline_proposal, run_screening
from yiyuan.apps.screening.telling import record_telling
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.identity import check_character
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

ADMINISTRATOR = Actor("administrator", "管理员", frozenset({Role.ADMINISTRATOR}), EVERYWHERE)
APPROVER_2 = Actor("approver2", "复核乙", frozenset({Role.APPROVER}), EVERYWHERE)
COLUMNS = (
    "结算ID,证件号码,姓名,参保地医保区划,医院编码,出生日期,性别,入院日期,出院日期,结算时间,主要诊断,"
    "医疗费总额,符合政策范围金额,统筹基金支出"
)


def approved(claim: Claim) -> Claim:
    say(claim, Verb.ASSESS, ASSESSOR)
    say(claim, Verb.APPROVE, APPROVER)
    return claim


def undo(claim: Claim, actor: Actor = DESK, request_key: str = "") -> Claim:
    return undo_confirmation(
        number=claim.number,
        reason="确认错了人",
        actor=actor,
        occurred_at=AT,
        request_key=request_key or key(),
    )


# --- a confirmation taken back


def test_a_confirmation_is_taken_back_and_can_be_given_again() -> None:
    claim = opened()
    first = key()

    undo(claim, request_key=first)
    undo(claim, request_key=first)

    proposal = Proposal.objects.get(pk=claim.proposal_id or 0)
    assert (Claim.objects.get(pk=claim.pk).state, proposal.state) == ("withdrawn", "open")
    assert "确认错了人" in proposal.reopened_note
    assert ClaimEvent.objects.filter(claim=claim, verb="withdraw").count() == 1
    again = open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())
    assert again.number != claim.number
    assert again.setl_id == claim.setl_id


def test_what_an_approver_has_agreed_to_an_approver_takes_back_and_the_money_goes_back() -> None:
    claim = approved(opened())
    held_before = sum_envelope().held_fen

    with pytest.raises(errors.RoleMissing):
        undo(claim)
    undo(claim, APPROVER)

    assert held_before == 80_000
    assert sum_envelope().held_fen == 0
    assert Proposal.objects.get(pk=claim.proposal_id or 0).state == "open"


def test_a_batch_that_is_cut_ends_it_until_the_batch_is_taken_back() -> None:
    claim = approved(opened())
    number = order_payments(numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=key())

    with pytest.raises(errors.BatchCut):
        undo(claim, APPROVER)
    assert Proposal.objects.get(pk=claim.proposal_id or 0).state == "confirmed"
    void_batch(number=number, reason="装错", actor=PAYER, occurred_at=AT, request_key=key())
    undo(claim, APPROVER)

    assert Claim.objects.get(pk=claim.pk).state == "withdrawn"
    assert not Order.objects.filter(source=claim.number, state__in=["reserved", "sent", "paid"]).exists()


def test_a_settlement_has_one_living_claim_whatever_the_application_does() -> None:
    claim = opened()

    with pytest.raises(DatabaseError, match="claim_settlement_once"), transaction.atomic():
        Claim.objects.create(
            number="X",
            setl_id=claim.setl_id,
            person_id=claim.person_id,
            county_code="411724",
            cause="L7",
            proposal_id=(claim.proposal_id or 0) + 1,
            decision_id=1,
            benefit_fen=1,
            state="reported",
            opened_at=AT,
        )


# --- a declined proposal: told, appealed


def declined() -> Proposal:
    return decline_proposal(
        proposal_id=propose().pk, reason="不是本人住院", actor=DESK, occurred_at=AT, request_key=key()
    )


def tell(proposal: Proposal, channel: str = "phone", request_key: str = "", actor: Actor = DESK) -> Telling:
    return record_telling(
        proposal_id=proposal.pk,
        channel=channel,
        text="没有通过：不是本人住院",
        actor=actor,
        occurred_at=AT,
        request_key=request_key or key(),
    )


def test_telling_is_kept_once_with_time_and_channel() -> None:
    proposal, first = declined(), key()

    tell(proposal, request_key=first)
    tell(proposal, request_key=first)
    tell(proposal, "sms")

    assert [(t.channel, t.told_at) for t in Telling.objects.order_by("pk")] == [("phone", AT), ("sms", AT)]
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Telling.objects.update(channel="letter")


def test_only_a_declined_proposal_is_told_and_only_by_the_desk() -> None:
    with pytest.raises(screening_errors.NotDeclined):
        tell(propose())
    with pytest.raises(screening_errors.RoleMissing):
        tell(declined(), actor=CLERK)

    assert not Telling.objects.exists()


def test_an_appeal_is_looked_at_by_somebody_else() -> None:
    both = Actor("both", "两岗", frozenset({Role.DESK_AGENT, Role.APPROVER}), EVERYWHERE)
    proposal = decline_proposal(
        proposal_id=propose().pk, reason="不是本人", actor=both, occurred_at=AT, request_key=key()
    )

    with pytest.raises(screening_errors.SameHands):
        reopen_declined(
            proposal_id=proposal.pk, reason="有证明", actor=both, occurred_at=AT, request_key=key()
        )
    reopen_declined(
        proposal_id=proposal.pk, reason="有证明", actor=APPROVER, occurred_at=AT, request_key=key()
    )

    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("open", "")
    assert "有证明" in proposal.reopened_note


# --- accounts of others


def with_account_of(holder: str, *, is_guardian: bool = False) -> Claim:
    claim = opened()
    account = Account.objects.get(person_id=claim.person_id)
    account.holder_name = holder
    account.guardian_of_id = claim.person_id if is_guardian else None
    account.save()
    return approved(claim)


def test_an_account_in_anothers_name_is_held_and_says_so() -> None:
    claim = with_account_of("张三")

    assert count_payable(scope=EVERYWHERE) == (0, 0)
    assert [held.number for held in list_held_claims(scope=EVERYWHERE)] == [claim.number]
    with pytest.raises(errors.AccountOfAnother):
        order_payments(numbers=[claim.number], actor=PAYER, occurred_at=AT, request_key=key())
    assert not Order.objects.exists()


def test_a_recorded_consent_frees_the_money_for_this_account_only() -> None:
    claim = with_account_of("张三")

    record_consent(
        number=claim.number,
        reason="本人卧床，书面委托儿子张三代领",
        actor=DESK,
        occurred_at=AT,
        request_key=key(),
    )
    paid_to = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())

    assert Order.objects.get(batch__number=paid_to).holder_name == "张三"
    other = make_account(Person.objects.get(pk=claim.person_id), tail="0001")
    Account.objects.filter(pk=other.pk).update(holder_name="李四")
    Claim.objects.filter(number=claim.number).update(account_id=other.pk)
    assert [held.number for held in list_held_claims(scope=EVERYWHERE)] == []  # on its way
    Order.objects.update(state="voided")
    assert [held.number for held in list_held_claims(scope=EVERYWHERE)] == [claim.number]


def test_a_guardians_account_of_a_minor_is_paid() -> None:
    claim = with_account_of("母亲", is_guardian=True)

    order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())

    assert Order.objects.get(source=claim.number).holder_name == "母亲"


def test_consent_needs_a_reason_and_the_desk() -> None:
    claim = with_account_of("张三")

    with pytest.raises(errors.ReasonMissing):
        record_consent(number=claim.number, reason=" ", actor=DESK, occurred_at=AT, request_key=key())
    with pytest.raises(errors.RoleMissing):
        record_consent(number=claim.number, reason="委托", actor=PAYER, occurred_at=AT, request_key=key())

    assert not claim.holder_consents.exists()


# --- a paper bill that later arrives in the feed


PAPER = NewPaperBill(
    person_id=0,
    hospital_name="驻马店市中心医院",
    admitted_on=date(2019, 10, 28),
    discharged_on=date(2019, 11, 12),
    settled_on=date(2019, 11, 12),
    diagnosis_code="N18.0",
    total_fen=2_124_980,
    eligible_fen=1_238_414,
    paid_fen={"hifp_pay_fen": 1_113_434},
    kept_at="正阳县窗口 2019 年第 3 盒",
)


def with_valid_number(person: Person) -> Person:
    first = f"41172419520304{person.pk % 500 * 2:03d}"
    person.id_number = first + check_character(first)
    person.id_index = blind_index(person.id_number)
    person.save()
    return person


def somebody() -> Person:
    make_city()
    person = with_valid_number(make_person())
    make_status(person)
    make_account(person)
    return person


def typed(person: Person) -> PaperBill:
    return record_paper_bill(
        new=replace(PAPER, person_id=person.pk), actor=DESK, occurred_at=AT, request_key=key()
    )


def claim_on_paper(bill: PaperBill) -> Claim:
    proposal = propose_at_desk(setl_id=bill.settlement.setl_id, actor=DESK, occurred_at=AT, request_key=key())
    return open_from_proposal(proposal_id=proposal.pk, actor=DESK, occurred_at=AT, request_key=key())


def feed(tmp_path: Path, person: Person, *, eligible: str = "12384.14", name: str = "1") -> int:
    row = (
        f"S{name},{person.id_number},马秀兰,411724,H41172400001,1952-03-04,2,2019-10-28,2019-11-12,2019-11-12,"
        f"N18.0,21249.80,{eligible},11134.34"
    )
    file = tmp_path / f"feed-{name}.csv"
    file.write_text(f"{COLUMNS}\n{row}\n", encoding="utf-8")
    result = import_file(
        path=file, kind="settlements", group="", actor=CLERK, occurred_at=AT, request_key=key()
    )
    assert (result.state, result.accepted) == ("done", 1), result
    return result.job_id


def screen_city() -> None:
    run_screening(actor=CLERK, started_at=AT, request_key=key())


def test_a_paper_bill_is_decided_like_any_settlement_and_says_who_typed_it() -> None:
    person = somebody()

    bill = typed(person)
    claim = claim_on_paper(bill)

    assert (claim.benefit_fen, claim.setl_id) == (80_000, bill.settlement.setl_id)
    assert (bill.typed_by, bill.typed_at, bill.settlement.import_job_id) == ("desk", AT, 0)
    with pytest.raises(StayKnown):
        typed(person)
    assert PaperBill.objects.count() == 1


def test_the_feed_brings_the_same_stay_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    person = somebody()
    claim = claim_on_paper(typed(person))

    feed(tmp_path, person)
    screen_city()

    bill = PaperBill.objects.get()
    assert bill.feed_setl_id == "S1"
    assert not Proposal.objects.filter(setl_id="S1", state="open").exists()
    assert not Question.objects.exists()
    assert Claim.objects.exclude(state="withdrawn").get().number == claim.number


def test_other_figures_in_the_feed_become_a_question(tmp_path: Path) -> None:
    person = somebody()
    claim = claim_on_paper(typed(person))

    feed(tmp_path, person, eligible="11634.34")

    question = Question.objects.get()
    assert (question.claim_id, question.old_benefit_fen, question.new_benefit_fen) == (
        claim.pk,
        80_000,
        25_000,
    )
    assert Claim.objects.get(pk=claim.pk).benefit_fen == 80_000
    assert any(change["fact"] == "amounts_fen" for change in question.changes)


def test_before_anybody_confirmed_the_feed_counts_instead_of_the_paper(tmp_path: Path) -> None:
    person = somebody()
    bill = typed(person)
    on_paper = propose_at_desk(setl_id=bill.settlement.setl_id, actor=DESK, occurred_at=AT, request_key=key())

    feed(tmp_path, person)
    screen_city()

    on_paper.refresh_from_db()
    assert on_paper.state == "lapsed"
    assert Proposal.objects.get(state="open").setl_id == "S1"


def test_undoing_the_import_leaves_the_paper_as_it_was(tmp_path: Path) -> None:
    person = somebody()
    typed(person)
    job_id = feed(tmp_path, person)

    undo_import(job_id=job_id, reason="传错", actor=CLERK, occurred_at=AT, request_key=key())
    screen_city()

    bill = PaperBill.objects.get()
    assert (bill.feed_setl_id, ClaimedSettlement.objects.count()) == ("", 0)
    assert Proposal.objects.get(state="open").setl_id == bill.settlement.setl_id


def test_a_person_lets_the_feed_count_once_the_claim_on_paper_has_ended(tmp_path: Path) -> None:
    person = somebody()
    claim = claim_on_paper(typed(person))
    feed(tmp_path, person)
    bill = PaperBill.objects.get()
    words = {"bill_id": bill.pk, "reason": "按医保的数", "actor": DESK, "occurred_at": AT}

    with pytest.raises(errors.PaperAlive):
        use_feed(**words, request_key=key())  # type: ignore[arg-type]
    undo(claim)
    use_feed(**words, request_key=key())  # type: ignore[arg-type]
    screen_city()

    assert Proposal.objects.get(state="open").setl_id == "S1"
    assert Proposal.objects.get(setl_id=claim.setl_id).state == "lapsed"


def test_a_stay_of_another_time_is_not_the_one_on_paper(tmp_path: Path) -> None:
    person = somebody()
    bill = record_paper_bill(
        new=replace(PAPER, person_id=person.pk, admitted_on=date(2019, 8, 1), discharged_on=date(2019, 8, 9)),
        actor=DESK,
        occurred_at=AT,
        request_key=key(),
    )

    feed(tmp_path, person)
    screen_city()

    bill.refresh_from_db()
    assert bill.feed_setl_id == ""
    assert Proposal.objects.filter(state="open").count() == 2


def test_a_stay_the_feed_has_brought_is_not_typed_again(tmp_path: Path) -> None:
    person = somebody()
    feed(tmp_path, person)

    with pytest.raises(StayKnown, match="S1"):
        typed(person)

    assert Settlement.objects.count() == 1


# --- a settlement reversed before and after the payment


def reverse_in_feed(tmp_path: Path, claim: Claim) -> None:
    person = with_valid_number(Person.objects.get(pk=claim.person_id))
    file = tmp_path / "reversal.csv"
    file.write_text(
        f"{COLUMNS},原结算ID\nR1,{person.id_number},马秀兰,411724,H41172400001,1952-03-04,2,2019-10-28,2019-11-12,"
        f"2019-11-19,N18.0,-21249.80,-12384.14,-11134.34,{claim.setl_id}\n",
        encoding="utf-8",
    )
    result = import_file(
        path=file, kind="settlements", group="", actor=CLERK, occurred_at=AT, request_key=key()
    )
    assert (result.state, result.accepted) == ("done", 1), result


@pytest.mark.parametrize("is_sent", [False, True], ids=["before", "after"])
def test_a_reversal_in_the_feed_is_asked_about_before_and_after_the_money(
    tmp_path: Path, *, is_sent: bool
) -> None:
    claim = approved(opened())
    if is_sent:
        number = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
        release_batch(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())

    reverse_in_feed(tmp_path, claim)

    question = Question.objects.get(claim=claim)
    assert (question.state, question.new_reason, question.new_benefit_fen) == ("open", "reversed", 0)
    assert Claim.objects.get(pk=claim.pk).state == "approved"
    assert Order.objects.filter(source=claim.number).count() == int(is_sent)


# --- two registers that disagree on a name


def list_names(tmp_path: Path, person: Person, name: str) -> int:
    file = tmp_path / f"{name}.csv"
    file.write_text(
        f"姓名,身份证号,县区,起始日期\n{name},{person.id_number},正阳县,2019-01-01\n", encoding="utf-8"
    )
    result = import_file(
        path=file, kind="hardship", group="orphan", actor=CLERK, occurred_at=AT, request_key=key()
    )
    assert (result.state, result.accepted) == ("done", 1), result
    return result.job_id


def test_a_register_with_another_name_leaves_both_until_a_person_decides(tmp_path: Path) -> None:
    person = somebody()

    job_id = list_names(tmp_path, person, "马秀南")
    list_names(tmp_path, person, "马秀兰")

    said = NameSaid.objects.get()
    assert (said.name, said.name_before, said.import_job_id, said.state) == (
        "马秀南",
        "马秀兰",
        job_id,
        "open",
    )
    assert Person.objects.get(pk=person.pk).name == "马秀兰"


def test_a_person_adopts_a_name_with_a_reason_and_once(tmp_path: Path) -> None:
    person = somebody()
    list_names(tmp_path, person, "马秀南")
    said = NameSaid.objects.get()

    decide_name(
        said_id=said.pk, adopts=True, reason="看了身份证", actor=DESK, occurred_at=AT, request_key=key()
    )
    with pytest.raises(NameDecided):
        decide_name(said_id=said.pk, adopts=False, reason="x", actor=CLERK, occurred_at=AT, request_key=key())

    person.refresh_from_db()
    assert (person.name, person.name_key.split()[0]) == ("马秀南", "maxiunan")
    assert Entry.objects.filter(verb="adopt_name", subject_id=str(person.pk)).count() == 1


# --- division codes that changed


def rename(old: str = "411724", new: str = "411794") -> None:
    rename_county(
        old_code=old,
        new_code=new,
        new_name="正阳区",
        changed_on=date(2019, 12, 1),
        source="省政府批复",
        actor=ADMINISTRATOR,
        occurred_at=AT,
        request_key=key(),
    )


def test_history_keeps_the_old_code_and_the_office_follows_the_new_one() -> None:
    claim = opened()
    office = Office.objects.create(name="正阳县民政局", county_code="411724", kind="bureau")

    rename()
    rename()

    office.refresh_from_db()
    assert (office.county_code, office.former_codes) == ("411794", ["411724"])
    assert office.scope().covers(Claim.objects.get(pk=claim.pk).county_code)
    assert office.scope().covers("411794")
    assert not office.scope().covers("411725")
    assert Division.objects.filter(code__in=["411724", "411794"]).count() == 2
    assert Person.objects.get(pk=claim.person_id).county_code == "411724"


@pytest.mark.parametrize("county", ["411724", "411794"], ids=["old", "new"])
def test_a_whole_list_under_either_code_is_a_list_of_the_county(tmp_path: Path, county: str) -> None:
    stays, leaves = somebody(), somebody()
    rename()
    file = tmp_path / "list.csv"
    file.write_text(
        f"姓名,身份证号,县区,起始日期\n马秀兰,{stays.id_number},{county},2018-07-01\n", encoding="utf-8"
    )

    result = import_file(
        path=file,
        kind="hardship",
        group="subsistence_allowance",
        actor=CLERK,
        occurred_at=AT,
        request_key=key(),
        is_whole_list=True,
        county_code="411794",
    )

    assert (result.state, result.accepted) == ("done", 1), result
    left = ListChange.objects.get(job_id=result.job_id, kind="left")
    assert left.person_id == leaves.pk
