"""The ledger: entries that sum to zero, are never changed, and are taken back only by another entry."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from tests.builders import AT, PAYER, key
from yiyuan.apps.ledger.chart import PATHS, AccountCode, EntryKind
from yiyuan.apps.ledger.errors import NothingToReverse
from yiyuan.apps.ledger.models import Account, Entry, Posting
from yiyuan.apps.ledger.queries import list_postings_of, sum_accounts, sum_envelope
from yiyuan.apps.ledger.services import NewEntry, post_entries, reverse_entry

pytestmark = pytest.mark.django_db

CLAIM = "正阳-医-2019-00001"


def post(kind: EntryKind, amount_fen: int = 80_000, *, request_key: str = "") -> str:
    request_key = request_key or key()
    giver_insurer = "甲保险" if kind is EntryKind.SHARE_OUT else ""
    new = NewEntry(kind, CLAIM, amount_fen, request_key, giver_insurer=giver_insurer)
    post_entries(entries=[new], actor=PAYER, occurred_at=AT)
    return request_key


def check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_chart_is_there_from_the_first_migration() -> None:
    assert set(Account.objects.values_list("code", flat=True)) == {str(code) for code in AccountCode}


@pytest.mark.parametrize("kind", list(EntryKind))
def test_each_kind_moves_along_its_path(kind: EntryKind) -> None:
    post(kind, 12_345)

    check_constraints()
    giver, taker = PATHS[kind]
    moved = Posting.objects.order_by("amount_fen").values_list("account_id", "insurer", "amount_fen")
    insurer = "甲保险" if kind is EntryKind.SHARE_OUT else ""
    assert list(moved) == [(giver, insurer, -12_345), (taker, "", 12_345)]


def test_between_two_insurers_each_has_its_own_side() -> None:
    share = NewEntry(
        EntryKind.SHARE_OUT, CLAIM, 300, key(), giver_insurer="甲保险", taker_insurer="乙保险"
    )  # fmt: skip
    post_entries(entries=[share], actor=PAYER, occurred_at=AT)

    check_constraints()
    assert dict(Posting.objects.values_list("insurer", "amount_fen")) == {"甲保险": -300, "乙保险": 300}


def test_an_insurer_can_give_nothing_to_itself() -> None:
    share = NewEntry(EntryKind.SHARE_OUT, CLAIM, 300, key())

    with pytest.raises(DatabaseError, match="ledger_posting_once"), transaction.atomic():
        post_entries(entries=[share], actor=PAYER, occurred_at=AT)
    assert not Entry.objects.exists()


def test_what_takes_an_entry_back_is_of_the_same_county_and_year() -> None:
    year = date(2019, 1, 1)
    entry = NewEntry(EntryKind.RESERVE, CLAIM, 300, key(), "411724", year)
    post_entries(entries=[entry], actor=PAYER, occurred_at=AT)

    reverse_entry(
        subject=CLAIM, posted=EntryKind.RESERVE, kind=EntryKind.UNRESERVE, actor=PAYER, occurred_at=AT,
        request_key=key(),
    )  # fmt: skip

    assert list(Entry.objects.values_list("county_code", "programme_from")) == [("411724", year)] * 2


def test_a_key_posts_once() -> None:
    first = post(EntryKind.RESERVE)
    post(EntryKind.RESERVE, request_key=first)

    assert Entry.objects.count() == 1
    assert sum_accounts()["payable"] == 80_000


def test_postings_that_do_not_sum_to_zero_are_refused_at_the_end_of_the_transaction() -> None:
    posted = Entry.objects.get(request_key=post(EntryKind.RESERVE))

    Posting.objects.create(entry=posted, account_id="paid", amount_fen=1)
    with pytest.raises(DatabaseError, match="sum to zero"):
        check_constraints()
    connection.set_rollback(True)


def test_an_entry_without_its_two_sides_is_refused() -> None:
    Entry.objects.create(
        kind="reserve", subject=CLAIM, occurred_at=AT, recorded_at=AT, actor_id="x", request_key=key()
    )
    with pytest.raises(DatabaseError, match="fewer than two"):
        check_constraints()
    connection.set_rollback(True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET subject = 'other'",
        "UPDATE ledger_posting SET amount_fen = amount_fen * 2",
        "DELETE FROM ledger_posting",
        "DELETE FROM ledger_entry",
    ],
)
def test_what_is_posted_stays(statement: str) -> None:
    post(EntryKind.RESERVE)

    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_entry_is_taken_back_once_by_another() -> None:
    post(EntryKind.RESERVE)
    words = {
        "subject": CLAIM,
        "posted": EntryKind.RESERVE,
        "kind": EntryKind.UNRESERVE,
        "actor": PAYER,
        "occurred_at": AT,
    }

    reverse_entry(**words, request_key=key())  # type: ignore[arg-type]

    check_constraints()
    assert not any(sum_accounts().values())
    assert [line.is_reversal for line in list_postings_of(CLAIM)] == [False, False, True, True]
    with pytest.raises(NothingToReverse):
        reverse_entry(**words, request_key=key())  # type: ignore[arg-type]


def test_the_envelope_follows_money_out_back_and_out_again() -> None:
    def figures() -> tuple[int, ...]:
        found = sum_envelope()
        assert found.is_whole
        return (
            found.approved_fen,
            found.held_fen,
            found.sent_fen,
            found.in_flight_fen,
            found.returned_fen,
            found.paid_fen,
        )

    post(EntryKind.RESERVE, 300)
    assert figures() == (300, 300, 0, 0, 0, 0)
    post(EntryKind.SEND, 200)
    assert figures() == (300, 100, 200, 200, 0, 0)
    post(EntryKind.RETURN, 200)
    assert figures() == (300, 100, 200, 0, 200, 0)
    post(EntryKind.SEND_AGAIN, 150)
    post(EntryKind.PAY, 150)
    assert figures() == (300, 100, 200, 0, 50, 150)
    post(EntryKind.TAKE_BACK, 50)
    post(EntryKind.UNRESERVE, 50)
    assert figures() == (250, 100, 150, 0, 0, 150)
    post(EntryKind.RECOVER, 150)
    post(EntryKind.REPAY, 150)
    assert figures() == (250, 100, 150, 0, 0, 150)


def test_no_session_can_switch_a_trigger_off() -> None:
    post(EntryKind.RESERVE)
    name = "pgtrigger_posting_append_only"
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE %s", [f"{name}%"])
        (trigger,) = cursor.fetchone()
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{trigger}}}"])

    with pytest.raises(DatabaseError, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_posting SET amount_fen = amount_fen * 2")
    connection.set_rollback(True)
