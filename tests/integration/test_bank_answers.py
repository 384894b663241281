"""A bank in trouble (银行回单的种种坏法): every line matched, in suspense or refused; nothing twice."""

import os
import random
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction

from tests.builders import AT, PAYER, PAYER_2, key
from tests.faults.bank import Bank
from tests.integration.desk.money_cases import build_batch_of
from yiyuan.apps.claims.releasing import release_payments
from yiyuan.apps.ledger.queries import sum_accounts, sum_envelope
from yiyuan.apps.payments.errors import ReturnUnreadable
from yiyuan.apps.payments.models import Order, ReturnFile, Suspense
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.payments.services import hand_out_file

pytestmark = pytest.mark.django_db

# A tenth of what is promised; the whole by YIYUAN_MUTATIONS=5000.
MUTATIONS = int(os.environ.get("YIYUAN_MUTATIONS", "500"))
SEED = 20191120
ORDERS = 40
STRANGE = [
    "",
    "0",
    "-1",
    "1e3",
    "999999999999999999999",
    "NaN",
    "，",
    "\x00",
    "'",
    '"',
    "\u202e",
    "=1+1",
    "80000 ",
]


def sent(book: Path, count: int) -> Bank:
    """Return a bank that has taken a released batch of so many orders."""
    number = build_batch_of(count)
    release_payments(number=number, actor=PAYER_2, occurred_at=AT, request_key=key())
    content = hand_out_file(number=number, form="csv", actor=PAYER_2, occurred_at=AT, request_key=key())
    bank = Bank(book, fails_one_in=8)
    bank.take(content, date(2019, 11, 21))
    return bank


def post(content: bytes) -> ReturnFile:
    return record_returns(name="r", content=content, actor=PAYER, occurred_at=AT, request_key=key())


def mutate(content: bytes, drawn: random.Random) -> bytes:
    """Return a file of answers with one to three things wrong with it."""
    for _ in range(drawn.randint(1, 3)):
        content = drawn.choice(
            [_cut, _flip, _cell, _cell, _line_again, _line_gone, _shuffle, _recode, _footer, _insert]
        )(content, drawn)
    return content


def _lines(content: bytes) -> list[bytes]:
    return content.split(b"\n")


def _cut(content: bytes, drawn: random.Random) -> bytes:
    return content[: drawn.randint(0, len(content))]


def _flip(content: bytes, drawn: random.Random) -> bytes:
    if not content:
        return content
    place = drawn.randrange(len(content))
    return content[:place] + bytes([drawn.randrange(256)]) + content[place + 1 :]


def _insert(content: bytes, drawn: random.Random) -> bytes:
    place = drawn.randint(0, len(content))
    return content[:place] + drawn.randbytes(drawn.randint(1, 4)) + content[place:]


def _cell(content: bytes, drawn: random.Random) -> bytes:
    lines = _lines(content)
    place = drawn.randrange(len(lines))
    cells = lines[place].split(b",")
    other = drawn.choice(lines).split(b",")
    at = drawn.randrange(len(cells))
    cells[at] = drawn.choice(
        [drawn.choice(STRANGE).encode(), drawn.choice(other), b"paid", b"failed", b"79999"]
    )
    lines[place] = b",".join(cells)
    return b"\n".join(lines)


def _line_again(content: bytes, drawn: random.Random) -> bytes:
    lines = _lines(content)
    return b"\n".join([*lines, drawn.choice(lines)])


def _line_gone(content: bytes, drawn: random.Random) -> bytes:
    lines = _lines(content)
    lines.pop(drawn.randrange(len(lines)))
    return b"\n".join(lines)


def _shuffle(content: bytes, drawn: random.Random) -> bytes:
    head, *lines = _lines(content)
    drawn.shuffle(lines)
    return b"\n".join([head, *lines])


def _recode(content: bytes, drawn: random.Random) -> bytes:
    return content.decode("utf-8", errors="replace").encode(
        drawn.choice(["gb18030", "utf-16", "utf-8-sig"]), errors="replace"
    )


def _footer(content: bytes, drawn: random.Random) -> bytes:
    return content + b"\n" + f"合计,,,{drawn.choice([0, 1, 80_000, 3_200_000])}".encode()


def test_mutated_files_are_taken_line_by_line_or_refused(tmp_path: Path) -> None:
    drawn = random.Random(SEED)
    bank = sent(tmp_path / "book", ORDERS)
    whole = bank.answer(bank.book())
    outcomes: Counter[str] = Counter()

    for _ in range(MUTATIONS):
        content = mutate(whole, drawn)
        counted = (Order.objects.filter(state__in=["paid", "returned"]).count(), Suspense.objects.count())
        try:
            with transaction.atomic():
                file = post(content)
        except ReturnUnreadable:
            outcomes["refused"] += 1
            after = (Order.objects.filter(state__in=["paid", "returned"]).count(), Suspense.objects.count())
            assert after == counted
            continue
        outcomes["taken"] += 1
        sums = file.sums
        assert sums["file"] == sums["matched"] + sums["known"] + sums["suspended"] + sums["refused"]
        _require_books(f"seed {SEED}")

    assert outcomes["taken"] > MUTATIONS // 10, outcomes
    assert outcomes["refused"] > MUTATIONS // 10, outcomes


def _require_books(told: str) -> None:
    """Hold orders, suspense and ledger against each other."""
    orders = dict.fromkeys(("sent", "paid", "returned"), 0)
    for state, fen in Order.objects.values_list("state", "amount_fen"):
        orders[state] += fen
    hanging = sum(Suspense.objects.filter(holds_money=True).values_list("amount_fen", flat=True))
    accounts, envelope = sum_accounts(), sum_envelope()
    assert envelope.is_whole, told
    assert (envelope.in_flight_fen, envelope.paid_fen, envelope.returned_fen) == tuple(orders.values()), told
    assert (accounts["suspense"], sum(accounts.values())) == (hanging, 0), told


def test_the_answers_of_a_bank_in_trouble_come_to_its_own_book(tmp_path: Path) -> None:
    bank = sent(tmp_path / "book", 30)

    for content in bank.answers(random.Random(SEED)):
        post(content)

    book = {one.order_no: "paid" if one.is_paid else "returned" for one in bank.book()}
    assert dict(Order.objects.values_list("order_no", "state")) == book
    assert sum_envelope().paid_fen == bank.paid_fen()
    assert set(book.values()) == {"paid", "returned"}
    assert not Suspense.objects.exists()


def test_the_bank_keeps_its_book_and_pays_nothing_twice(tmp_path: Path) -> None:
    bank = sent(tmp_path / "book", 3)
    number = Order.objects.values_list("batch__number", flat=True)[0]
    content = hand_out_file(number=number, form="csv", actor=PAYER, occurred_at=AT, request_key=key())
    paid = bank.paid_fen()

    again = Bank(tmp_path / "book", fails_one_in=8)

    assert again.take(content, date(2019, 11, 22)) == []
    assert again.paid_fen() == paid
    assert sum(again.sent_twice().values()) == 3
    with pytest.raises(ValueError, match="differ"):
        again.take(content.replace(b"3 \xe7\xac\x94", b"2 \xe7\xac\x94"), date(2019, 11, 22))
