"""Sentences (条目): lines with their clauses, marked where a clause is assumed.

In: a scheme version and a language. Out: `Line`s and, at the end, the clauses they rest on.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from yiyuan.rules.guide.model import ASSUMED, FIRM, OPEN, Block, Line, QuotedClause
from yiyuan.rules.guide.tongue import Tongue
from yiyuan.rules.terms import Clause, SchemeVersion

FEW = 2


@dataclass(frozen=True, slots=True)
class Sentences:
    """Makes lines that know which clause they rest on."""

    version: SchemeVersion
    tongue: Tongue

    def line(self, text: str, *clauses: str, assumed: bool = False) -> Line:
        """Return a line, 暂定 where one of its clauses or the term itself is assumed."""
        known = tuple(dict.fromkeys(one for one in clauses if one in self.version.clauses))
        is_assumed = assumed or any(self.version.clauses[one].assumed for one in known)
        return Line(text, known, ASSUMED if is_assumed else FIRM)

    def open(self, text: str, *clauses: str) -> Line:
        """Return a line that says what is undecided."""
        return Line(text, tuple(one for one in clauses if one in self.version.clauses), OPEN)

    def causes(self, codes: Collection[str]) -> str:
        """Return the named causes in words: empty for all of them, and all but a few said as such."""
        tongue = self.tongue
        named = [one for one in self.version.liabilities if one.code in codes]
        others = [one for one in self.version.liabilities if one.code not in codes]
        if not named or not others:
            return ""
        if len(others) <= FEW < len(named):
            names = tongue.listed(map(tongue.name, others))
            return tongue(f"除“{names}”以外的原因", f"every cause but {names}")
        return tongue.listed(map(tongue.name, named))

    def quoted(self, blocks: Iterable[Block]) -> Iterator[QuotedClause]:
        """Yield the clauses that the blocks rest on, in the order of the scheme."""
        used = {one for block in blocks if isinstance(block, Line) for one in block.clauses}
        for clause in self.version.clauses.values():
            if clause.id in used:
                yield self._quoted(clause)

    def sources(self, quoted: Sequence[QuotedClause]) -> tuple[str, ...]:
        """Return the published texts behind the clauses, each with its publisher and the day it was read."""
        ids = dict.fromkeys(self.version.clauses[one.id].source for one in quoted)
        texts = [self.version.sources[one] for one in ids if one is not None]
        read_on = self.tongue("查阅", "read on")
        return tuple(
            self.tongue("，", ", ").join(
                filter(
                    None,
                    (
                        self.tongue(f"《{one.title}》", one.title),
                        self.tongue.either(one.publisher, one.publisher_en),
                        f"{read_on} {one.read_on}" if one.read_on else "",
                    ),
                )
            )
            for one in texts
        )

    def _quoted(self, clause: Clause) -> QuotedClause:
        place = clause.place
        chinese = f"《{place.document}》{place.part} {place.item}".rstrip() if place else ""
        source = self.version.sources.get(clause.source) if clause.source else None
        return QuotedClause(
            id=clause.id,
            text=self.tongue(clause.text, clause.text_en or clause.text),
            origin=self.tongue.either(chinese, clause.place_en) or (source.title if source else ""),
            assumed=self.tongue.either(clause.assumed, clause.assumed_en),
            reading=self.tongue.either(clause.reading, clause.reading_en),
        )
