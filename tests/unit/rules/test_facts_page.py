"""The page of standard facts says what their file says: every fact, its words, its range, its silence."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.unit.rules.test_schema import plan
from yiyuan.rules.scheme_file.loading import STANDARD_FACTS

PAGE = Path(__file__).parents[3] / "docs" / "schemes" / "facts.md"
TYPES = {"flag": "flag", "whole": "whole number", "number": "number", "date": "date", "text": "text"}
SILENT = {"False": "no", "0": "0", "None": "asked for"}
# A condition in words is for the page to choose; what it counts is not.
COUNTS = "worked out: how many"


def _rows() -> Iterator[str]:
    for name, fact in plan(STANDARD_FACTS)["facts"].items():
        silent = "–" if "type" not in fact else SILENT[str(fact.get("presumed"))]
        words = f"{fact['name_zh']} · {fact['name_en']}"
        yield f"| `{name}` | {words} | {fact.get('of', 'person')} | {_is(fact)} | {silent} |"


def _is(fact: dict[str, Any]) -> str:
    if "count" in fact:
        return f"{COUNTS} {fact['count']} of the case"
    for unit in ("days", "months", "years"):
        if between := fact.get(f"{unit}_between"):
            return f"worked out: {unit} between `{between[0]}` and `{between[1]}`"
    options = "、".join(f"`{code}` {name}" for code, name in fact.get("options", {}).items())
    if fact["type"] in ("choice", "choices"):
        return f"{'one' if fact['type'] == 'choice' else 'several'} of {options}"
    if fact["type"] == "money":
        return "money (fen)"
    bounds = " ".join(f"{key} {_bound(fact[key])}" for key in ("from", "through") if key in fact)
    with_ = "".join(f", only with `{key}: {str(v).lower()}`" for key, v in fact.get("only_with", {}).items())
    return TYPES[fact["type"]] + (f", {bounds}" if bounds else "") + with_


def _bound(value: Any) -> str:
    return f"`{value['fact']}`" if isinstance(value, dict) else str(value)


def test_the_page_has_every_standard_fact_with_its_words() -> None:
    standard = PAGE.read_text("utf-8").split("## Standard facts", 1)[1].split("## The answer", 1)[0]
    said = [line for line in standard.splitlines() if line.startswith("| `")]
    # Of a count the condition that follows is left to the page.
    shown = [re.sub(rf"({COUNTS} \w+ of the case)[^|]* \|", r"\1 |", line) for line in said]

    assert shown == list(_rows())


def test_the_page_has_the_parts_of_the_file() -> None:
    parts = re.findall(r"# ── (.*) ──", STANDARD_FACTS.read_text("utf-8"))

    assert re.findall(r"^### (.*)$", PAGE.read_text("utf-8"), re.MULTILINE) == parts
