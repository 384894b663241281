"""The sealed ledger: what is changed behind the application is named, by the verifier and by the export."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.builders import AT, PAYER, key
from tests.database import CopiedDatabase
from tests.faults.planting import list_missed, seal_entries_in
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.exporting import SCRIPT, export_ledger
from yiyuan.apps.ledger.models import Anchor, Balance, Entry, Link, Posting, Seal
from yiyuan.apps.ledger.sealing import anchor_chain, seal_entries
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry
from yiyuan.apps.ledger.verifying import Fault, verify_as_seen, verify_ledger
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

COUNTY, YEAR = "411724", date(2019, 1, 1)
ODD = '正阳-"医"\\\t\x1f\x7f\n-é😀'
AUDITOR = Actor("auditor", "审计", frozenset({Role.AUDITOR}), EVERYWHERE)
PLANTED = 100
ROWS = 1_000


def post(count: int, *, subject: str = "正阳-医-2019") -> None:
    entries = [
        NewEntry(EntryKind.RESERVE, f"{subject}-{place:05d}", 100 + place, key(), COUNTY, YEAR)
        for place in range(count)
    ]
    with transaction.atomic():
        post_entries(entries=entries, actor=PAYER, occurred_at=AT)


def post_of_every_form() -> None:
    """Post many at once, few, a reversal, a share between insurers, and texts that need escaping."""
    post(60)
    post(3, subject=ODD)
    reverse_entry(
        subject=f"{ODD}-00001", posted=EntryKind.RESERVE, kind=EntryKind.UNRESERVE, actor=PAYER,
        occurred_at=AT, request_key=key(),
    )  # fmt: skip
    for giver, taker in (("乙保险", "甲保险"), ("Ab", "aB"), ("", "某")):
        share = NewEntry(EntryKind.SHARE_OUT, "x", 5, key(), "", None, giver, taker)
        post_entries(entries=[share], actor=PAYER, occurred_at=AT)


def export(folder: Path) -> Path:
    export_ledger(folder=folder, actor=AUDITOR, occurred_at=AT, request_key=key())
    return folder


def check_alone(folder: Path, *words: str) -> tuple[int, str]:
    """Run the auditor's script as a process of its own, without anything of this project."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py", *words],
        capture_output=True, text=True, check=False, encoding="utf-8", env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.django_db
def test_what_is_posted_is_sealed_in_one_chain_and_holds() -> None:
    post_of_every_form()

    assert seal_entries(sealed_at=AT).new == 67
    assert seal_entries(sealed_at=AT).new == 0
    post(1, subject="later")
    assert verify_as_seen().waiting == 1
    assert seal_entries(sealed_at=AT).position == 68

    verified = verify_as_seen()
    assert (verified.findings, verified.checked, verified.waiting) == ([], 68, 0)
    assert list(Link.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 69))
    assert bytes(Seal.objects.latest("pk").root) == verified.root


@pytest.mark.django_db
def test_the_sealing_keeps_each_months_balances() -> None:
    post(2)
    seal_entries(sealed_at=AT)
    post(1)
    seal_entries(sealed_at=AT)

    told = Balance.objects.order_by("account_id").values_list(
        "month", "account_id", "county_code", "programme_from", "gained_fen", "given_fen", "count"
    )
    month = date(2019, 11, 1)
    assert list(told) == [
        (month, "fund", COUNTY, YEAR, 0, 301, 3),
        (month, "payable", COUNTY, YEAR, 301, 0, 3),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["link", "seal", "anchor"])
@pytest.mark.parametrize("statement", ["DELETE FROM ledger_{}", "UPDATE ledger_{} SET {} = {}"])
def test_what_is_sealed_stays(table: str, statement: str) -> None:
    post(1)
    anchor_chain(actor=AUDITOR, anchored_at=AT, request_key=key())
    column = "link" if table == "link" else "root"

    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, column, column))


@pytest.mark.django_db
def test_an_anchor_is_set_once_a_request_and_stands_in_the_audit_too() -> None:
    post(3)
    request_key = key()

    first = anchor_chain(actor=AUDITOR, anchored_at=AT, request_key=request_key)
    post(1)
    again = anchor_chain(actor=AUDITOR, anchored_at=AT, request_key=request_key)

    assert (first.position, again.position, again.root) == (3, 3, first.root)
    assert Anchor.objects.count() == 1
    assert verify_as_seen().findings == []


@pytest.mark.django_db
def test_an_entry_that_is_not_what_its_digest_says_is_never_sealed() -> None:
    foreign = Entry.objects.create(
        kind="reserve", subject="暗账", occurred_at=AT, recorded_at=AT, actor_id="x", request_key=key(),
        digest=bytes(32),
    )  # fmt: skip
    Posting.objects.create(entry=foreign, account_id="fund", amount_fen=-1)
    Posting.objects.create(entry=foreign, account_id="paid", amount_fen=1)

    assert seal_entries(sealed_at=AT).new == 0
    assert [(one.fault, one.row_id, one.subject) for one in verify_as_seen().findings] == [
        (Fault.ENTRY_FOREIGN, foreign.pk, "暗账")
    ]


@pytest.mark.django_db(transaction=True)
def test_one_row_of_a_thousand_changed_behind_the_application_is_named(
    copied_database: CopiedDatabase,
) -> None:
    seal_entries_in(10, ROWS // 20)
    post_of_every_form()
    anchor_chain(actor=AUDITOR, anchored_at=AT, request_key=key())
    assert Entry.objects.count() + Posting.objects.count() + Link.objects.count() > ROWS
    assert verify_ledger().is_whole

    assert list_missed(copied_database.urls().maintenance, PLANTED, seed=4117) == []

    assert verify_ledger().is_whole


@pytest.mark.django_db(transaction=True)
def test_a_link_that_ends_a_seal_is_missed_once(copied_database: CopiedDatabase) -> None:
    seal_entries_in(2, 5)

    found = []
    with psycopg.connect(copied_database.urls().maintenance) as server:
        server.execute("SET session_replication_role = replica")
        for position in (5, 10):
            server.execute("CREATE TEMPORARY TABLE kept AS TABLE ledger_link")
            server.execute("DELETE FROM ledger_link WHERE position = %s", [position])
            server.commit()
            found.append([(one.fault, one.row_id) for one in verify_ledger().findings])
            server.execute("INSERT INTO ledger_link SELECT * FROM kept WHERE position = %s", [position])
            server.execute("DROP TABLE kept")
            server.commit()

    assert found == [[(Fault.LINK_REMOVED, 5)], [(Fault.LINK_REMOVED, 10)]]
    assert verify_ledger().is_whole


@pytest.mark.django_db(transaction=True)
def test_entries_that_commit_late_are_sealed_after_those_that_overtook_them(
    copied_database: CopiedDatabase,
) -> None:
    with psycopg.connect(copied_database.urls().application, options="-c yiyuan.counties=*") as late:
        late.execute("SELECT nextval('ledger_entry_id_seq')")
        late.execute(
            """INSERT INTO ledger_entry
                (kind, subject, occurred_at, recorded_at, actor_id, request_key, digest)
            VALUES ('reserve', 'late', %s, %s, 'x', 'late', ledger_digest('reserve', 'late', %s, %s, '',
                NULL, 'x', 'late', NULL,
                ledger_told('fund', '', -1) || ', ' || ledger_told('paid', '', 1)))""",
            [AT] * 4,
        )
        late.execute(
            """INSERT INTO ledger_posting (entry_id, account_id, amount_fen)
            SELECT id, side.account, side.fen
            FROM ledger_entry, (VALUES ('fund', -1), ('paid', 1)) AS side(account, fen)
            WHERE subject = 'late'"""
        )
        for _ in range(3):
            post(1)
            seal_entries(sealed_at=AT)
        late.commit()
    for _ in range(3):
        post(1)
        seal_entries(sealed_at=AT)

    order = list(Link.objects.order_by("position").values_list("entry__subject", flat=True))
    assert order.index("late") == 3
    assert verify_ledger().is_whole


@pytest.mark.django_db
def test_the_export_is_checked_by_its_own_script_alone(tmp_path: Path) -> None:
    post_of_every_form()
    anchored = anchor_chain(actor=AUDITOR, anchored_at=AT, request_key=key())
    post(2)

    folder = export(tmp_path / "export")

    code, told = check_alone(folder)
    assert (code, told.strip()) == (
        0,
        f"whole: 69 entries, chain up to 67, 2 not sealed yet, root {anchored.root.hex()}",
    )
    assert check_alone(folder, "--root", anchored.root.hex(), "--position", "67")[0] == 0
    assert check_alone(folder, "--root", "00" * 32, "--position", "67")[0] == 1
    assert check_alone(folder, str(tmp_path / "nowhere"))[0] == 2
    script = SCRIPT.read_text(encoding="utf-8")
    assert len(script.splitlines()) < 200
    assert "yiyuan" not in script


def change_line(words: Callable[[dict[str, object]], object]) -> Callable[[list[str]], None]:
    """Return a change of the entry on the sixth line."""

    def change(lines: list[str]) -> None:
        entry = json.loads(lines[5])
        words(entry)
        lines[5] = json.dumps(entry, ensure_ascii=False)

    return change


def double_amounts(entry: dict[str, object]) -> None:
    """Make it twice the money, so that it still sums to zero."""
    entry["postings"] = [[account, who, fen * 2] for account, who, fen in entry["postings"]]  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (change_line(double_amounts), "line 6: entry"),
        (change_line(lambda entry: entry.update(subject="别案")), "line 6: entry"),
        (change_line(lambda entry: entry.update(county_code=None)), "differs from its digest"),
        (change_line(lambda entry: entry.update(link="ab" * 32)), "does not follow"),
        (change_line(lambda entry: entry.pop("actor_id")), "line 6: cannot be read"),
        (lambda lines: lines.pop(5), "position 7 follows 5"),
        (lambda lines: lines.pop(), "manifest.json: entries"),
        (lambda lines: lines.insert(5, lines[7]), "stands here twice"),
        (lambda lines: lines.insert(5, "{"), "line 6: cannot be read"),
    ],
)
def test_a_tampered_copy_is_named_by_line_and_entry(
    tmp_path: Path, change: Callable[[list[str]], object], told: str
) -> None:
    post(20)
    anchor_chain(actor=AUDITOR, anchored_at=AT, request_key=key())
    folder = export(tmp_path / "export")
    lines = (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines()

    change(lines)
    (folder / "entries.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    code, words = check_alone(folder)
    assert code == 1
    assert told in words
