"""A payment run at the desk (一次付款), said again with the same keys until each act is acknowledged.

In: visitors of each post, proposals, a bank with its own book. Out: claims paid, and the keys of what the
site has acknowledged: approved claims become orders, a batch is cut, checked and released by a second person
with the password, its file goes to the bank, the answers come back, and what was returned is paid again.
"""

import http.client
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg

from tests.faults.bank import Bank, Payment
from tests.faults.payables import FIRST_ACCOUNT
from tests.faults.visitor import Answer, Visitor

AGENT, ASSESSOR, APPROVER, PAYER, SECOND_PAYER = POSTS = (
    "liuguilan",
    "liyumei",
    "chenzhiyuan",
    "gaojianshe",
    "helihua",
)
ON = date(2019, 11, 20)
WAIT_SECONDS = 60
TRIES_MAX = 200
RETURNED = """SELECT number || ' ' || substr(setl_id, 2) FROM claims_claim
WHERE state = 'approved' AND payment_note <> '' AND setl_id LIKE 'K%'"""
OWNER_DIGITS = len(str(FIRST_ACCOUNT))  # a new account of the same person goes on from there


class StuckError(AssertionError):
    """What was asked was refused, or never came to an end."""


@dataclass
class PaymentRun:
    """Runs over one city; `wait_for_site` is called whenever nobody answered or something broke."""

    visitors: Mapping[str, Visitor]
    bank: Bank
    database: str
    drawn: Random
    wait_for_site: Callable[[], None]
    acknowledged: list[str] = field(default_factory=list)
    repeats: int = 0
    reissued: int = 0

    def pay(self, payables: Sequence[Mapping[str, int]]) -> None:
        """Take proposals all the way to the bank's answers; what comes back gets another account."""
        picked = [str(one["proposal"]) for one in payables]
        if picked:
            self._say(AGENT, "/screening/decide/", [("decision", "confirm"), *_picked(picked)], picked)
            numbers = self._read("SELECT number FROM claims_claim WHERE proposal_id = ANY(%s)", picked)
            for who, verb in ((ASSESSOR, "assess"), (APPROVER, "approve")):
                self._say(who, "/claims/batch/", [("verb", verb), *_picked(numbers)], numbers)
        batch = self._say(PAYER, "/payments/build/", []).location
        self._say(SECOND_PAYER, f"{batch}release/", [("password", self.visitors[SECOND_PAYER].password)])
        file = self._try(
            lambda: self.visitors[PAYER].get(f"{batch}bank-file.csv"), lambda got: got.status == 200
        )
        # From here on it is the bank's: it has paid before anybody here hears of it.
        self._bring_answers(self.bank.take(file.body, ON))
        self._wait_until_heard()
        self._pay_again()

    def left(self) -> int:
        """Return how many claims of these runs wait to be paid."""
        return len(self._read("SELECT id FROM claims_claim WHERE state = 'approved' AND setl_id LIKE 'K%'"))

    def _bring_answers(self, payments: Sequence[Payment]) -> None:
        self._say(PAYER, "/payments/returns/", [], file=("content", self.bank.answer(payments)))
        if self.drawn.random() < 1 / 3:
            # The bank answers again, in another order, with what it said before among it.
            book = list(self.bank.book())
            again = self.drawn.sample(book, len(book))[:200]
            self._say(PAYER, "/payments/returns/", [], file=("content", self.bank.answer(again)))

    def _wait_until_heard(self) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while self._read("SELECT id FROM outbox_fact WHERE delivered_at IS NULL"):
            if time.monotonic() > end:
                raise StuckError("the claims have not heard of their money")
            time.sleep(0.02)

    def _pay_again(self) -> None:
        for line in self._read(RETURNED):
            number, person = line.split()
            self.reissued += 1
            account_no = f"{FIRST_ACCOUNT + int(person)}{self.reissued:06d}"
            account = [("bank_name", "农商银行"), ("account_no", account_no), ("holder_name", "某某")]
            self._say(AGENT, f"/claims/{quote(number)}/account/", account)

    def _say(
        self,
        who: str,
        path: str,
        fields: Sequence[tuple[str, str]],
        items: Sequence[str] = (),
        file: tuple[str, bytes] | None = None,
    ) -> Answer:
        """Send a form until the site says that it is done; the key stays the same."""
        key = str(UUID(int=self.drawn.getrandbits(128)))
        sent = [("request_key", key), *fields]
        answer = self._try(lambda: self.visitors[who].post(path, sent, file), _is_done)
        if answer.is_done:
            self.acknowledged += [f"{key}:{item}" for item in items] or [key]
        return answer

    def _try(self, ask: Callable[[], Answer], is_done: Callable[[Answer], bool]) -> Answer:
        for _ in range(TRIES_MAX):
            try:
                answer = ask()
            except (OSError, http.client.HTTPException):
                pass
            else:
                if is_done(answer):
                    return answer
                if answer.status < 500:
                    raise StuckError(f"{answer.status} {answer.location} {answer.said} {answer.text[-2000:]}")
            self.repeats += 1
            self.wait_for_site()
            time.sleep(0.05)
        raise StuckError("asked again and again")

    def _read(self, query: str, *words: Any) -> list[str]:
        values = [[int(one) for one in word] for word in words]
        for _ in range(TRIES_MAX):
            try:
                with psycopg.connect(self.database, connect_timeout=5) as city:
                    return [str(row[0]) for row in city.execute(query, values or None)]
            except psycopg.OperationalError:
                self.wait_for_site()
                time.sleep(0.05)
        raise StuckError("the database does not come back")


def _is_done(answer: Answer) -> bool:
    # A file that is known already is told by a warning, and is as good as posted.
    return answer.is_done or "#return-" in answer.location


def _picked(values: Sequence[str]) -> list[tuple[str, str]]:
    return [("picked", value) for value in values]
