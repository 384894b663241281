"""Asking for delivery (请求传送): facts that a page has just written reach their handlers at once."""

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from yiyuan.interfaces.jobs.tasks import deliver_facts


def ask_for_delivery() -> None:
    """Queue the delivery of waiting facts once the caller's transaction is kept. Repeating it is safe.

    A delivery that waits already takes these facts along, so that it is enough; one that cannot be queued at
    all is made good by the delivery that runs every minute, so that the caller's act never fails for it.
    """
    transaction.on_commit(_queue_delivery, robust=True)


def _queue_delivery() -> None:
    try:
        # The database refuses a second waiting delivery; the savepoint keeps the caller's transaction sound.
        with transaction.atomic():
            deliver_facts.defer()
    except AlreadyEnqueued:
        return
