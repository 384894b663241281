"""The guide as a web page (网页版指南): one document that needs no script and reads at 360 px.

In: a guide, whether in large print, and the style sheet: its address on the site, or its text for a file that
stands alone. Out: HTML. Everything from the scheme is escaped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from yiyuan.interfaces.guide.frame import paid, words
from yiyuan.rules.guide.model import Block, Chapter, Facts, Guide, Heading, Line, QuotedClause, Sums
from yiyuan.rules.guide.tongue import EN

STYLE = Path(__file__).parents[1] / "desk/static/guide/guide.css"


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands above a guide on the site: links (address, words) and a sentence of help."""

    links: tuple[tuple[str, str], ...]
    help: str = ""


def render_page(
    guide: Guide, *, large_print: bool, style: str = "", style_address: str = "", bar: Bar | None = None
) -> str:
    """Return the whole document; give either the text of the style sheet or its address."""
    frame = words(guide)
    language = "en" if guide.language == EN else "zh-hans"
    title = escape(f"{guide.title} · {frame['guide']}")
    linked = f'<link rel="stylesheet" href="{escape(style_address)}">'
    sheet = linked if style_address else f"<style>{style}</style>"
    mode = "elder" if large_print else "plain"
    body = "\n".join([*_bar(bar), *_head(guide), *_chapters(guide), *_ending(guide)])
    return (
        f'<!doctype html>\n<html lang="{language}" data-mode="{mode}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>{sheet}</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def style_text() -> str:
    """Return the style sheet, for a file that stands alone."""
    return STYLE.read_text(encoding="utf-8")


def _bar(bar: Bar | None) -> Iterator[str]:
    if bar is not None:
        links = "".join(f'<a href="{escape(address)}">{escape(text)}</a>' for address, text in bar.links)
        note = f"<p>{escape(bar.help)}</p>" if bar.help else ""
        yield f'<header class="bar"><nav>{links}</nav>{note}</header>'


def _head(guide: Guide) -> Iterator[str]:
    frame = words(guide)
    yield f"<main><h1>{escape(guide.title)}<span>{frame['guide']}</span></h1>"
    yield f'<p class="period">{escape(guide.period)}</p>'
    entries = "".join(f'<li><a href="#{one.name}">{escape(one.title)}</a></li>' for one in guide.chapters)
    yield f'<nav class="contents" aria-label="{frame["contents"]}"><ol>{entries}</ol></nav>'
    yield f'<p class="legend">{frame["legend"]}</p>'


def _chapters(guide: Guide) -> Iterator[str]:
    for number, chapter in enumerate(guide.chapters, start=1):
        yield f'<section id="{chapter.name}"><h2>{number}. {escape(chapter.title)}</h2>'
        yield from _blocks(chapter, guide)
        yield "</section>"


def _blocks(chapter: Chapter, guide: Guide) -> Iterator[str]:
    # A chapter whose only headings are of the lower level starts with the higher one: none is skipped.
    levels = [block.level for block in chapter.blocks if isinstance(block, Heading)]
    lift = min(levels, default=1) - 1
    for block in chapter.blocks:
        yield _block(block, guide, lift)


def _block(block: Block, guide: Guide, lift: int) -> str:
    if isinstance(block, Heading):
        level = block.level + 2 - lift
        return f"<h{level}>{escape(block.text)}</h{level}>"
    if isinstance(block, Sums):
        return _sums(block, guide)
    if isinstance(block, Facts):
        return _facts(block)
    return _line(block, words(guide))


def _line(line: Line, frame: dict[str, str]) -> str:
    mark = f' <strong class="mark {line.mark}">{frame[line.mark]}</strong>' if line.mark else ""
    clauses = "".join(
        f' <a class="clause" href="#c-{escape(one)}">[{escape(one)}]</a>' for one in line.clauses
    )
    return f"<p>{escape(line.text)}{mark}{clauses}</p>"


def _sums(sums: Sums, guide: Guide) -> str:
    frame = words(guide)
    rows = "".join(
        f'<tr><th scope="row">{escape(row.words)}</th><td>{paid(row, guide.language)}</td></tr>'
        for row in sums.rows
    )
    return (
        f'<table class="sums"><caption>{escape(sums.caption)}</caption>'
        f'<thead><tr><th scope="col">{frame["case"]}</th>'
        f'<th scope="col">{frame["paid"]}</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _facts(facts: Facts) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in facts.head)
    rows = "".join(_facts_row(row, facts.head) for row in facts.rows)
    return (
        f'<table class="facts"><caption>{escape(facts.caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _facts_row(row: Sequence[str], head: Sequence[str]) -> str:
    first, *rest = row
    cells = "".join(
        f'<td data-label="{escape(label)}">{escape(cell)}</td>'
        for label, cell in zip(head[1:], rest, strict=True)
    )
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'


def _ending(guide: Guide) -> Iterator[str]:
    frame = words(guide)
    yield f'<section id="clauses"><h2>{frame["clauses"]}</h2><dl>'
    yield from (_clause(one, frame) for one in guide.clauses)
    yield "</dl></section>"
    if guide.sources:
        sources = "".join(f"<li>{escape(one)}</li>" for one in guide.sources)
        yield f'<section id="sources"><h2>{frame["sources"]}</h2><ul>{sources}</ul></section>'
    yield f'<p class="made">{escape(frame["made"])}</p></main>'


def _clause(clause: QuotedClause, frame: dict[str, str]) -> str:
    further = [escape(clause.origin)] if clause.origin else []
    if clause.reading:
        further.append(f"{frame['reading']}{escape(clause.reading)}")
    if clause.assumed:
        further.append(f"{frame['assumed_why']}{escape(clause.assumed)}")
    parts = "".join(f"<dd>{one}</dd>" for one in further)
    return f'<dt id="c-{escape(clause.id)}"><b>{escape(clause.id)}</b> {escape(clause.text)}</dt>{parts}'
