"""Fifty desks at work at once (五十个窗口同时办事): people who look, file, sign and pay at their own pace.

In: a home for the site, how many desks, how many seconds, the seed. Out: every answer with its time, the keys
of what was acknowledged, and what went wrong. A refusal in words is an answer; a broken page is an error.
"""

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Barrier, Thread
from urllib.parse import quote, unquote
from uuid import UUID

import psycopg

from tests.faults.payables import PASSWORD, desk_names
from tests.faults.site import RunningSite
from tests.faults.visitor import Answer, Visitor
from yiyuan.runtime.cluster import SUPERUSER
from yiyuan.runtime.places import CHECKOUT
from yiyuan.runtime.processes import free_port

# Between two clicks, in seconds: somebody reads the page, or somebody else sits down.
PAUSE_MIN_S, PAUSE_MAX_S = 0.5, 3.5
WORDS = ("--empty", "--today", "2019-11-20")
PICKED = re.compile(r'name="picked" value="([^"]+)"')
TO_RELEASE = re.compile(r'href="(/payments/\d+/)">放行')
LOST = """SELECT said FROM unnest(%s::text[]) said WHERE NOT EXISTS (
    SELECT FROM audit_entry a WHERE a.request_key = said)"""


@dataclass
class Desk:
    """One person at a desk: what they asked, how long each answer took, what they were told was done."""

    visitor: Visitor
    drawn: Random
    proposals: list[str]
    seconds: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def work(self, turn: Callable[["Desk"], None], until: float) -> None:
        """Take turns until that moment."""
        while time.monotonic() < until:
            turn(self)

    def look(self, path: str) -> Answer | None:
        """Open a page; None where it broke."""
        return self._ask(path, lambda: self.visitor.get(path))

    def say(self, path: str, fields: Sequence[tuple[str, str]], picked: Sequence[str] = ()) -> Answer | None:
        """Send a form with a key of its own; what is acknowledged is remembered by it.

        A release is not: where another has let the batch go meanwhile, that is said to be done and is theirs.
        """
        key = str(UUID(int=self.drawn.getrandbits(128)))
        words = [("request_key", key), *fields, *(("picked", one) for one in picked)]
        answer = self._ask(path, lambda: self.visitor.post(path, words))
        if answer and answer.is_done:
            self.acts[path.split("/")[1]] += 1
            # Of many picked some may be refused; who reads the page is told which.
            if len(picked) == 1:
                self.acknowledged.append(f"{key}:{picked[0]}")
            elif not picked and not path.endswith("release/"):
                self.acknowledged.append(key)
        return answer

    def _ask(self, path: str, ask: Callable[[], Answer]) -> Answer | None:
        begun = time.monotonic()
        try:
            answer = ask()
        except (OSError, http.client.HTTPException) as problem:
            self.errors.append(f"{path}: {problem!r}")
            return None
        finally:
            self.seconds.append(time.monotonic() - begun)
            time.sleep(self.drawn.uniform(PAUSE_MIN_S, PAUSE_MAX_S))
        if answer.status >= 400:
            self.errors.append(f"{path}: {answer.status} {answer.text[-300:]}")
            return None
        return answer


def file_claims(desk: Desk) -> None:
    """An agent: looks at the day's work, finds somebody, and files what the next one is entitled to."""
    desk.look("/")
    desk.look(f"/search/?q={quote(desk.drawn.choice(('某', 'mou', '411724195203040001')))}")
    if not desk.proposals:
        desk.look("/screening/")
        return
    mine = desk.proposals.pop()
    desk.look(f"/proposals/{mine}/")
    desk.say("/screening/decide/", [("decision", "confirm")], [mine])
    desk.look("/claims/")


def sign_claims(state: str, verb: str) -> Callable[[Desk], None]:
    """Return the turn of one who signs: reads the queue, opens a claim, signs some of them."""

    def turn(desk: Desk) -> None:
        desk.look("/")
        queue = desk.look(f"/claims/?state={state}")
        numbers = PICKED.findall(queue.text) if queue else []
        if not numbers:
            return
        number = unquote(desk.drawn.choice(numbers))
        desk.look(f"/claims/{quote(number)}/")
        desk.say("/claims/batch/", [("verb", verb)], [number])
        rest = [one for one in numbers[:5] if one != number]
        if rest:
            desk.say("/claims/batch/", [("verb", verb)], rest)

    return turn


def pay_claims(desk: Desk) -> None:
    """A payer: cuts a batch of what is signed, and releases those another has cut."""
    desk.look("/payments/")
    desk.say("/payments/build/", [])
    page = desk.look("/payments/")
    for address in TO_RELEASE.findall(page.text if page else "")[-2:]:
        desk.say(f"{address}release/", [("password", PASSWORD)])


TURNS: Mapping[str, Callable[[Desk], None]] = {
    "desk_agent": file_claims,
    "assessor": sign_claims("lodged", "assess"),
    "approver": sign_claims("assessed", "approve"),
    "payer": pay_claims,
}


@contextmanager
def running_city(home: Path, seed: int) -> Iterator[RunningSite]:
    """Give an empty city that runs."""
    site = RunningSite(home, free_port(Random(seed).randint(20_000, 60_000)), *WORDS).wait_until_ready()
    try:
        yield site
    finally:
        if site.supervisor.poll() is None:
            site.stop()


def work_at_desks(site: RunningSite, count: int, seconds: float, seed: int) -> Sequence[Desk]:
    """Let so many desks work side by side for so long."""
    agents = sum(role == "desk_agent" for _, role in desk_names(count))
    proposals = _write_city(site.home, agents * max(int(seconds // 8), 1), count)
    desks, turns, agent = [], [], 0
    for n, (name, role) in enumerate(desk_names(count)):
        mine = proposals[agent::agents] if role == "desk_agent" else []
        agent += role == "desk_agent"
        desks.append(Desk(Visitor(site.port, name, PASSWORD).sign_in(), Random(seed + n), mine))
        turns.append(TURNS[role])
    together = Barrier(count)

    def work(desk: Desk, turn: Callable[[Desk], None]) -> None:
        together.wait()
        desk.work(turn, time.monotonic() + seconds)

    threads = [Thread(target=work, args=pair) for pair in zip(desks, turns, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return desks


def list_lost(site: RunningSite, desks: Sequence[Desk]) -> list[str]:
    """Return the acts that were said to be done and of which the city knows nothing."""
    said = [key for desk in desks for key in desk.acknowledged]
    database = f"postgresql://{SUPERUSER}@/yiyuan?host={site.home / 'city/socket'}&port=5432"
    with psycopg.connect(database) as city:
        return [str(row[0]) for row in city.execute(LOST, [said])]


def _write_city(home: Path, proposals: int, desks: int) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YIYUAN_")}
    environment.pop("DATABASE_URL", None)
    environment |= {"YIYUAN_HOME": str(home), "PYTHONPATH": f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}"}
    command = [sys.executable, "-P", "-m", "tests.faults.payables", str(proposals), str(desks)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    return [str(json.loads(line)["proposal"]) for line in done.stdout.splitlines()]
