"""A bank for tests (假银行): it takes the files of batches and keeps its own book, outside the database.

In: the files that were handed out, in the general form. Out: files of answers, whole, doubled, shuffled or
cut. The book is a file of lines, one a payment the bank has made or sent back; it is appended and flushed to
the disk before an answer leaves, so that it outlives any kill of whoever talks to the bank. What the bank has
seen once it does not pay again; that somebody sent it twice shows in `sent_twice`.
"""

import csv
import io
import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from yiyuan.kernel.money import read_yuan

HEADER = "order_no,result,on,amount_fen,reason_code,reason"


@dataclass(frozen=True, slots=True)
class Payment:
    """One line of the bank's book; `is_paid` is False for what it sent back. The amount in fen."""

    order_no: str
    account_no: str
    amount_fen: int
    is_paid: bool
    on: str

    def as_line(self) -> str:
        """Return the answer to this order as a line of the canonical return file."""
        said = ("paid", "", "") if self.is_paid else ("failed", "R03", "账号不存在")
        return f"{self.order_no},{said[0]},{self.on},{self.amount_fen},{said[1]},{said[2]}"


class Bank:
    """A bank that fails one order in `fails_one_in`, drawn by its number, so that a repeat is the same."""

    def __init__(self, book: Path, fails_one_in: int = 0) -> None:
        self._book = book
        self._fails_one_in = fails_one_in
        book.touch()

    def take(self, content: bytes, on: date) -> Sequence[Payment]:
        """Take a CSV of the general profile; return what was new, after it stands in the book.

        :raises ValueError: count or sum of the last line differ from the lines: the bank pays nothing of it.
        """
        *rows, foot = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]
        lines = [(row[0], row[2], read_yuan(row[4])) for row in rows]
        told = (foot[0], foot[1], read_yuan(foot[4]))
        if told != ("合计", f"{len(lines)} 笔", sum(fen for _, _, fen in lines)):
            raise ValueError("count or sum differ")
        known = {payment.order_no for payment in self.book()}
        new = [
            Payment(order_no, account_no, fen, not self._fails(order_no), on.isoformat())
            for order_no, account_no, fen in lines
            if order_no not in known
        ]
        self._write([{"payment": asdict(one)} for one in new])
        self._write([{"again": order_no} for order_no, _, _ in lines if order_no in known])
        return new

    def book(self) -> Sequence[Payment]:
        """Return every payment in the book, in its order."""
        return [Payment(**line["payment"]) for line in self._lines() if "payment" in line]

    def sent_twice(self) -> Counter[str]:
        """Return how often an order came again after it stood in the book."""
        return Counter(line["again"] for line in self._lines() if "again" in line)

    def paid_fen(self) -> int:
        """Return what the bank has paid out, in fen."""
        return sum(one.amount_fen for one in self.book() if one.is_paid)

    def answer(self, payments: Sequence[Payment]) -> bytes:
        """Return a file of answers to these payments."""
        return "\n".join([HEADER, *(one.as_line() for one in payments)]).encode()

    def answers(self, drawn: random.Random) -> Iterator[bytes]:
        """Yield the answers to the whole book of a bank in trouble: whole, shuffled, doubled, cut."""
        book = list(self.book())
        yield self.answer(book)
        yield self.answer(drawn.sample(book, len(book)))
        yield self.answer([*book, *drawn.sample(book, len(book) // 2)])
        yield self.answer(book[: drawn.randint(0, len(book))])

    def _fails(self, order_no: str) -> bool:
        return bool(self._fails_one_in) and random.Random(order_no).randrange(self._fails_one_in) == 0

    def _lines(self) -> Iterator[dict[str, Any]]:
        for text in self._book.read_text(encoding="utf-8").splitlines():
            yield json.loads(text)

    def _write(self, lines: Sequence[dict[str, Any]]) -> None:
        with self._book.open("a", encoding="utf-8") as book:
            book.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            book.flush()
            os.fsync(book.fileno())
