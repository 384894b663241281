"""A year of the made-up city lived through (过完的一年): month by month, by the services people use.

In: how many people and months, and a progress display. Out: a city on the 17th of the month after the last,
behind it lists compared and applied, screenings, claims, payments, bank answers, recoveries, heirs. What is
left open at the end waits for whoever signs in. After each month the money is checked as every night.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from django.conf import settings

from yiyuan.apps.claims.envelope import check_envelope
from yiyuan.apps.claims.errors import ClaimRefusal, NotEntitled
from yiyuan.apps.claims.heirs import NewHeir, record_heir
from yiyuan.apps.claims.payable import list_held_claims
from yiyuan.apps.claims.queries import ClaimFilter, list_claims, list_claims_of
from yiyuan.apps.claims.questions import answer_question, list_questions
from yiyuan.apps.claims.recoveries import list_recoveries, record_repayment
from yiyuan.apps.claims.releasing import release_payments
from yiyuan.apps.claims.services import open_from_proposal, order_payments, set_account
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.claims.transitions import move_claim
from yiyuan.apps.intake.lists import apply_list
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.payments.errors import NothingToPay
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.queries import list_orders
from yiyuan.apps.registry.queries import list_accounts
from yiyuan.apps.registry.searching import search_people
from yiyuan.apps.registry.services import NewAccount, record_account
from yiyuan.apps.reporting.services import refresh_path
from yiyuan.apps.screening.queries import ProposalFilter, list_proposals
from yiyuan.apps.screening.services import decline_proposal, run_screening
from yiyuan.interfaces.commands.invented_officers import FIRST as FIRST_OFFICER
from yiyuan.interfaces.commands.invented_officers import SECOND, ZONE
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.runtime.progress import Progress
from yiyuan.synthetic.city import CityFile
from yiyuan.synthetic.months import Month, write_year

SEED = 1
YEAR = 2019
ENDS_ON_DAY = 17
MOST = 5_000
IN_FLIGHT = 3
RETURN_EVERY = 15
FIRST = Actor(FIRST_OFFICER.id, FIRST_OFFICER.name, FIRST_OFFICER.roles | {Role.CLERK}, EVERYWHERE)
# Out of so many proposals one is declined and one put off.
DECLINED_EVERY, PUT_OFF_EVERY = 40, 20
# In the last month so many stay as they are, at each post, for whoever signs in.
LEFT_EVERY = 4


class MoneyDiffersError(Exception):
    """The ledger and the records say different sums after a month."""


@dataclass(frozen=True, slots=True)
class _Days:
    """The working days in the month after, on which a month is dealt with."""

    month: date
    is_last: bool = False

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """Return a moment of a day of the month."""
        return datetime.combine(self.month.replace(day=day), time(hour, minute), tzinfo=ZONE)

    def key(self, words: str) -> str:
        """Return a request key of the month: a year that was cut short finds its own work."""
        return f"year:{self.month:%Y-%m}:{words}"[:100]


def business_date(months: int) -> date:
    """Return the day on which a city of so many months stands."""
    return date(YEAR + months // 12, months % 12 + 1, ENDS_ON_DAY)


def live_year(people: int, months: int, progress: Progress) -> None:
    """Make the files of the year and live through its months; repeating it goes on where it stopped.

    :raises MoneyDiffersError: after a month ledger and records differ.
    """
    with progress.step("编造一年的部门文件", people, "人") as step:
        year = write_year(
            Path(settings.DATA_HOME) / "year", people=people, seed=SEED, year=YEAR, months=months,
            progress=step.reach,
        )  # fmt: skip
    first = _Days(business_date(1))
    with progress.step("读入户籍、账户、参保人数", len(year.ground), "份") as step:
        for file in year.ground:
            _bring(file, first, None)
            step.advance()
    for place, month in enumerate(year.months, start=1):
        with progress.step(f"{month.ends_on:%Y 年 %m 月}", unit="件") as step:
            step.note = _live_month(month, _Days(business_date(place), is_last=place == months))
    end = business_date(months)
    refresh_path(today=end, refreshed_at=datetime.combine(end, time(8), tzinfo=ZONE))


def _live_month(month: Month, days: _Days) -> str:
    ended = 0
    for file in month.files:
        job_id = _bring(file, days, month.ends_on if file.kind == "hardship" else None)
        if file.kind == "hardship":
            ended += apply_list(
                job_id=job_id, actor=FIRST, occurred_at=days.at(3, 3), request_key=days.key(file.path.name)
            )
    run_screening(actor=FIRST, started_at=days.at(3, 6, 10), request_key=days.key("screening"))
    _answer_questions(days)
    opened = _open(days)
    _complete_accounts(days)
    _assess_and_approve(days)
    _record_heirs(month, days)
    paid = _pay(days)
    _take_back(days)
    if not check_envelope(occurred_at=days.at(ENDS_ON_DAY - 1, 2, 30)).is_whole:
        raise MoneyDiffersError(f"{month.ends_on:%Y-%m}：账本和案件、指令对不上")
    return f"离开名单 {ended}，立案 {opened}，付款 {paid}"


def _bring(file: CityFile, days: _Days, listed_on: date | None) -> int:
    return import_file(
        path=file.path,
        kind=file.kind,
        group=file.group or "",
        actor=FIRST,
        occurred_at=days.at(3, 2),
        request_key=days.key(f"import:{file.path.name}"),
        is_whole_list=listed_on is not None,
        as_of_on=listed_on,
    ).job_id


def _open(days: _Days) -> int:
    """Confirm the proposals; some are declined, some put off to the next month."""
    opened = 0
    for place, proposal in enumerate(list_proposals(ProposalFilter(), scope=EVERYWHERE, limit=MOST)):
        if days.is_last and place % LEFT_EVERY == 0:
            continue
        key = days.key(f"proposal:{proposal.pk}")
        if proposal.pk % DECLINED_EVERY == 0:
            decline_proposal(
                proposal_id=proposal.pk,
                reason="演示：本人已从商业保险获得全额赔付",
                actor=FIRST,
                occurred_at=days.at(4, 10),
                request_key=key,
            )
        elif proposal.pk % PUT_OFF_EVERY != days.month.month:
            opened += _confirmed(proposal.pk, days, key)
    return opened


def _confirmed(proposal_id: int, days: _Days, key: str) -> int:
    try:
        open_from_proposal(
            proposal_id=proposal_id, actor=FIRST, occurred_at=days.at(4, 9, 30), request_key=key
        )
    except NotEntitled:
        return 0
    return 1


def _complete_accounts(days: _Days) -> None:
    """Take down the account of those who had none, a month later, and let their claims run."""
    waiting = ClaimFilter((State.AWAITING_DOCUMENTS,))
    for row in list_claims(waiting, days.month, scope=EVERYWHERE, limit=MOST):
        if row.person.id % 3 == days.month.month % 3 or list_accounts(row.person.id):
            continue
        key = days.key(f"account:{row.number}")
        _new_account(row.number, row.person.id, row.person.name, days, key)
        _say(row.number, Verb.RECEIVE_DOCUMENTS, FIRST, days.at(4, 10, 30), days)


def _new_account(number: str, person_id: int, name: str, days: _Days, key: str) -> None:
    account_id = record_account(
        new=NewAccount(person_id, "农村商业银行", f"620000{person_id:013d}", name, "bank_card"),
        actor=FIRST,
        occurred_at=days.at(4, 10),
        request_key=key,
    )
    set_account(
        number=number,
        account_id=account_id,
        actor=FIRST,
        occurred_at=days.at(4, 10),
        request_key=f"{key}:set",
    )


def _assess_and_approve(days: _Days) -> None:
    """Let two people decide what is lodged."""
    for number in _numbers(State.LODGED, days):
        _say(number, Verb.ASSESS, FIRST, days.at(4, 11), days)
    for number in _numbers(State.ASSESSED, days):
        _say(number, Verb.APPROVE, SECOND, days.at(4, 15), days)


def _numbers(state: State, days: _Days) -> Sequence[str]:
    found = list_claims(ClaimFilter((state,)), days.month, scope=EVERYWHERE, limit=MOST)
    return [row.number for place, row in enumerate(found) if not days.is_last or place % LEFT_EVERY]


def _record_heirs(month: Month, days: _Days) -> None:
    """Let the money of those who have died go to an heir, where it is not on its way yet."""
    for death in month.deaths:
        for person in search_people(death.person_id, scope=EVERYWHERE):
            for claim in list_claims_of(person.id, scope=EVERYWHERE):
                if claim.state != State.APPROVED:
                    continue
                new = NewHeir(
                    died_on=death.died_on,
                    name=death.heir_name,
                    relation=death.heir_relation,
                    consent="演示：其他继承人书面同意，存市本级档案",
                    bank_name="农村商业银行",
                    account_no=f"620000{claim.pk:013d}",
                )
                record_heir(
                    number=claim.number,
                    new=new,
                    actor=FIRST,
                    occurred_at=days.at(4, 15, 30),
                    request_key=days.key(f"heir:{claim.number}"),
                )


def _pay(days: _Days) -> int:
    """Send what can be paid, and what came back last month once more; post the answers of a made-up bank."""
    _new_accounts_of_returned(days)
    try:
        batch = order_payments(
            numbers=None, actor=FIRST, occurred_at=days.at(4, 16), request_key=days.key("batch")
        )
    except NothingToPay:
        return 0
    release_payments(
        number=batch, actor=SECOND, occurred_at=days.at(4, 16, 40), request_key=days.key("release")
    )
    lines = list(_answers(batch, days))
    content = "\n".join(["order_no,result,on,amount_fen,reason_code,reason", *lines])
    record_returns(
        name=f"演示_银行回单_{days.month:%Y-%m}.csv",
        content=content.encode(),
        actor=FIRST,
        occurred_at=days.at(5, 9),
        request_key=days.key("returns"),
    )
    while deliver_facts():
        pass
    return len(lines)


def _answers(batch: int, days: _Days) -> Iterator[str]:
    """Yield the bank's lines: one in so many comes back; of the last batch a few are still on their way."""
    on, orders = days.month.replace(day=5), list_orders(batch, limit=MOST)
    answered = orders[: len(orders) - IN_FLIGHT] if days.is_last else orders
    for order in answered:
        if order.pk % RETURN_EVERY:
            yield f"{order.order_no},paid,{on},{order.amount_fen},,"
        else:
            yield f"{order.order_no},failed,{on},{order.amount_fen},R03,账号与户名不符"


def _new_accounts_of_returned(days: _Days) -> None:
    for claim in list_held_claims(scope=EVERYWHERE, limit=MOST):
        if not claim.payment_note:
            continue
        name = "演示" if claim.account_id is None else ""
        people = {row.id: row for row in list_accounts(claim.person_id)}
        holder = people[claim.account_id].holder_name if claim.account_id in people else name
        key = days.key(f"other:{claim.number}")
        _new_account(claim.number, claim.person_id, holder, days, key)


def _answer_questions(days: _Days) -> None:
    """Answer what imports raised: what was reversed is asked back or withdrawn, the rest is kept."""
    for question in list_questions(scope=EVERYWHERE, limit=MOST):
        is_paid = question.claim_state in (State.PAID, State.CLOSED)
        answer = ("recovery" if is_paid else "withdrawn") if question.new_reason == "reversed" else "kept"
        try:
            answer_question(
                question_id=question.id,
                answer=answer,
                reason="演示：医保局冲销了这次结算" if answer != "kept" else "演示：按当时的名册，结论不变",
                actor=SECOND,
                occurred_at=days.at(3, 14),
                request_key=days.key(f"question:{question.id}"),
            )
        except ClaimRefusal:
            # Its money is on its way: it is asked again next month, when the bank has answered.
            continue


def _take_back(days: _Days) -> None:
    """Note what people paid back that was asked back in an earlier month."""
    for recovery in list_recoveries(scope=EVERYWHERE, limit=MOST):
        if recovery.opened_at < days.at(1, 0):
            record_repayment(
                recovery_id=recovery.id,
                received_on=days.month.replace(day=6),
                actor=FIRST,
                occurred_at=days.at(6, 10),
                request_key=days.key(f"repaid:{recovery.id}"),
            )


def _say(number: str, verb: Verb, actor: Actor, at: datetime, days: _Days) -> None:
    move_claim(
        number=number, verb=verb, actor=actor, occurred_at=at, request_key=days.key(f"{verb}:{number}")
    )
