"""Random edits of a scheme file (方案文件的改动): one value, key or row changed in what decides cases.

In: the text of a version file and a seed. Out: edits with their line. Words that people read and premiums
decide no case and are left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import yaml

SECTIONS = (
    "cover", "liabilities", "exclusions", "benefits", "limits", "combine", "several_causes", "tables",
    "clocks", "filing", "medical",
)  # fmt: skip
READ_BY_PEOPLE = frozenset(
    {
        "name_zh", "name_en", "trigger", "trigger_en", "documents", "documents_en", "certifying_bodies",
        "certifying_bodies_en", "assumed", "assumed_en", "reading", "reading_en", "clause", "payee", "kind",
        "name", "code",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """The file's text after one edit, and what was done at which line."""

    text: str
    line: int
    what: str


def edits(text: str, seed: int) -> Iterator[Edit]:
    """Yield edits without end, the same for the same text and seed."""
    chance = Random(seed)
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    places = [place for key, value in top.value if key.value in SECTIONS for place in _places(value)]
    while True:
        key, value = chance.choice(places)
        yield chance.choice((_another_value, _another_value, _another_key, _gone))(text, key, value, chance)


def _places(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in READ_BY_PEOPLE:
                continue
            if isinstance(value, yaml.ScalarNode):
                yield key, value
            yield from _places(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _places(item)


def _cut(text: str, node: yaml.Node, other: str) -> str:
    return text[: node.start_mark.index] + other + text[node.end_mark.index :]


def _another_value(text: str, key: yaml.Node, value: yaml.Node, chance: Random) -> Edit:
    line = value.start_mark.line + 1
    digits = str(value.value).replace("_", "")
    if digits.isdecimal() and len(digits) < 15:
        number = int(digits)
        other = str(chance.choice([number + 1, max(number - 1, 0) if number else 7, number * 2 + 3]))
    elif value.value in ("true", "false"):
        other = "false" if value.value == "true" else "true"
    else:
        other = f"{value.value}x"
    return Edit(_cut(text, value, other), line, f"{key.value}: {value.value} → {other}")


def _another_key(text: str, key: yaml.Node, value: yaml.Node, chance: Random) -> Edit:
    name = str(key.value)
    spot = chance.randrange(len(name))
    other = name[:spot] + name[spot + 1 :] or "x"
    return Edit(_cut(text, key, other), key.start_mark.line + 1, f"{name} → {other}")


def _gone(text: str, key: yaml.Node, value: yaml.Node, chance: Random) -> Edit:
    # The key keeps its place with nothing under it, which is how a forgotten value looks.
    return Edit(_cut(text, value, ""), key.start_mark.line + 1, f"{key.value}: {value.value} → (nothing)")
