"""The published year lived through (公布的年度): from the tender to the closing, with its published totals.

In: the plan of totals and a progress display. Out: a city on a day after the closing, in whose ledger premium
and payments stand as published. Each step goes through the services people use; every single row is invented.
"""

from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from yiyuan.apps.adjudication.accidents import Accident, work_out
from yiyuan.apps.claims.accidents import NewAccident, open_accident_claim
from yiyuan.apps.claims.checking import list_concerns, record_check
from yiyuan.apps.claims.envelope import check_envelope
from yiyuan.apps.claims.heirs import NewHeir, record_heir
from yiyuan.apps.claims.opening import OpenRequest, open_claims
from yiyuan.apps.claims.queries import ClaimFilter, list_claims
from yiyuan.apps.claims.releasing import release_payments
from yiyuan.apps.claims.services import order_payments
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claims
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.ledger.books import Cut, sum_by_account
from yiyuan.apps.ledger.chart import AccountCode
from yiyuan.apps.ledger.periods import close_period
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.queries import list_orders
from yiyuan.apps.registry.queries import list_accounts
from yiyuan.apps.registry.searching import search_people
from yiyuan.apps.reporting.services import refresh_path
from yiyuan.apps.reporting.statements import WORK_OUT, draw_statement, issue_statement
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening.queries import ProposalFilter, list_proposals
from yiyuan.apps.screening.services import run_screening
from yiyuan.interfaces.commands.invented_officers import SECOND
from yiyuan.interfaces.commands.lived_year import FIRST, MoneyDiffersError
from yiyuan.interfaces.commands.published_contract import (
    CIVIL,
    FINANCE,
    OUTSIDE,
    YEAR_FROM,
    Contract,
    at,
    collect_premium,
    give_back_bond,
    key,
    report_month,
    sign_contract,
)
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.algebra import DeskAlgebra
from yiyuan.rules.medical_benefit import benefit_on_residual
from yiyuan.rules.terms import SchemeVersion
from yiyuan.runtime.progress import Progress
from yiyuan.synthetic.accidents import LOSS, DrawnAccident, Facts
from yiyuan.synthetic.city import CityFile
from yiyuan.synthetic.published_year import PUBLISHED, Plan, PublishedFiles, write_published_year

SEED = 1
MOST = 20_000
FIRST_DAY = date(2018, 10, 25)  # the scheme is put in force before its tender
ENDS_ON = date(2020, 1, 17)
# What is settled up to the middle of a month is found, decided and paid from these days on.
FOUND_ON, PAID_ON = 18, 19


def live_published_year(progress: Progress, plan: Plan = PUBLISHED) -> None:
    """Live the year through; repeating it goes on where it stopped.

    :raises MoneyDiffersError: ledger and records differ after a month, or the totals are not those published.
    """
    with progress.step("招标、评标、签协议、收保证金、收保费"):
        contract = sign_contract(plan.premium_fen)
        collect_premium(plan.premium_fen)
    with progress.step("凑出与公布总数一致的虚构明细", plan.medical_claims + plan.other_claims, "件") as step:
        files = _draw(get_terms(YEAR_FROM), plan)
        step.advance(plan.medical_claims + plan.other_claims)
    with progress.step("读入户籍、账户、名册", len(files.ground), "份") as step:
        for file in files.ground:
            _bring(file, date(2019, 1, 3))
            step.advance()
    for place, file in enumerate(files.months):
        month = date(2019, place + 1, 1)
        with progress.step(f"{month:%Y 年 %m 月}", unit="件") as step:
            step.note = _live_month(month, file, files)
            _end_month(month, contract)
    give_back_bond(contract, date(2020, 1, 16))
    _check_totals(plan)
    refresh_path(today=ENDS_ON, refreshed_at=at(ENDS_ON, 8))


def _draw(terms: SchemeVersion, plan: Plan) -> PublishedFiles:
    medical = terms.top_up
    reading = medical.reading(medical.default_reading)

    def pays(residual_fen: int) -> int:
        return benefit_on_residual(reading, residual_fen, DeskAlgebra({}))

    def owed(liability: str, facts: Facts) -> int:
        accident = Accident("", liability, YEAR_FROM, facts, is_of_household=LOSS in facts)
        found = work_out(terms, accident)
        assert not found.undecided, f"{liability}: {found.undecided}"
        return found.benefit_fen

    return write_published_year(
        Path(settings.DATA_HOME) / "published-year",
        plan=plan,
        outside=OUTSIDE,
        seed=SEED,
        pays=pays,
        owed=owed,
    )


def _bring(file: CityFile, on: date) -> None:
    import_file(
        path=file.path,
        kind=file.kind,
        group=file.group or "",
        actor=FIRST,
        occurred_at=at(on, 2),
        request_key=key(f"import:{file.path.name}"),
    )


def _live_month(month: date, stays: CityFile, files: PublishedFiles) -> str:
    found_on = month.replace(day=FOUND_ON)
    _bring(stays, found_on)
    run_screening(actor=FIRST, started_at=at(found_on, 6, 10), request_key=key(f"screening:{month:%Y-%m}"))
    accidents = [one for one in files.accidents if _month_of(one) == month]
    _open_stays(found_on)
    numbers = [_open_accident(one, found_on) for one in accidents]
    _decide(found_on)
    for number, one in zip(numbers, accidents, strict=True):
        if one.died:
            _record_heir(number, one, found_on)
    return f"赔付 {_pay(month):,}"


def _month_of(accident: DrawnAccident) -> date:
    # Reported and proved some weeks after it happened.
    return (accident.on + timedelta(days=30)).replace(day=1)


def _open_stays(on: date) -> None:
    proposals = list_proposals(ProposalFilter(), scope=EVERYWHERE, limit=MOST)
    requests = [OpenRequest(one.pk, key(f"open:{one.pk}")) for one in proposals]
    if requests:
        open_claims(requests=requests, actor=FIRST, occurred_at=at(on, 9))


def _open_accident(one: DrawnAccident, on: date) -> str:
    (person,) = search_people(one.person.person_id, scope=EVERYWHERE)
    account = list_accounts(person.id)[0]
    claim = open_accident_claim(
        new=NewAccident(
            Accident(one.number, one.liability, one.on, one.facts, one.is_of_household),
            person.id,
            one.county_code,
            account.id,
        ),
        actor=FIRST,
        occurred_at=at(on, 10),
        request_key=key(f"accident:{one.number}"),
    )
    return claim.number


def _decide(on: date) -> None:
    """Let two people decide what is open, in sets."""
    steps = ((State.LODGED, Verb.ASSESS, FIRST, 14), (State.ASSESSED, Verb.APPROVE, SECOND, 16))
    for state, verb, actor, hour in steps:
        found = list_claims(ClaimFilter((state,)), on, scope=EVERYWHERE, limit=MOST)
        if keys := {one.number: key(f"{verb}:{one.number}") for one in found}:
            move_claims(keys=keys, verb=verb, actor=actor, occurred_at=at(on, hour))


def _record_heir(number: str, one: DrawnAccident, on: date) -> None:
    record_heir(
        number=number,
        new=NewHeir(
            died_on=one.on,
            name=one.heir,
            relation="近亲属",
            consent="演示：其他继承人书面同意，存市本级档案",
            bank_name="农村商业银行",
            account_no=f"6200009{int(one.number[-4:]):012d}",
        ),
        actor=FIRST,
        occurred_at=at(on, 16, 30),
        request_key=key(f"heir:{number}"),
    )


def _pay(month: date) -> int:
    paid_on = month.replace(day=PAID_ON)
    words = f"{month:%Y-%m}"
    batch = order_payments(
        numbers=None, actor=FIRST, occurred_at=at(paid_on, 8), request_key=key(f"batch:{words}")
    )
    _call_back(batch, month)
    release_payments(
        number=batch, actor=SECOND, occurred_at=at(paid_on, 8, 40), request_key=key(f"release:{words}")
    )
    lines = ["order_no,result,on,amount_fen,reason_code,reason"]
    orders = list_orders(batch, limit=MOST)
    lines += [f"{one.order_no},paid,{paid_on},{one.amount_fen},," for one in orders]
    record_returns(
        name=f"演示_银行回单_{words}.csv",
        content="\n".join(lines).encode(),
        actor=FIRST,
        occurred_at=at(paid_on, 17),
        request_key=key(f"returns:{words}"),
    )
    while deliver_facts():
        pass
    return len(orders)


def _call_back(batch: int, month: date) -> None:
    """Note the call back that a large sum asks for."""
    for place, one in enumerate(list_concerns(batch, YEAR_FROM)):
        record_check(
            number=batch,
            order_no=one.order_no,
            kind=one.kind,
            note="演示：已打电话核对领款人、账号和金额，对方确认",
            actor=SECOND,
            occurred_at=at(month.replace(day=PAID_ON), 8, 20),
            request_key=key(f"call-back:{one.order_no}:{place}"),
        )


def _end_month(month: date, contract: Contract) -> None:
    """Compare ledger and records, take the insurer's report, close the month, issue its statements."""
    following = (month + timedelta(days=32)).replace(day=1)
    if not check_envelope(occurred_at=at(following, 2, 30)).is_whole:
        raise MoneyDiffersError(f"{month:%Y-%m}：账本和案件、指令对不上")
    report_month(contract, month, following.replace(day=6))
    close_period(
        month=month,
        actor=FINANCE[0],
        occurred_at=at(following.replace(day=8), 9),
        request_key=key(f"close:{month:%Y-%m}"),
    )
    for kind in WORK_OUT:
        statement = draw_statement(
            kind=kind,
            month=month,
            reason="",
            actor=CIVIL[0],
            occurred_at=at(following.replace(day=9), 9),
            request_key=key(f"statement:{kind}:{month:%Y-%m}"),
        )
        issue_statement(
            number=statement.number,
            actor=FINANCE[0],
            occurred_at=at(following.replace(day=9), 15),
            request_key=key(f"issue:{kind}:{month:%Y-%m}"),
        )


def _check_totals(plan: Plan) -> None:
    sums = sum_by_account(cut=Cut(EVERYWHERE), from_on=date(2018, 1, 1), to_on=date(2020, 2, 1))
    paid_fen = plan.medical_fen + plan.other_fen
    wanted = {
        AccountCode.PREMIUM: -plan.premium_fen,
        AccountCode.PREMIUM_RECEIVABLE: 0,
        AccountCode.PAID: paid_fen,
        AccountCode.FUND: plan.premium_fen - paid_fen,
        AccountCode.BOND_HELD: 0,
    }
    for code, fen in wanted.items():
        if sums[code].closing_fen != fen:
            raise MoneyDiffersError(f"{code}：账上 {sums[code].closing_fen} 分，公布的是 {fen} 分")
