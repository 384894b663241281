"""The guide as a paper (纸质版指南): an A4 booklet set by Typst, with the font it brings along.

In: a guide and whether in large print. Out: the bytes of a PDF; the same guide gives the same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any

import segno
import typst

from yiyuan.interfaces.guide.frame import paid, words
from yiyuan.rules.guide.model import Block, Facts, Guide, Heading, Line, Sums

TEMPLATE = Path(__file__).with_name("guide.typ")
FONTS = Path(str(files("manimgx_fonts_cjk")))


def render_paper(guide: Guide, *, large_print: bool, address: str = "") -> bytes:
    """Return the PDF; with the address of the guide's public web page also a code that leads there."""
    content = _content(guide, large_print=large_print)
    if address:
        content |= {"address": address, "code": _code_of(address)}
    data = json.dumps(content, ensure_ascii=False)
    made: Any = _compiler().compile(format="pdf", sys_inputs={"guide": data})
    return bytes(made)


@cache
def _compiler() -> typst.Compiler:
    # The font is read once a process: that takes longer than setting a guide.
    return typst.Compiler(str(TEMPLATE), font_paths=[str(FONTS)], ignore_system_fonts=True)


def _code_of(address: str) -> str:
    return str(segno.make(address, micro=False, error="m").svg_inline(border=4, dark="#000", light="#fff"))


def _content(guide: Guide, *, large_print: bool) -> dict[str, Any]:
    frame = words(guide)
    return {
        "language": guide.language,
        "large": large_print,
        "words": frame,
        "title": guide.title,
        "period": guide.period,
        "chapters": [
            {"title": one.title, "blocks": list(_blocks(one.blocks, guide, frame))} for one in guide.chapters
        ],
        "clauses": [
            {
                "id": one.id,
                "text": one.text,
                "origin": one.origin,
                "assumed": one.assumed,
                "reading": one.reading,
            }
            for one in guide.clauses
        ],
        "sources": list(guide.sources),
    }


def _blocks(blocks: Sequence[Block], guide: Guide, frame: dict[str, str]) -> Iterator[dict[str, Any]]:
    for block, following in zip_longest(blocks, blocks[1:]):
        assert block is not None, "what follows is never longer"
        yield _block(block, guide, frame) | {"lead": isinstance(following, Sums | Facts)}


def _block(block: Block, guide: Guide, frame: dict[str, str]) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text, "level": block.level}
    if isinstance(block, Sums):
        rows = [[row.words, paid(row, guide.language)] for row in block.rows]
        return {"kind": "table", "head": [frame["case"], frame["paid"]], "rows": rows, "sums": True}
    if isinstance(block, Facts):
        return {
            "kind": "table",
            "head": list(block.head),
            "rows": [list(row) for row in block.rows],
            "sums": False,
        }
    return _line(block, frame)


def _line(line: Line, frame: dict[str, str]) -> dict[str, Any]:
    mark = frame[line.mark] if line.mark else ""
    return {
        "kind": "line",
        "text": line.text,
        "mark": mark,
        "open": line.mark == "open",
        "clauses": list(line.clauses),
    }
