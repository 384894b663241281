"""Visits to the staff site of a city (测量用的访问): real addresses with many different values, in turn.

In: a city written by `city_world`, whose officer asks, and how many addresses of a kind. Out: the addresses;
and, run as a program, the milliseconds of each answer, as one JSON object on standard output.

The WSGI application answers in this process, behind all its middleware, to a signed-in officer, with
row-level security on; the time is that from the call until the last byte of the body.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Any
from urllib.parse import quote, urlencode

import django
from django.db import connection

from tests.benchmark.city_numbers import sampled_id, sampled_people, sampled_phone

COUNTY = "411724"
POSTS = ("assessor", "approver", "desk_agent", "payer", "auditor")
STATES = ("lodged", "assessed", "approved", "awaiting_documents", "paid", "closed", "")
DUES = ("", "late", "today", "tomorrow", "later", "paused")
SORTS = ("due", "-due", "sum", "-sum")
WARMING = 5  # of each kind before it is timed: a process of the site has been at it for hours
GROUPS = ("", "registered_poor", "orphan", "subsistence_allowance")


@dataclass(frozen=True, slots=True)
class Values:
    """What is there to be asked for by this officer."""

    random: Random
    county: str
    people: int
    names: list[tuple[str, str, int]]
    claims: list[str]

    def draw(self, *choices: str) -> str:
        """Return one of the choices."""
        return self.random.choice(choices)

    @property
    def name(self) -> str:
        """Return somebody's name."""
        return self.random.choice(self.names)[0]

    @property
    def sound(self) -> str:
        """Return the sound of somebody's name, without the initials."""
        return self.random.choice(self.names)[1].split()[0]

    @property
    def sampled(self) -> int:
        """Return somebody of this officer's counties whose numbers are known."""
        while True:
            n = self.random.choice(sampled_people(self.people))
            if not self.county or 411721 + n % 9 == int(self.county):
                return n


def _search(words: str) -> str:
    return f"/search/?q={quote(words)}"


def _middle(values: Values) -> str:
    name = values.name
    start = values.random.randrange(1, len(name))
    return name[start : start + values.random.randint(1, 2)]


def _claims(values: Values) -> str:
    chosen = {
        "state": values.draw(*STATES),
        "due": values.draw(*DUES),
        "sort": values.draw(*SORTS),
        "county": values.draw("", values.county or COUNTY),
        "page": values.draw("1", "1", "2", "7", "40"),
    }
    return f"/claims/?{urlencode(chosen)}"


def _screening(values: Values) -> str:
    chosen = {
        "county": values.draw("", values.county or COUNTY),
        "group": values.draw(*GROUPS),
        "outcome": values.draw("entitled", "undetermined", "all"),
        "state": values.draw("open", "open", "confirmed", "declined"),
        "after": values.draw("0", "0", str(values.random.randrange(1_000_000))),
    }
    return f"/screening/?{urlencode(chosen)}"


def _workbench(values: Values) -> str:
    chosen = {"as": values.draw(*POSTS), "due": values.draw(*DUES), "sort": values.draw(*SORTS)}
    return f"/?{urlencode(chosen)}"


KINDS: Mapping[str, Callable[[Values], str]] = {
    "search_id": lambda values: _search(sampled_id(values.sampled)),
    "search_claim_number": lambda values: _search(values.random.choice(values.claims)),
    "search_phone": lambda values: _search(sampled_phone(values.sampled)),
    "search_name_prefix": lambda values: _search(values.name[: values.random.randint(1, 3)]),
    "search_pinyin_prefix": lambda values: _search(values.sound[: values.random.randint(2, 9)]),
    "search_name_substring": lambda values: _search(_middle(values)),
    "claim_page": lambda values: f"/claims/{quote(values.random.choice(values.claims))}/",
    "person_page": lambda values: f"/people/{values.random.choice(values.names)[2]}/",
    "workbench": _workbench,
    "claims_list": _claims,
    "payments": lambda values: "/payments/",
    "screening": _screening,
}


def draw_values(county: str, people: int) -> Values:
    """Return people and claims of a county, or of the whole city where it is empty, the same each time."""
    random = Random(f"visits {county}")
    numbers = [random.randrange(1, people + 1) for _ in range(12_000)]
    where = "AND county_code = %s" if county else "AND %s = ''"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, name_key, id FROM registry_person WHERE id = ANY (%s) {where} ORDER BY id",
            [numbers, county],
        )
        names = [row for row in cursor.fetchall() if len(row[0]) > 1]
        cursor.execute("SELECT max(id) FROM claims_claim")
        last = cursor.fetchone()[0]
        picked = [random.randrange(1, last + 1) for _ in range(12_000)]
        cursor.execute(
            f"SELECT number FROM claims_claim WHERE id = ANY (%s) {where} ORDER BY id", [picked, county]
        )
        claims = [row[0] for row in cursor.fetchall()]
    return Values(random, county, people, names, claims)


def addresses(values: Values, of_a_kind: int) -> Iterator[tuple[str, str]]:
    """Yield (kind, address), kind after kind in turn, so many of each."""
    for _ in range(of_a_kind):
        for kind, draw in KINDS.items():
            yield kind, draw(values)


class Browser:
    """Somebody signed in, who calls the WSGI application itself."""

    def __init__(self, county: str) -> None:
        from django.core.handlers.wsgi import WSGIHandler

        from yiyuan.config.wsgi import application

        assert isinstance(application, WSGIHandler), "this is the site's own entry"
        self._application = application
        self._cookie = _sign_in(county)

    def get(self, address: str) -> tuple[int, float, float]:
        """Return an answer's status, its milliseconds, and those on a processor, its body read to the end."""
        path, _, query = address.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET", "PATH_INFO": _decoded(path), "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_COOKIE": f"sessionid={self._cookie}", "HTTP_ACCEPT_LANGUAGE": "zh-hans",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }  # fmt: skip
        statuses: list[str] = []

        def start(status: str, *_headers: object) -> Callable[[bytes], object]:
            statuses.append(status)
            return bytes

        begun, busy = perf_counter(), _processor_seconds()
        answer = self._application(environ, start)
        for _part in answer:
            pass
        answer.close()
        took, worked = perf_counter() - begun, _processor_seconds() - busy
        return int(statuses[0].split()[0]), took * 1000, worked * 1000


def _processor_seconds() -> float:
    """Return what this process and the server process it speaks to have used of a processor."""
    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    of_server = int(server.read_text().split()[0]) / 1e9 if server.exists() else 0.0
    return process_time() + of_server


def _decoded(path: str) -> str:
    from urllib.parse import unquote_to_bytes

    # As a WSGI server hands it over: the bytes of the path, read as latin-1.
    return unquote_to_bytes(path).decode("latin-1")


def _sign_in(county: str) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from yiyuan.apps.accounts.models import Office, StaffMember
    from yiyuan.kernel.actor import Role

    office, _ = Office.objects.get_or_create(
        name=f"测量 {county or '全市'}", defaults={"county_code": county, "kind": Office.BUREAU}
    )
    member, _ = StaffMember.objects.get_or_create(
        username=f"visitor-{county or 'city'}",
        defaults={
            "name": "来访者", "office": office, "password": "!",
            "roles": [str(role) for role in Role if role is not Role.SYSTEM],
        },
    )  # fmt: skip
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def main(county: str, people: int, of_a_kind: int) -> None:
    """Visit, and print the milliseconds by kind and this process's peak memory in MiB."""
    django.setup()
    # The values are read as a command reads, over the whole city; the site itself sees nothing by default.
    with connection.cursor() as cursor:
        cursor.execute("SET yiyuan.counties = '*'")
    values = draw_values(county, people)
    connection.close()
    browser = Browser(county)
    for _kind, address in addresses(values, min(of_a_kind // 4, WARMING)):
        browser.get(address)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    worked: dict[str, list[float]] = {kind: [] for kind in KINDS}
    slowest: dict[str, tuple[float, str]] = {}
    for kind, address in addresses(values, of_a_kind):
        status, milliseconds, on_processor = browser.get(address)
        assert status in (200, 302), f"{address}: {status}"
        took[kind].append(milliseconds)
        worked[kind].append(on_processor)
        slowest[kind] = max(slowest.get(kind, (0.0, "")), (milliseconds, address))
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    found = {"took": took, "worked": worked, "slowest": slowest, "peak_mib": peak}
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    assert os.environ["YIYUAN_COUNTIES"] == "", "the site's processes see nobody's rows by themselves"
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
