"""Counties as files write them (县区): names, short names and codes, and the old codes inside identity
numbers.

In: a text, or an SQL expression of one. Out: a six-digit county code, or null where none is named.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from yiyuan.exchange.cleaning import squeeze, text_literal


@cache
def county_names() -> Mapping[str, tuple[str, ...]]:
    """Return county code → the names files use for it, short ones included."""
    return {entry["code"]: (entry["name"], *entry["also"]) for entry in _entries()}


def county_in(text: str, extra: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the code of the one county that the text names, None where it names none or several."""
    named = {code for code, names in _all(extra).items() if any(name in text for name in names)}
    return named.pop() if len(named) == 1 else None


def county_code(column: str, extra: Mapping[str, tuple[str, ...]]) -> str:
    """Return the county code that a cell names: its first six digits, else a county's name; null for
    neither.
    """
    text = squeeze(column)
    names = " ".join(
        f"WHEN {' OR '.join(f'contains(t, {text_literal(name)})' for name in names)} THEN '{code}'"
        for code, names in _all(extra).items()
    )
    return (
        f"CASE WHEN regexp_full_match({column}, '[0-9]{{6}}') THEN {column} WHEN {column} IS NULL THEN NULL "
        f"ELSE list_transform([{text}], lambda t: CASE WHEN regexp_full_match(t, '[0-9]{{6,12}}') "
        f"THEN substr(t, 1, 6) {names} END)[1] END"
    )


def county_of_id(number: str) -> str:
    """Return the county an identity number was first issued in, null where it is none of ours."""
    known = {code: code for code in county_names()} | {old: e["code"] for e in _entries() for old in e["old"]}
    branches = " ".join(f"WHEN '{prefix}' THEN '{code}'" for prefix, code in known.items())
    return f"CASE substr({number}, 1, 6) {branches} END"


def _all(extra: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    ours = county_names()
    return {code: (*extra.get(code, ()), *ours.get(code, ())) for code in [*extra, *ours]}


@cache
def _entries() -> Any:
    text = files("yiyuan.exchange").joinpath("places.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["counties"]
