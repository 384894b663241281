"""The schema for editors says what the parser says: the same keys, and every shipped file passes it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from yiyuan.rules.scheme_file.loading import read_file, version_files
from yiyuan.rules.scheme_file.located import Section
from yiyuan.rules.scheme_file.reference import reference_page

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "schemes" / "schema" / "scheme.schema.json").read_text(encoding="utf-8"))
FILES = [
    file
    for place in (ROOT / "schemes", ROOT / "tests" / "schemes-of-others")
    for sources in sorted(place.glob("*/sources.yaml"))
    for file in version_files(sources.parent)
]
DEFINITION_OF = {
    "方案 的 questions": "question", "方案 的 cover": "cover", "方案 的 liabilities": "liability",
    "方案 的 exclusions": "exclusion", "方案 的 benefits": "benefit", "方案 的 limits": "limit",
    "方案 的 combine": "combination", "several_causes": "several_causes", "方案 的 clocks": "clock",
    "方案 的 filing": "filing", "方案 的 papers": "paper", "premium": "premium", "premium 的 parts": "part",
    "premium 的 payers": "payer", "premium 的 instalments": "instalment", "premium 的 ceilings": "ceiling",
    "insurers": "insurers", "insurers 的 rows": "insurer", "risk_sharing": "risk_sharing",
    "area": "area", "area 的 counties": "county", "valid": "valid", "damage": "fact", "金额": "amount",
}  # fmt: skip


# What no shipped plan has said so far, so that the parser asks for it, too; right or wrong does not matter.
SELDOM_SAID = """
facts: {damage: {of: event, sum: loss_fen, over: persons}, deaths: {of: event, count: persons}}
premium: {instalments: [{share_bp: 1}], ceilings: [{payer: city}]}
risk_sharing: {bands: [{from_bp: 0}]}
benefits:
  - name: every
    amount:
      sum:
        - {fact: loss_fen}
        - {greatest: [loss_fen]}
        - {least: [loss_fen]}
        - {tiers: [{from_fen: 0}], of: loss_fen}
        - {undecided: a}
        - {franchise_fen: 1, of: loss_fen}
        - {deductible_fen: 1, of: loss_fen}
        - {less: loss_fen, of: loss_fen}
        - {table: none}
"""


class _Loader(yaml.SafeLoader):
    """Dates stay as they are written, as the schema speaks of them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if not tag.endswith(":timestamp")]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def _wrong(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    # The keywords that the schema uses, and no others.
    if "$ref" in schema:
        yield from _wrong(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], where)
    if "anyOf" in schema and all(list(_wrong(value, one, where)) for one in schema["anyOf"]):
        yield f"{where}: none of the forms fits {value!r}"
    yield from _wrong_value(value, schema, where)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _wrong(item, schema["items"], f"{where}[{number}]")
    if isinstance(value, dict):
        yield from _wrong_keys(value, schema, where)


def _wrong_value(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[kind]) for kind in kinds):
        yield f"{where}: {value!r} is not {kinds}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not one of {schema['enum']}"
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        yield f"{where}: {value!r} does not look right"


def _wrong_keys(value: dict[str, Any], schema: dict[str, Any], where: str) -> Iterator[str]:
    others = schema.get("additionalProperties", True)
    for key, inner in value.items():
        by_pattern = [
            one for text, one in schema.get("patternProperties", {}).items() if re.search(text, key)
        ]
        known = schema.get("properties", {}).get(key) or next(iter(by_pattern), None)
        if known is not None:
            if inner is not None:
                yield from _wrong(inner, known, f"{where}.{key}")
        elif others is False:
            yield f"{where}: {key} is not a key"
        elif isinstance(others, dict):
            yield from _wrong(inner, others, f"{where}.{key}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_version_file_passes_the_schema(file: Path) -> None:
    tree = yaml.load(file.read_text(encoding="utf-8"), _Loader)

    assert list(_wrong(tree, SCHEMA, "")) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"scheem": "x"},
        {"benefits": [{"name": "death", "amout": {"fixed_fen": 1}}]},
        {"limits": [{"name": "a", "per": "persons"}]},
        {"benefits": [{"amount": {"fixed_fen": "many", "clause": "A"}}]},
        {"valid": {"from": "1 January"}},
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(broken: dict[str, Any]) -> None:
    assert list(_wrong(broken, SCHEMA, "")) != []


def test_the_schema_knows_the_keys_the_parser_asks_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: dict[str, set[str]] = {}
    close = Section.close

    def note(self: Section) -> None:
        asked.setdefault(self.name, set()).update(self._asked)
        close(self)

    monkeypatch.setattr(Section, "close", note)
    (tmp_path / "sources.yaml").write_text("sources: {}\n", encoding="utf-8")
    seldom = tmp_path / "2020-01-01.yaml"
    seldom.write_text(SELDOM_SAID, encoding="utf-8")
    for file in (*FILES, seldom):
        read_file(file)

    asked["damage"] |= asked["deaths"]
    known = {name: _keys(SCHEMA["$defs"][definition]) for name, definition in DEFINITION_OF.items()}
    assert {name: asked.get(name) for name in known} == known
    assert asked["方案"] == set(SCHEMA["properties"])


def _keys(definition: dict[str, Any]) -> set[str]:
    keyed = definition if "properties" in definition else definition["anyOf"][1]
    return set(keyed["properties"]) - {"drop"}


def test_the_reference_is_made_from_the_schema() -> None:
    page = (ROOT / "docs" / "schemes" / "reference.md").read_text(encoding="utf-8")

    assert page == reference_page(SCHEMA), "run ./yiyuan scheme reference > docs/schemes/reference.md"


def test_a_law_that_comes_by_two_parents_is_one_law() -> None:
    _, findings = read_file(version_files(ROOT / "tests" / "schemes-of-others" / "synthetic-city")[0])

    assert not [text for text in map(str, findings.remarks) if "被另写了一条" in text]
