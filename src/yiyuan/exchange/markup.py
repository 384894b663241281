"""Web pages and XML saved as .xls (网页、XML 冒充的表格): their tables as rows of text.

In: the text of the page. Out: one sheet a table (HTML) or worksheet (XML Spreadsheet 2003), rows of text in
order.
"""

from collections.abc import Iterator
from html.parser import HTMLParser

ROW_TAGS, CELL_TAGS = ("tr", "row", "ss:row"), ("td", "th", "cell", "ss:cell")
SHEET_TAGS = ("table", "worksheet", "ss:worksheet")


def read_markup(text: str) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Yield name and rows of every table that has a row."""
    parser = _Tables()
    parser.feed(text)
    parser.close()
    for name, rows in parser.sheets:
        if rows:
            yield name, iter(rows)


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[tuple[str, list[list[str]]]] = [("", [])]
        self._cell: list[str] | None = None
        self._spans = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        rows = self.sheets[-1][1]
        if tag in SHEET_TAGS:
            # An XML worksheet holds a table of its own; the name is kept for it.
            if rows or tag != "table":
                self.sheets.append((given.get("ss:name") or "", []))
        elif tag in ROW_TAGS:
            rows.append([])
        elif tag in CELL_TAGS and rows:
            place = int(given.get("ss:index") or 0)
            rows[-1].extend([""] * (place - 1 - len(rows[-1])))
            self._cell, self._spans = [], int(given.get("colspan") or 1)
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in CELL_TAGS and self._cell is not None:
            self.sheets[-1][1][-1].extend(["".join(self._cell).strip(), *[""] * (self._spans - 1)])
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
