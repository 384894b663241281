"""Which register a hardship file is (名册归类): by its titles, its name, its columns, or row by row.

In: texts found in and around the file. Out: one of the six groups, or None where they do not say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from yiyuan.exchange.cleaning import squeeze, text_literal


@dataclass(frozen=True)
class Register:
    """One of the registers: its group, its Chinese name, and the words by which it is known."""

    group: str
    number: str
    label: str
    words: str
    avoid: str
    columns: str
    codes: tuple[str, ...]
    covered_levels: tuple[int, ...]
    words_of_covered_levels: str


@cache
def registers() -> tuple[Register, ...]:
    """Return the registers in the order in which their words are tried."""
    text = files("yiyuan.exchange").joinpath("registers.yaml").read_text(encoding="utf-8")
    return tuple(
        Register(
            group=entry["group"],
            number=entry["number"],
            label=entry["label"],
            words=entry["words"],
            avoid=entry.get("avoid", ""),
            columns=entry["columns"],
            codes=tuple(entry["codes"]),
            covered_levels=tuple(entry.get("covered_levels", ())),
            words_of_covered_levels=entry.get("words_of_covered_levels", ""),
        )
        for entry in yaml.safe_load(text)["registers"]
    )


def register_of(group: str) -> Register | None:
    """Return the register of a group code, None for a group we know nothing of (a scheme's own)."""
    return next((register for register in registers() if register.group == group), None)


def group_of_word(word: str) -> str | None:
    """Return the group a person means by a code (`orphan`), its catalogue number (G6) or a name (孤儿).

    A code that is none of ours may be a scheme's own and stands as it is; None for anything else.
    """
    numbered = next((register.group for register in registers() if register.number == word.upper()), None)
    named = numbered or group_of_text(word)
    return named or (word if re.fullmatch(r"[a-z][a-z0-9_]*", word) else None)


def group_named_in(texts: Sequence[str], headers: Sequence[str]) -> str | None:
    """Return the group that the first telling text names, else the one the headers point to, else None.

    `texts` stand in order of trust: sheet name and title before the file's name.
    """
    for text in texts:
        for register in registers():
            if re.search(register.words, text) and not (register.avoid and re.search(register.avoid, text)):
                return register.group
    joined = " ".join(headers)
    pointed = [register.group for register in registers() if re.search(register.columns, joined)]
    return pointed[0] if pointed else None


def groups_told_by(texts: Sequence[str], group: str) -> str:
    """Return the first of the texts whose words name this group, empty where none does."""
    register = register_of(group)
    if register is None:
        return ""
    return next((text for text in texts if re.search(register.words, text)), "")


def group_of_text(text: str) -> str | None:
    """Return the group that a cell names, by words or by code of the national dictionary; else None."""
    plain = "".join(text.split())
    for register in registers():
        named = re.search(register.words, plain) and not (register.avoid and re.search(register.avoid, plain))
        if named or plain in register.codes:
            return register.group
    return None


def group_of_cell(column: str) -> str:
    """Return `group_of_text` as SQL over a column."""
    branches = []
    for register in registers():
        named = f"regexp_matches(t, {text_literal(register.words)})"
        if register.avoid:
            named += f" AND NOT regexp_matches(t, {text_literal(register.avoid)})"
        codes = "".join(f" OR t = '{code}'" for code in register.codes)
        branches.append(f"WHEN ({named}){codes} THEN '{register.group}'")
    return f"list_transform([{squeeze(column)}], lambda t: CASE {' '.join(branches)} END)[1]"
