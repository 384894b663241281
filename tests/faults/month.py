"""A month's work in a process of its own, that a test may kill (可以被杀的一个月).

In: a settlement file and, in `KILL`, at which statement of which stage who dies. Out: rows in the database,
and a JSON line that says how many statements each stage took. Every stage may be said again after a death.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any

AT = datetime(2019, 11, 20, 2, tzinfo=UTC)
STAGES = ("import", "open", "sign", "batch", "returns")
KILL = "YIYUAN_TEST_KILL"
FAILED_EVERY = 5


@dataclass(frozen=True)
class Death:
    """Who dies (`worker`, or the `server` process behind it), so long after which statement of a stage."""

    stage: str
    statement: int
    victim: str
    delay_s: float

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class _Counter:
    """Counts the statements of a stage and lets the one that was named be the last."""

    def __init__(self, death: Death | None) -> None:
        self.death, self.count = death, 0

    def __call__(self, execute: Callable[..., Any], *words: Any) -> Any:
        self.count += 1
        if self.death is not None and self.count == self.death.statement:
            self._let_die(self.death)
        return execute(*words)

    def _let_die(self, death: Death) -> None:
        from django.db import connection

        server = connection.connection.info.backend_pid
        victim = os.getpid() if death.victim == "worker" else server
        Timer(death.delay_s, os.kill, (victim, signal.SIGKILL)).start()


def main(file: Path) -> None:
    """Do the month's work; what was done before a death is found done."""
    import django

    django.setup()
    death = Death(**json.loads(os.environ[KILL])) if KILL in os.environ else None
    counts: dict[str, int] = {}
    for stage, work in _stages(file).items():
        with _counted(death if death and death.stage == stage else None) as counter:
            work()
        counts[stage] = counter.count
    print(json.dumps(counts))


@contextmanager
def _counted(death: Death | None) -> Iterator[_Counter]:
    from django.db import connection

    connection.ensure_connection()
    counter = _Counter(death)
    with connection.execute_wrapper(counter):
        yield counter


def _stages(file: Path) -> Mapping[str, Callable[[], None]]:
    from tests.builders import APPROVER, ASSESSOR, CLERK, DESK, PAYER, PAYER_2
    from yiyuan.apps.claims.models import Claim
    from yiyuan.apps.claims.services import open_from_proposal, order_payments
    from yiyuan.apps.claims.states import Verb
    from yiyuan.apps.claims.transitions import move_claims
    from yiyuan.apps.intake.running import import_file
    from yiyuan.apps.payments.models import Order
    from yiyuan.apps.payments.posting import record_returns
    from yiyuan.apps.payments.services import release_batch
    from yiyuan.apps.screening.models import Proposal
    from yiyuan.interfaces.jobs.tasks import deliver_facts

    def bring() -> None:
        import_file(
            path=file, kind="settlements", group="", actor=CLERK, occurred_at=AT, request_key="import"
        )

    def file_claims() -> None:
        for pk in Proposal.objects.order_by("pk").values_list("pk", flat=True):
            open_from_proposal(proposal_id=pk, actor=DESK, occurred_at=AT, request_key=f"open:{pk}")

    def sign() -> None:
        numbers = list(Claim.objects.order_by("pk").values_list("number", flat=True))
        for verb, actor in ((Verb.ASSESS, ASSESSOR), (Verb.APPROVE, APPROVER)):
            keys = {number: f"{verb}:{number}" for number in numbers}
            move_claims(keys=keys, verb=verb, actor=actor, occurred_at=AT)

    def pay() -> None:
        batch = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key="batch")
        release_batch(number=batch, actor=PAYER_2, occurred_at=AT, request_key="release")
        deliver_facts()

    def answer() -> None:
        orders = Order.objects.order_by("order_no").values_list("order_no", "amount_fen")
        lines = [
            f"{order},{'failed' if place % FAILED_EVERY == 0 else 'paid'},2019-11-21,{fen},销户"
            for place, (order, fen) in enumerate(orders)
        ]
        content = "\n".join(["order_no,result,on,amount_fen,reason", *lines, ""]).encode()
        record_returns(name="回单", content=content, actor=PAYER, occurred_at=AT, request_key="returns")
        deliver_facts()

    return dict(zip(STAGES, (bring, file_claims, sign, pay, answer), strict=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
