"""Columns by meaning (按含义认栏目): which column holds which canonical field, from headers and from content.

In: header texts and a sample of the cells below them. Out: field → column index, never by position. The
names are data (`aliases.yaml`); a profile adds names that outrank ours.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from yiyuan.exchange.places import county_in
from yiyuan.kernel.identity import clean_id_number

PROFILE_SCORE = 10.0
NAME_SCORE = 3.0
VARIANT_SCORE = 2.6
PATTERN_SCORE = 2.0
CONTENT_SCORE = 1.2
LONGEST_HEADER = 30
_TOLD_BY_CONTENT = {
    "person_id": "person_id",
    "card_no": "card_no",
    "diagnosis_code": "icd",
    "county": "county",
}
_SHAPES = {
    "person_id": re.compile(r"\d{17}[\dX]"),
    "card_no": re.compile(r"\d{17}[\dX]\d\d(..)?"),
    "date": re.compile(r"(19|20)\d\d[-/.年]?\d{0,2}.*|[1-7]\d{4}(\.\d+)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}.*"),
    "amount": re.compile(r"-?[\d,]+(\.\d*)?"),
    "account": re.compile(r"\d[\d-]{7,31}"),
    "digits": re.compile(r"[\d,]+(\.\d+)?"),
    "icd": re.compile(r"[A-Z]\d\d.*"),
    "code": re.compile(r".*[\dA-Za-z].*"),
}


@dataclass(frozen=True)
class FieldNames:
    """Everything that a header may say when it means one field."""

    names: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    avoid: re.Pattern[str] | None
    content: str | None


def fields_of(kind: str) -> tuple[str, ...]:
    """Return the canonical and wide fields a file of this kind may have."""
    return tuple(_table()["kinds"][kind])


def is_field(name: str) -> bool:
    """Tell whether a profile may name this field."""
    return name in _table()["fields"]


def header_words(text: str) -> str:
    """Return a header without blanks, brackets, punctuation, width and case, for comparison."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def content_of(field: str) -> str | None:
    """Return what the cells of a field look like, None where that tells nothing or the field is none."""
    return _field_names(field).content if is_field(field) else None


def field_label(field: str) -> str:
    """Return what a clerk calls the field: its label, else its first Chinese name."""
    entry = _table()["fields"][field]
    names: list[str] = [*filter(None, [entry.get("label")]), *entry["names"]]
    return next((name for name in names if re.search(r"[\u4e00-\u9fff]", name)), field)


def match_columns(
    kind: str,
    headers: Sequence[str],
    sample: Sequence[Sequence[str]],
    named: Mapping[str, Sequence[str]],
    ignored: Sequence[str] = (),
) -> dict[str, int]:
    """Return field → column index for the headers, content breaking ties; each column serves one field.

    A header that is `ignored` serves none, unless it is named as well.
    """
    candidates = []
    told = {header_words(name) for names in named.values() for name in names}
    unwanted = {header_words(name) for name in ignored} - told - {""}
    for index, header in enumerate(headers):
        if header_words(header) in unwanted:
            continue
        cells = _cells(sample, index)
        for field, score in _column_scores(kind, header, cells, named).items():
            candidates.append((-score, index, field))
    chosen: dict[str, int] = {}
    for _, index, field in sorted(candidates):
        if field not in chosen and index not in chosen.values():
            chosen[field] = index
    if "valid_from" in fields_of(kind) and "valid_from" not in chosen:
        left = [
            index
            for index, header in enumerate(headers)
            if index not in chosen.values() and header_words(header) not in unwanted
        ]
        days = [index for index in left if _always_a_day(headers[index], _cells(sample, index), len(sample))]
        if len(days) == 1:
            chosen["valid_from"] = days[0]
    return chosen


def dates_not_used(
    headers: Sequence[str], sample: Sequence[Sequence[str]], columns: Mapping[str, int]
) -> list[str]:
    """Return the headers of columns of dates that no field took: an end of status may hide in one."""
    left = [index for index, header in enumerate(headers) if index not in columns.values() and header.strip()]
    return [headers[index] for index in left if share_of("date", _cells(sample, index)) >= 0.9]


def header_score(kind: str, headers: Sequence[str], named: Mapping[str, Sequence[str]]) -> float:
    """Return how much these texts look like a header of this kind: the sum of the fields' scores."""
    best: dict[str, float] = {}
    for header in headers:
        scores = _header_scores(kind, header, named)
        if scores:
            field, score = max(scores.items(), key=lambda item: item[1])
            best[field] = max(best.get(field, 0.0), min(score, NAME_SCORE))
    return sum(best.values())


def share_of(content: str, cells: Sequence[str]) -> float:
    """Return the share of non-empty cells that look like this content, 0 where there is none."""
    filled = [clean_id_number(cell) for cell in cells if cell.strip()]
    if content == "county":
        fits = [county_in(cell, {}) is not None for cell in filled]
    else:
        fits = [bool(_SHAPES[content].fullmatch(cell)) for cell in filled]
    return sum(fits) / len(fits) if fits else 0.0


def _cells(sample: Sequence[Sequence[str]], index: int) -> list[str]:
    return [row[index] for row in sample if index < len(row) and row[index].strip()]


def _always_a_day(header: str, cells: Sequence[str], rows: int) -> bool:
    """Tell a column of dates that nearly every row has, under a header that speaks of nothing else."""
    avoid = _field_names("valid_from").avoid
    spoken = avoid and avoid.search(header_words(header))
    return not spoken and len(cells) >= 0.8 * rows > 0 and share_of("date", cells) >= 0.9


def _column_scores(
    kind: str, header: str, cells: Sequence[str], named: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    scores = _header_scores(kind, header, named)
    kept = {field: score for field, score in scores.items() if _content_agrees(field, score, cells)}
    if not scores and cells:
        # A header nobody knows above cells that can mean one thing only.
        for field, content in _TOLD_BY_CONTENT.items():
            avoid = _field_names(field).avoid if field in fields_of(kind) else None
            unfit = field not in fields_of(kind) or (avoid and avoid.search(header_words(header)))
            if not unfit and share_of(content, cells) >= 0.7:
                kept[field] = CONTENT_SCORE
    return kept


def _content_agrees(field: str, score: float, cells: Sequence[str]) -> bool:
    content = _field_names(field).content
    if content is None or len(cells) < 3 or score >= PROFILE_SCORE:
        return True
    if content in ("person_id", "card_no"):
        # Broken numbers must still be refused one by one, so any long number counts.
        return sum(bool(re.search(r"\d{6}", clean_id_number(cell))) for cell in cells) >= 0.2 * len(cells)
    if content == "icd":
        return share_of(content, cells) >= 0.5
    return score > PATTERN_SCORE or share_of(content, cells) >= 0.3


def _header_scores(kind: str, header: str, named: Mapping[str, Sequence[str]]) -> dict[str, float]:
    if not header.strip():
        return {}
    found: dict[str, float] = {}
    for field in fields_of(kind):
        score = _score(field, header, tuple(named.get(field, ())))
        if score:
            found[field] = score
    return found


@cache
def _score(field: str, header: str, own_names: tuple[str, ...]) -> float:
    whole = header_words(header)
    if whole in {header_words(name) for name in own_names}:
        return PROFILE_SCORE
    names = _field_names(field)
    if len(whole) > LONGEST_HEADER or (names.avoid and names.avoid.search(whole)):
        return 0.0
    for variant, score in _variants(header, whole):
        if variant in names.names:
            return score - names.names.index(variant) * 0.001
    for place, pattern in enumerate(names.patterns):
        if pattern.search(whole):
            return PATTERN_SCORE - place * 0.01
    return 0.0


def _variants(header: str, whole: str) -> list[tuple[str, float]]:
    """Return the header whole, then without its brackets, then its bracket, Chinese and Latin parts alone."""
    plain = unicodedata.normalize("NFKC", header).lower()
    brackets = r"\(([^)]*)\)|\[([^\]]*)\]|【([^】]*)】|<([^>]*)>"
    parts = [re.sub(brackets, "", plain), *("".join(groups) for groups in re.findall(brackets, plain))]
    parts += [
        "".join(re.findall(r"[\u4e00-\u9fff]+", parts[0])),
        "".join(re.findall(r"[a-z0-9_]+", parts[0])),
    ]
    return [
        (whole, NAME_SCORE),
        *((header_words(part), VARIANT_SCORE) for part in parts if header_words(part)),
    ]


@cache
def _field_names(field: str) -> FieldNames:
    entry = _table()["fields"][field]
    avoid = entry.get("avoid")
    return FieldNames(
        names=tuple(header_words(name) for name in entry["names"]),
        patterns=tuple(re.compile(pattern) for pattern in entry.get("patterns", ())),
        avoid=re.compile(avoid) if avoid else None,
        content=entry.get("content"),
    )


@cache
def _table() -> Any:
    return yaml.safe_load(files("yiyuan.exchange").joinpath("aliases.yaml").read_text(encoding="utf-8"))
