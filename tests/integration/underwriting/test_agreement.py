"""Agreement and bond (协议、保证金): shares, signatures, promises' lights, the cap, calls by two persons."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from tests.builders import AT, DESK, TODAY, key, make_office, make_staff
from tests.integration.desk.counties import OF_PINGYU, OF_ZHENGYANG
from tests.integration.test_row_security import check_constraints
from tests.integration.underwriting.cases import CIVIL, CIVIL_2, FINANCE, make_two_counties
from tests.integration.underwriting.contract_cases import CONTRACT_FEN, draft, new_agreement
from yiyuan.apps.accounts.models import Office
from yiyuan.apps.ledger.queries import sum_accounts
from yiyuan.apps.registry.models import Division
from yiyuan.apps.underwriting import errors
from yiyuan.apps.underwriting.bonding import (
    NewBond,
    agree_call,
    left_of,
    list_expiring,
    propose_call,
    receive_bond,
    record_called_money,
    return_bond,
)
from yiyuan.apps.underwriting.contracting import Party, put_in_force, record_report, record_signature
from yiyuan.apps.underwriting.lights import list_lights
from yiyuan.apps.underwriting.models import Agreement, AgreementInsurer, Bond, BondCall, InForce
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

CAP_FEN = CONTRACT_FEN // 10
BOND = NewBond("guarantee", CAP_FEN, "工商银行", "BH-1", date(2019, 1, 2), date(2019, 12, 10))


@pytest.fixture(autouse=True)
def city() -> None:
    make_two_counties()


def receive(agreement: Agreement, new: NewBond = BOND) -> Bond:
    return receive_bond(agreement_id=agreement.pk, new=new, actor=CIVIL, occurred_at=AT, request_key=key())


def sign(agreement: Agreement, party: str) -> None:
    record_signature(
        agreement_id=agreement.pk,
        party=party,
        signer="某某",
        signed_on=date(2018, 12, 27),
        actor=CIVIL,
        occurred_at=AT,
        request_key=key(),
    )


def start(agreement: Agreement, on: date = date(2019, 1, 1)) -> InForce:
    words = {"agreement_id": agreement.pk, "from_on": on}
    return put_in_force(**words, actor=CIVIL, occurred_at=AT, request_key=key())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "parties",
    [
        (),
        (Party("人保财险", 9_999, True),),
        (Party("人保财险", 6_000, True), Party("别家财险", 4_001, False)),
        (Party("人保财险", 6_000, True), Party("别家财险", 4_000, True)),
        (Party("人保财险", 6_000, True), Party("人保财险", 4_000, False)),
        (Party("人保财险", 10_000, False),),
    ],
)
def test_shares_that_are_not_a_hundred_percent_are_refused(parties: tuple[Party, ...]) -> None:
    with pytest.raises(errors.SharesWrong):
        draft(new_agreement(parties=parties))

    assert not Agreement.objects.exists()


def test_the_database_refuses_other_shares_too() -> None:
    agreement = draft(new_agreement(parties=(Party("甲", 6_000, True), Party("乙", 4_000, False))))
    check_constraints()
    assert agreement.insurers.count() == 2

    Agreement.objects.create(
        number="x", title="x", programme_from=date(2021, 1, 1), until_on=date(2022, 1, 1), contract_fen=1,
        bond_fen=0, drafted_at=AT, request_key="x",
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="not 100 %"):
        check_constraints()


def test_a_bond_over_the_cap_is_refused_with_the_article() -> None:
    with pytest.raises(errors.OverCap, match=r"801,710.00 · 政府采购法实施条例第 48 条"):
        draft(new_agreement(bond_fen=CAP_FEN + 1))
    agreement = draft()
    with pytest.raises(errors.OverCap):
        receive(agreement, replace(BOND, amount_fen=CAP_FEN + 1))
    receive(agreement, replace(BOND, amount_fen=CAP_FEN - 5))
    with pytest.raises(errors.OverCap):
        receive(agreement, replace(BOND, amount_fen=6, document_no="BH-2"))

    assert Bond.objects.count() == 1
    assert sum_accounts()["bond_held"] == CAP_FEN - 5


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (replace(BOND, kind="cash"), errors.BondWrong),
        (replace(BOND, amount_fen=0), errors.AmountWrong),
        (replace(BOND, received_on=date(2019, 11, 21)), errors.DayWrong),
        (replace(BOND, expires_on=BOND.received_on), errors.DayWrong),
    ],
)
def test_cash_and_other_wrong_bonds_are_refused(new: NewBond, refusal: type[Exception]) -> None:
    agreement = draft()

    with pytest.raises(refusal):
        receive(agreement, new)

    assert not Bond.objects.exists()
    assert sum_accounts()["bond_held"] == 0


def test_it_is_in_force_only_when_signed_by_both_and_the_bond_is_there() -> None:
    agreement = draft()
    sign(agreement, "policyholder")
    with pytest.raises(errors.NotInForceYet, match="insurer"):
        start(agreement)
    sign(agreement, "insurer")
    with pytest.raises(errors.NotInForceYet, match=r"0\.00 < 801,710\.00"):
        start(agreement)
    receive(agreement)
    with pytest.raises(errors.DayWrong):
        start(agreement, date(2018, 12, 26))

    start(agreement)

    assert InForce.objects.get().from_on == date(2019, 1, 1)


def test_a_call_takes_two_persons_and_stands_in_the_ledger_when_the_money_comes() -> None:
    bond = receive(draft())
    said = {"bond_id": bond.pk, "reason": "没有按时赔付", "occurred_at": AT}
    with pytest.raises(errors.AmountWrong):
        propose_call(**said, amount_fen=CAP_FEN + 1, actor=CIVIL, request_key=key())  # type: ignore[arg-type]
    call = propose_call(**said, amount_fen=1_000, actor=CIVIL, request_key=key())  # type: ignore[arg-type]
    money = {"call_id": call.pk, "arrived_on": TODAY, "actor": FINANCE, "occurred_at": AT}
    with pytest.raises(errors.SameHands):
        agree_call(call_id=call.pk, actor=CIVIL, occurred_at=AT, request_key=key())
    with pytest.raises(errors.TooEarly):
        record_called_money(**money, request_key=key())  # type: ignore[arg-type]
    assert sum_accounts()["fund"] == 0

    agree_call(call_id=call.pk, actor=CIVIL_2, occurred_at=AT, request_key=key())
    for _click in range(2):
        record_called_money(**money, request_key=key())  # type: ignore[arg-type]

    sums = sum_accounts()
    assert (sums["fund"], sums["bond_held"], left_of(bond)) == (1_000, CAP_FEN - 1_000, CAP_FEN - 1_000)
    with pytest.raises(DatabaseError), transaction.atomic():
        BondCall.objects.update(agreed_by=CIVIL.id)


def test_what_is_left_is_returned_once_and_expiry_is_told_before() -> None:
    bond = receive(draft())
    assert [one.number for one in list_expiring(TODAY, scope=EVERYWHERE)] == [bond.number]
    assert list_expiring(date(2019, 11, 9), scope=EVERYWHERE) == []
    assert list_expiring(TODAY, scope=OF_ZHENGYANG) == []

    words = {"bond_id": bond.pk, "returned_on": TODAY, "actor": CIVIL, "occurred_at": AT}
    for _click in range(2):
        return_bond(**words, request_key=key())  # type: ignore[arg-type]

    assert sum_accounts()["bond_held"] == 0
    assert list_expiring(TODAY, scope=EVERYWHERE) == []


def test_every_promise_has_a_light_with_its_figure() -> None:
    agreement = draft()
    make_office(EVERYWHERE)
    Office.objects.create(
        name="正阳理赔点", county_code="411724", kind="service_point", address="熊寨镇政府院内"
    )
    for month, on in ((1, date(2019, 2, 10)), (2, date(2019, 3, 11))):
        record_report(
            agreement_id=agreement.pk,
            month=date(2019, month, 1),
            delivered_on=on,
            actor=CIVIL,
            occurred_at=AT,
            request_key=key(),
        )

    lights = {one.kind: one for one in list_lights(agreement, date(2019, 3, 20))}

    counties = lights["county_points"]
    assert (counties.state, counties.reached, counties.whole) == ("broken", 1, 11)
    towns = lights["township_points"]
    assert (towns.state, towns.reached, towns.whole) == ("kept", 1, 1)
    assert (lights["on_time"].state, lights["on_time"].whole) == ("unknown", 0)
    reports = lights["reports"]
    assert (reports.state, reports.reached, reports.whole, reports.missing) == ("broken", 1, 2, ("2019-02",))


def test_a_township_without_a_point_breaks_the_promise() -> None:
    Division.objects.create(code="411723100", name="古槐街道", level=2, parent_id="411723")
    lights = {one.kind: one for one in list_lights(draft(), date(2019, 1, 5))}

    assert (lights["township_points"].state, lights["township_points"].missing) == (
        "broken",
        ("古槐街道", "熊寨镇"),
    )
    assert lights["reports"].state == "unknown"


def test_other_roles_and_counties_write_nothing() -> None:
    make_staff(DESK)
    county = replace(CIVIL, id="pingyu", scope=OF_PINGYU)
    agreement = draft()

    for actor, refusal in ((DESK, errors.RoleMissing), (county, errors.OutOfScope)):
        with pytest.raises(refusal):
            receive_bond(agreement_id=agreement.pk, new=BOND, actor=actor, occurred_at=AT, request_key=key())

    assert AgreementInsurer.objects.count() == 1
    assert not Bond.objects.exists()
