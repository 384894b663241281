"""The product's side of the year (真实系统一侧): the same events, said to the services as people say them.

In: events by world. Out: rows in PostgreSQL. Worlds share a city, its files, runs and batches, and nobody.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest
from django.db import transaction

from tests.builders import make_city
from tests.year.acting import Action
from tests.year.rules import Bill, Span
from yiyuan.apps.claims import errors
from yiyuan.apps.claims.checking import list_concerns, record_check
from yiyuan.apps.claims.heirs import NewHeir, record_heir
from yiyuan.apps.claims.models import Claim, Question, Recovery
from yiyuan.apps.claims.opening import OpenRequest, open_claims
from yiyuan.apps.claims.questions import answer_question
from yiyuan.apps.claims.recoveries import agree_waiver, open_recovery, propose_waiver, record_repayment
from yiyuan.apps.claims.releasing import release_payments, take_out_questioned
from yiyuan.apps.claims.services import order_payments, set_account
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.claims.transitions import move_claim, move_claims
from yiyuan.apps.intake.errors import ImportRested, NoWholeList
from yiyuan.apps.intake.lists import apply_list
from yiyuan.apps.intake.models import ListChange
from yiyuan.apps.intake.running import import_file
from yiyuan.apps.intake.services import undo_import
from yiyuan.apps.payments.errors import NothingToPay
from yiyuan.apps.payments.models import Batch, Order, ReturnFile
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import void_batch
from yiyuan.apps.registry.models import Account
from yiyuan.apps.screening.models import Proposal
from yiyuan.apps.screening.services import decline_proposal, run_screening
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.identity import check_character
from yiyuan.kernel.scope import EVERYWHERE

COUNTY = "411724"
PEOPLE = 3  # in a world
SERIALS = 900  # people who share a day of birth
BASIC_FEN = 1_113_434
ROLES = {
    "clerk": {Role.CLERK},
    "desk": {Role.DESK_AGENT},
    "assessor_1": {Role.ASSESSOR},
    "assessor_2": {Role.ASSESSOR},
    "approver_1": {Role.APPROVER},
    "approver_2": {Role.APPROVER},
    "both": {Role.ASSESSOR, Role.APPROVER},
    "payer_1": {Role.PAYER},
    "payer_2": {Role.PAYER},
}
ACTORS = {name: Actor(name, name, frozenset(roles), EVERYWHERE) for name, roles in ROLES.items()}
HEADERS = {
    "hardship": "person_id,group,county_code,valid_from,valid_to,file",
    "settlements": "setl_id,person_id,county_code,hospital_code,birth_on,sex,admitted_on,discharged_on,"
    "settled_on,inscp_scp_amt_fen,hifp_pay_fen,diagnosis_code,reverses_setl_id,file",
    "accounts": "person_id,bank_name,account_no,holder_name,kind,guardian_of,file",
    "claimed": "setl_id,file",
}
LIGHTHOUSE = 99_999  # a person of no world, so that no list is ever empty
REASON = "当面核对"


def born_on(world: int, person: int) -> date:
    """Return the day of birth: as many people share one as a serial number tells apart."""
    return date(1952, 3, 4) + timedelta(days=(world * PEOPLE + person) // SERIALS)


def id_number(world: int, person: int) -> str:
    """Return a made-up number with a valid check digit."""
    serial = (world * PEOPLE + person) % SERIALS
    first = f"{COUNTY}{born_on(world, person):%Y%m%d}{serial:03d}"
    return first + check_character(first)


def setl_id(world: int, setl: str) -> str:
    return f"W{world}-{setl}"


@dataclass(frozen=True)
class Said:
    """An action of one world."""

    world: int
    action: Action

    @property
    def what(self) -> str:
        return self.action[0]

    @property
    def setl(self) -> str:
        return setl_id(self.world, self.action[1])

    @property
    def more(self) -> str:
        return self.action[2]


class City:
    """Says events to the services; remembers which number in the database is which name."""

    def __init__(self, folder: Path) -> None:
        make_city()
        self.folder = folder
        self.at = datetime(2019, 1, 7, 2, tzinfo=UTC)
        self.jobs: dict[str, int] = {}
        self.batches: dict[str, int] = {}
        self._keys = count(1)
        self._bank_files = count(1)

    def set_day(self, on: date) -> None:
        self.at = datetime.combine(on, time(2), tzinfo=UTC)

    def key(self) -> str:
        return f"year:{next(self._keys)}"

    # Files

    def bring(self, kind: str, job: str, rows: Sequence[str], *, is_whole_list: bool = False) -> None:
        """Import a file; each row of it must be taken."""
        path = self.folder / f"{job.replace(':', '-')}.csv"
        path.write_text("\n".join([HEADERS[kind], *(f"{row},{job}" for row in rows), ""]), encoding="utf-8")
        result = import_file(
            path=path,
            kind=kind,
            group="",
            actor=ACTORS["clerk"],
            occurred_at=self.at,
            request_key=self.key(),
            is_whole_list=is_whole_list,
            as_of_on=self.at.date() if is_whole_list else None,
            county_code=COUNTY if is_whole_list else "",
        )
        assert (result.state, result.accepted) == ("done", len(rows)), result
        self.jobs[job] = result.job_id

    def period_row(self, world: int, person: int, span: Span) -> str:
        return f"{id_number(world, person)},{span.group},{COUNTY},{span.from_on},{span.to_on or ''}"

    def stay_row(self, world: int, setl: str, person: int, bill: Bill, *, reverses: str = "") -> str:
        sign = -1 if reverses else 1
        birth = born_on(world, person) if bill.is_birth_known else ""
        admitted = bill.admitted_on
        return (
            f"{setl_id(world, setl)},{id_number(world, person)},{COUNTY},H1,{birth},1,{admitted},{admitted},"
            f"{admitted},{sign * (BASIC_FEN + bill.residual_fen)},{sign * BASIC_FEN},{bill.diagnosis},"
            f"{setl_id(world, reverses) if reverses else ''}"
        )

    # The name of the bank tells accounts apart: a holder of another name would be asked about.
    def account_row(self, world: int, name: str, person: int, kind: str) -> str:
        serial = f"{world:05d}{_serial(name):08d}"
        return f"{id_number(world, person)},{setl_id(world, name)},62284{serial},,{kind},"

    def list_changes(self, job: str) -> list[tuple[str, int]]:
        return sorted(
            ListChange.objects.filter(job_id=self.jobs[job]).values_list("kind", "person_id"), key=str
        )

    def apply(self, job: str) -> int:
        return apply_list(
            job_id=self.jobs[job], actor=ACTORS["clerk"], occurred_at=self.at, request_key=self.key()
        )

    def refuse_to_apply(self, job: str) -> None:
        with pytest.raises(NoWholeList), transaction.atomic():
            self.apply(job)

    def undo(self, job: str) -> dict[str, int]:
        """Take an import back; return what stood in the way, nothing where it was taken back."""
        try:
            with transaction.atomic():
                undo_import(
                    job_id=self.jobs[job],
                    reason=REASON,
                    actor=ACTORS["clerk"],
                    occurred_at=self.at,
                    request_key=self.key(),
                )
        except ImportRested as refusal:
            return {refusal.why: refusal.number}
        return {}

    def screen(self) -> dict[str, str]:
        run = run_screening(actor=ACTORS["clerk"], started_at=self.at, request_key=self.key())
        return dict(run.changes.values_list("proposal__setl_id", "kind"))

    # People

    def say(self, said: Sequence[Said], batch: str, *, is_repeated: bool) -> None:
        """Let one action of each of these worlds happen, those of a kind in one call where people do so."""
        groups: dict[tuple[str, str], list[Said]] = defaultdict(list)
        for one in said:
            is_set = one.what in ("confirm", "order", "paid", "failed")
            groups[one.what, "" if is_set else one.more].append(one)
        bank = [one for what in ("paid", "failed") for one in groups.pop((what, ""), [])]
        for (what, more), some in groups.items():
            self._say_group(what, more, some, batch, is_repeated=is_repeated)
        if bank:
            self._answer(bank, is_repeated=is_repeated)

    def _say_group(
        self, what: str, more: str, some: Sequence[Said], batch: str, *, is_repeated: bool
    ) -> None:
        if what == "confirm":
            self._open(some)
        elif what == "order":
            self._order(some, batch, is_repeated=is_repeated)
        elif what in SINGLE:
            for one in some:
                SINGLE[what](self, one)
        else:
            numbers = self.numbers(some)
            keys = {numbers[one.setl]: self.key() for one in some}
            for _ in range(1 + is_repeated):
                move_claims(
                    keys=keys, verb=Verb(what), actor=ACTORS[more], occurred_at=self.at, reason=REASON
                )

    def numbers(self, some: Sequence[Said]) -> Mapping[str, str]:
        # Of a settlement that was claimed again, the newest claim.
        found = Claim.objects.filter(setl_id__in=[one.setl for one in some]).order_by("pk")
        return dict(found.values_list("setl_id", "number"))

    def number(self, one: Said) -> str:
        return self.numbers([one])[one.setl]

    def _open(self, some: Sequence[Said]) -> None:
        proposals = dict(
            Proposal.objects.filter(setl_id__in=[one.setl for one in some]).values_list("setl_id", "pk")
        )
        requests = [OpenRequest(proposals[one.setl], self.key(), one.more) for one in some]
        open_claims(requests=requests, actor=ACTORS["desk"], occurred_at=self.at)

    def _order(self, some: Sequence[Said], batch: str, *, is_repeated: bool) -> None:
        numbers, key = self.numbers(some), self.key()
        for _ in range(1 + is_repeated):
            self.batches[batch] = order_payments(
                numbers=sorted(numbers.values()),
                actor=ACTORS["payer_1"],
                occurred_at=self.at,
                request_key=key,
            )

    def turn(self, batch: str, state: str, held: int) -> None:
        """Release a batch or take it back; `held` of its claims are to be refused and taken out first."""
        number = self.batches[batch]
        if state == "voided":
            void_batch(number=number, reason=REASON, **self.words("payer_1"))  # type: ignore[arg-type]
            return
        words = {"number": number, **self.words("payer_2")}
        if held:
            _refused((errors.BatchQuestioned,), lambda: release_payments(**words))  # type: ignore[arg-type]
            taken = take_out_questioned(number=number, **self.words("payer_2"))  # type: ignore[arg-type]
            assert len(taken) == held, f"{taken} were taken out, should be {held}"
        built = Batch.objects.get(number=number)
        if built.state != "voided":
            for one in list_concerns(number, built.contract_from):
                noted = {"order_no": one.order_no, "kind": one.kind, "note": REASON}
                record_check(number=number, **noted, **self.words("payer_2"))  # type: ignore[arg-type]
            release_payments(**words)  # type: ignore[arg-type]

    def _answer(self, some: Sequence[Said], *, is_repeated: bool) -> None:
        orders = {
            o.source: o
            for o in Order.objects.filter(source__in=self.numbers(some).values(), state="sent")
            .defer("account_no")
        }  # fmt: skip
        numbers = self.numbers(some)
        lines = [self._line(orders[numbers[one.setl]], one.what) for one in some]
        content = self._bank_file(lines)
        for _ in range(1 + is_repeated):
            self._post(content)
        if is_repeated:
            self._post(self._bank_file(lines))

    def _line(self, order: Order, result: str) -> str:
        return f"{order.order_no},{result},{self.at.date()},{order.amount_fen},"

    def _bank_file(self, lines: Sequence[str]) -> bytes:
        serial = next(self._bank_files)
        rows = [
            "order_no,result,on,amount_fen,reason,serial",
            *(f"{line}销户,{serial}" for line in lines),
            "",
        ]
        return "\n".join(rows).encode()

    def _post(self, content: bytes) -> None:
        record_returns(
            name="回单", content=content, actor=ACTORS["payer_1"], occurred_at=self.at, request_key=self.key()
        )

    def hear(self) -> None:
        deliver_facts()

    def words(self, actor: str) -> dict[str, object]:
        return {"actor": ACTORS[actor], "occurred_at": self.at, "request_key": self.key()}


def _serial(name: str) -> int:
    """Return the number of an account named `a<round>.<person>`."""
    number, _, person = name[1:].partition(".")
    return int(number) * 100 + int(person)


def _decline(city: City, one: Said) -> None:
    pk = Proposal.objects.values_list("pk", flat=True).get(setl_id=one.setl)
    decline_proposal(proposal_id=pk, reason=REASON, **city.words("desk"))  # type: ignore[arg-type]


def _set_account(city: City, one: Said) -> None:
    account = Account.objects.values_list("pk", flat=True).get(bank_name=setl_id(one.world, one.more))
    set_account(number=city.number(one), account_id=account, **city.words("desk"))  # type: ignore[arg-type]


def _record_heir(city: City, one: Said) -> None:
    number = city.number(one)
    heir = NewHeir(
        died_on=city.at.date(),
        name="继承人",
        relation="配偶",
        consent="其他继承人书面同意",
        bank_name=setl_id(one.world, one.more),
        account_no=f"99{one.world:05d}{Claim.objects.get(number=number).pk:08d}{len(one.more)}"
        f"{one.more.rpartition('+')[2]}",
    )
    record_heir(number=number, new=heir, **city.words("desk"))  # type: ignore[arg-type]


def _answer_question(city: City, one: Said) -> None:
    pk = Question.objects.values_list("pk", flat=True).get(claim__setl_id=one.setl, state="open")
    answer_question(question_id=pk, answer=one.more, reason=REASON, **city.words("approver_1"))  # type: ignore[arg-type]


def _open_recovery(city: City, one: Said) -> None:
    open_recovery(number=city.number(one), reason=REASON, **city.words(one.more))  # type: ignore[arg-type]


def _recovery(one: Said) -> int:
    return int(Recovery.objects.values_list("pk", flat=True).get(claim__setl_id=one.setl, state="open"))


def _repay(city: City, one: Said) -> None:
    record_repayment(
        recovery_id=_recovery(one),
        received_on=city.at.date(),
        **city.words("payer_1"),  # type: ignore[arg-type]
    )


def _propose_waiver(city: City, one: Said) -> None:
    propose_waiver(recovery_id=_recovery(one), reason=REASON, **city.words(one.more))  # type: ignore[arg-type]


def _agree_waiver(city: City, one: Said) -> None:
    agree_waiver(recovery_id=_recovery(one), **city.words(one.more))  # type: ignore[arg-type]


def _refused(refusals: tuple[type[Exception], ...], attempt: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            attempt()
    except refusals:
        return
    raise AssertionError(f"{' or '.join(one.__name__ for one in refusals)} was due, and nothing was refused")


def _wrong_move(city: City, one: Said) -> None:
    words = {**city.words("assessor_1" if one.more == "assess" else "desk"), "reason": REASON}
    number, verb = city.number(one), Verb(one.more)
    _refused((errors.IllegalMove,), lambda: move_claim(number=number, verb=verb, **words))  # type: ignore[arg-type]


def _same_hands(city: City, one: Said) -> None:
    words = city.words(one.more)
    number, refusals = city.number(one), (errors.SameHands, errors.RoleMissing)
    _refused(refusals, lambda: move_claim(number=number, verb=Verb.APPROVE, **words))  # type: ignore[arg-type]


def _confirm_in_vain(refusal: type[Exception]) -> Callable[[City, Said], None]:
    def attempt(city: City, one: Said) -> None:
        _refused((refusal,), lambda: city._open([one]))

    return attempt


def _order_in_vain(city: City, one: Said) -> None:
    refusals = (errors.IllegalMove, errors.AccountMissing, NothingToPay)
    _refused(refusals, lambda: city._order([one], "none", is_repeated=False))


def _withdraw_in_vain(city: City, one: Said) -> None:
    held = Said(one.world, ("answer", one.action[1], "withdrawn"))
    _refused((errors.MoneyUnderWay,), lambda: _answer_question(city, held))


def _turn_answer_round(city: City, one: Said) -> None:
    order = Order.objects.defer("account_no").get(source=city.number(one), state="paid")
    content = city._bank_file([city._line(order, "failed")])
    city._post(content)
    assert ReturnFile.objects.latest("pk").counts["paid"] == 0
    assert Order.objects.defer("account_no").get(pk=order.pk).state == "paid"


SINGLE: Mapping[str, Callable[[City, Said], None]] = {
    "decline_proposal": _decline,
    "account": _set_account,
    "heir": _record_heir,
    "answer": _answer_question,
    "recover": _open_recovery,
    "repaid": _repay,
    "propose_waiver": _propose_waiver,
    "agree_waiver": _agree_waiver,
    "wrong_move": _wrong_move,
    "same_hands": _same_hands,
    "lost_ground": _confirm_in_vain(errors.NotEntitled),
    "decided_before": _confirm_in_vain(errors.ProposalDecided),
    "not_payable": _order_in_vain,
    "under_way": _withdraw_in_vain,
    "turned": _turn_answer_round,
}
