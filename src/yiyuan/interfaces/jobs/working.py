"""The worker's life (后台任务的进程): first what a dead one left behind, then every job that comes.

In: nothing. Out: jobs done, until the process is told to stop. A database that is full or away for a while is
waited for here: whoever watches the worker would take its endings for a fault, and stop the site after a few.
"""

import asyncio
import logging
import signal
import time

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from yiyuan.interfaces.jobs.tasks import deliver_facts, take_up_unfinished

AGAIN_SECONDS = 2.0
GRACE_SECONDS = 5.0
# What comes and goes; a mistake of ours ends the worker, and its log says why.
TROUBLES = (OperationalError, InterfaceError, ConnectorException, psycopg.OperationalError)
logger = logging.getLogger(__name__)


def work() -> None:
    """Do jobs until a signal asks to stop."""
    while True:
        try:
            _take_up()
            if asyncio.run(_do_jobs()):
                return
        except TROUBLES as trouble:
            logger.warning("the database refuses, trying again: %s", trouble)
        # The worker ends by itself where the database does not answer it.
        close_old_connections()
        time.sleep(AGAIN_SECONDS)


def _take_up() -> None:
    take_up_unfinished()
    try:
        # Facts whose delivery died with a worker need not wait for the minute.
        deliver_facts.defer()
    except AlreadyEnqueued:
        return


async def _do_jobs() -> bool:
    """Do jobs; return whether a signal asked to stop, else the worker has given up."""
    is_asked = False
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]  # Django's
        async with app.open_async():
            jobs = asyncio.create_task(
                app.run_worker_async(install_signal_handlers=False, shutdown_graceful_timeout=GRACE_SECONDS)
            )

            def stop() -> None:
                nonlocal is_asked
                is_asked = True
                jobs.cancel()

            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop)
            try:
                await jobs
            except asyncio.CancelledError:
                # Its own cancelling ends politely; anybody else's is not ours to swallow.
                if not is_asked:
                    raise
    return is_asked
