#!/usr/bin/env python3
"""Check an export of the ledger on its own: every entry, the chain over them, the anchors and the sums.

Usage: python3 verify.py [FOLDER] [--root HEX [--position N]]

FOLDER (default: where this file lies) holds entries.jsonl, anchors.jsonl and manifest.json. `--root` is a
root that was noted elsewhere, on paper or by somebody else; the chain must have it, at the position where one
is given. Exit 0: everything holds. Exit 1: what does not hold is printed by line and entry. Exit 2: wrong
use. It needs Python 3.8 or newer and nothing else.

An entry is digested as SHA-256 over two JSON arrays, a line break between them, UTF-8, ", " between values:
[kind, subject, occurred_at, recorded_at, county_code, programme_from, actor_id, request_key, reverses] and
[[account, insurer, amount_fen], ...] in the order of account and insurer. A link is SHA-256 over the 32 bytes
of the link before it (zeros before the first), the 32 bytes of the digest, and the text "position:number of
the entry".
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

HEAD = (
    "kind", "subject", "occurred_at", "recorded_at", "county_code", "programme_from", "actor_id",
    "request_key", "reverses",
)  # fmt: skip
START = bytes(32)


def digest_of(entry: dict[str, Any]) -> bytes:
    """Return what an entry and its postings come to."""
    head = json.dumps([entry[name] for name in HEAD], ensure_ascii=False)
    postings = json.dumps(sorted(entry["postings"]), ensure_ascii=False)
    return hashlib.sha256((head + "\n" + postings).encode()).digest()


def link_after(link: bytes, digest: bytes, position: int, number: int) -> bytes:
    """Return the link that follows `link` for this entry."""
    return hashlib.sha256(link + digest + f"{position}:{number}".encode()).digest()


def lines_of(path: str) -> Iterator[tuple[int, Any]]:
    """Yield each line of a JSON lines file with its number; what cannot be read is None."""
    with open(path, encoding="utf-8") as file:
        for place, line in enumerate(file, start=1):
            try:
                yield place, json.loads(line)
            except ValueError:
                yield place, None


class Book:
    """What the entries say once they are read: the chain, the sums, and what does not hold."""

    def __init__(self) -> None:
        """Begin before the first entry."""
        self.problems: list[str] = []
        self.position = 0
        self.link = START
        self.links = {0: START}
        self.waiting = 0
        self.sums: dict[str, int] = {}
        self.seen: set[int] = set()
        self.reversed: dict[int, int] = {}

    def say(self, place: int, entry: dict[str, Any], words: str) -> None:
        """Keep what does not hold, with its line and its entry."""
        self.problems.append(
            "line {}: entry {} ({}): {}".format(place, entry.get("id"), entry.get("subject"), words)
        )

    def take(self, place: int, entry: dict[str, Any]) -> None:
        """Check one entry and go on."""
        digest = digest_of(entry)
        if digest.hex() != entry["digest"]:
            self.say(place, entry, "differs from its digest")
        if entry["id"] in self.seen:
            self.say(place, entry, "stands here twice")
        self.seen.add(entry["id"])
        if len(entry["postings"]) < 2 or sum(amount for _, _, amount in entry["postings"]) != 0:
            self.say(place, entry, "its postings do not sum to zero")
        if (
            entry["reverses"] is not None
            and self.reversed.setdefault(entry["reverses"], entry["id"]) != entry["id"]
        ):
            self.say(place, entry, "reverses what another entry reverses")
        for account, _, amount in entry["postings"]:
            self.sums[account] = self.sums.get(account, 0) + amount
        if entry["position"] is None:
            self.waiting += 1
        else:
            self.chain(place, entry)

    def chain(self, place: int, entry: dict[str, Any]) -> None:
        """Check the link of a sealed entry; go on from what the file says, so that one fault is told once."""
        if entry["position"] != self.position + 1:
            self.say(place, entry, "position {} follows {}".format(entry["position"], self.position))
        else:
            ought = link_after(self.link, bytes.fromhex(entry["digest"]), entry["position"], entry["id"])
            if ought.hex() != entry["link"]:
                self.say(place, entry, "its link does not follow from the one before")
        self.position, self.link = entry["position"], bytes.fromhex(entry["link"])
        self.links[self.position] = self.link


def check(folder: str) -> Book:
    """Return the book of a folder, read to its end."""
    book = Book()
    for place, entry in lines_of(os.path.join(folder, "entries.jsonl")):
        try:
            book.take(place, entry)
        except (KeyError, TypeError, ValueError, AttributeError):
            book.problems.append(f"line {place}: cannot be read")
    for place, anchor in lines_of(os.path.join(folder, "anchors.jsonl")):
        try:
            if book.links.get(anchor["position"], b"").hex() != anchor["root"]:
                book.problems.append("anchor line {}: not the link at {}".format(place, anchor["position"]))
        except (KeyError, TypeError):
            book.problems.append(f"anchor line {place}: cannot be read")
    try:
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        compare(book, manifest)
    except (ValueError, KeyError, TypeError, AttributeError):
        book.problems.append("manifest.json: cannot be read")
    return book


def compare(book: Book, manifest: dict[str, Any]) -> None:
    """Hold what was read against what the manifest says was written."""
    found = {
        "entries": len(book.seen),
        "position": book.position,
        "root": book.link.hex(),
        "waiting": book.waiting,
        "sums_fen": {account: fen for account, fen in book.sums.items() if fen},
    }
    told = dict(manifest, sums_fen={account: fen for account, fen in manifest["sums_fen"].items() if fen})
    for name, value in found.items():
        if told[name] != value:
            book.problems.append(f"manifest.json: {name} is {told[name]!r}, read {value!r}")


def main() -> int:
    """Check a folder, print what was found, return the exit code."""
    parser = argparse.ArgumentParser(description="Check an export of the ledger on its own.")
    parser.add_argument("folder", nargs="?", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--root", help="a root of the chain that was noted elsewhere")
    parser.add_argument("--position", type=int, help="where the chain had that root")
    options = parser.parse_args()
    try:
        book = check(options.folder)
    except OSError as error:
        parser.error(str(error))
    if options.root:
        at = {position for position, link in book.links.items() if link.hex() == options.root.lower()}
        if not at or (options.position is not None and options.position not in at):
            book.problems.append(f"the chain does not have the root {options.root}")
    for problem in book.problems:
        print(problem)
    print(
        "{}: {} entries, chain up to {}, {} not sealed yet, root {}".format(
            f"NOT WHOLE, {len(book.problems)} findings" if book.problems else "whole",
            len(book.seen), book.position, book.waiting, book.link.hex(),
        )
    )  # fmt: skip
    return 1 if book.problems else 0


if __name__ == "__main__":
    sys.exit(main())
