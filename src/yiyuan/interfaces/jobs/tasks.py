"""What runs by itself (后台任务): delivering facts, reading imported files, screening the city."""

from collections.abc import Mapping

from procrastinate.contrib.django import app

from yiyuan.apps.claims import handlers as claims
from yiyuan.apps.outbox.services import Handler, deliver_waiting
from yiyuan.interfaces import clock

HANDLERS: Mapping[str, Handler] = {
    "payment.sent": claims.on_payment_sent,
    "payment.paid": claims.on_payment_paid,
    "payment.returned": claims.on_payment_returned,
}


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_facts", pass_context=False)
def deliver_facts(timestamp: int = 0) -> int:
    """Hand every waiting fact to its handler; return how many. Repeating it is safe."""
    return deliver_waiting(handlers=HANDLERS, delivered_at=clock.now())
