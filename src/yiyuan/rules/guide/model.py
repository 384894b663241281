"""What a guide says (指南的内容): chapters of lines and tables, each with the clauses it rests on.

In: nothing; `building.build_guide` makes them. Out: immutable values; sums in fen as the engine gave them.
"""

from dataclasses import dataclass

from yiyuan.rules.cases import Case

FIRM, ASSUMED, OPEN = "", "assumed", "open"  # how firm a statement is: 暂定, 还没定


@dataclass(frozen=True, slots=True)
class Line:
    """A statement with its clauses; `mark` says how firm it is."""

    text: str
    clauses: tuple[str, ...] = ()
    mark: str = FIRM


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a chapter; level 1 stands above level 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Sum:
    """One worked example: the case, what tells it apart, and what the engine made of it.

    `paid_fen` is None where the engine decides nothing, because the scheme leaves a question open.
    """

    words: str
    paid_fen: int | None
    case: Case


@dataclass(frozen=True, slots=True)
class Sums:
    """A table of examples of one benefit under one liability."""

    liability: str
    benefit: str
    caption: str
    rows: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of words: desks, deadlines."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Line | Heading | Sums | Facts


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter; `name` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class QuotedClause:
    """A clause at the end of the guide, restated, with where it stands and what is assumed in it."""

    id: str
    text: str
    origin: str
    assumed: str
    reading: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people are served; what is not known is empty."""

    name: str
    address: str = ""
    phone: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """The whole guide in one language; `sha256` is that of the scheme version it was made from."""

    language: str
    title: str
    scheme: str
    version: str
    sha256: str
    period: str
    hotline: str
    chapters: tuple[Chapter, ...]
    clauses: tuple[QuotedClause, ...]
    sources: tuple[str, ...]
