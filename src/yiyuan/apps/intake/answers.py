"""The bank's answers by a file (银行回单导入): posted as on the money page, but line by line.

In: a reading of answers. Out: orders posted; lines that contradict what is known become refused rows.
"""

from collections.abc import Mapping
from pathlib import Path

from yiyuan.apps.intake.models import ImportJob
from yiyuan.apps.payments.posting import record_answers
from yiyuan.apps.registry.bulk.copying import Origin
from yiyuan.exchange.bank.answers import ReturnLine
from yiyuan.exchange.reading import Reading
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

REASON_CODE_MAX, REASON_MAX = 20, 200


def take_answers(reading: Reading, origin: Origin, _work: Path) -> int:
    """Post the answers of this reading; return how many orders were answered. Repeating it answers none."""
    job = ImportJob.objects.get(pk=origin.job_id)
    rows = reading.connection.execute(
        'SELECT seq, order_no, result, "on", amount_fen, reason_code, reason FROM accepted ORDER BY seq'
    ).fetchall()
    lines = [
        ReturnLine(seq, order_no, result == "paid", on, fen, code[:REASON_CODE_MAX], reason[:REASON_MAX])
        for seq, order_no, result, on, fen, code, reason in rows
    ]
    refused = record_answers(
        name=job.file_name,
        digest=job.sha256,
        lines=lines,
        # Who brought the file was held to be a payer when it was put on record.
        actor=Actor(job.started_by, job.started_by_name, frozenset({Role.PAYER}), EVERYWHERE),
        occurred_at=origin.recorded_at,
        request_key=f"import:{job.pk}:answers",
    )
    _refuse(reading, {line.row: line.order_no for line in lines}, refused)
    return len(lines) - len(refused)


def _refuse(reading: Reading, numbers: dict[int, str], refused: Mapping[int, tuple[str, str]]) -> None:
    if not refused:
        return
    engine = reading.connection
    engine.execute("CREATE TEMP TABLE unposted (seq BIGINT, reason VARCHAR, found VARCHAR, detail VARCHAR)")
    engine.executemany(
        "INSERT INTO unposted VALUES (?, ?, ?, ?)",
        [(seq, reason, numbers[seq], detail or None) for seq, (reason, detail) in refused.items()],
    )
    for reason in sorted({reason for reason, _ in refused.values()}):
        reading.refuse(
            reason, "order_no", f"SELECT seq, found, detail FROM unposted WHERE reason = '{reason}'"
        )
