"""The reference of the scheme file (方案文件参考): every key with its meaning, written from the JSON Schema.

In: `schemes/schema/scheme.schema.json`. Out: a page of Markdown; the same schema gives the same page.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]
SCHEMA_FILE = Path(__file__).resolve().parents[4] / "schemes" / "schema" / "scheme.schema.json"
SOURCES_SCHEMA_FILE = SCHEMA_FILE.with_name("sources.schema.json")
CASES_SCHEMA_FILE = SCHEMA_FILE.with_name("cases.schema.json")
HEAD = """# 方案文件参考 · Reference of the scheme file

Written by `./yiyuan scheme reference` from
[`schemes/schema/scheme.schema.json`](../../schemes/schema/scheme.schema.json); do not edit. Editors that
know JSON Schema complete and check a file that begins with
`# yaml-language-server: $schema=../schema/scheme.schema.json`. `sources.yaml` has
[`sources.schema.json`](../../schemes/schema/sources.schema.json), the files in `golden/` have
[`cases.schema.json`](../../schemes/schema/cases.schema.json) (from there `../../schema/cases.schema.json`).
How the parts work together: [language.md](language.md).
"""
_TYPES = {
    "string": "text", "integer": "integer", "number": "number", "boolean": "true or false",
    "array": "list", "object": "mapping", "null": "empty",
}  # fmt: skip


def load_schema(file: Path = SCHEMA_FILE) -> Schema:
    """Return a schema, that of a version file unless another is named."""
    schema: Schema = json.loads(file.read_text(encoding="utf-8"))
    return schema


def reference(schema: Schema) -> str:
    """Return the page: the sections in their order, then what several of them share."""
    lines = [HEAD, "## 各部分 · Sections", ""]
    for name, part in schema["properties"].items():
        lines.extend(_section(name, part, is_needed=name in schema["required"]))
    lines.extend(["## 共用的写法 · Shared forms", ""])
    for name, part in schema["$defs"].items():
        lines.extend(_section(name, part, is_needed=False))
    return "\n".join(lines).rstrip() + "\n"


def _section(name: str, part: Schema, *, is_needed: bool) -> Iterator[str]:
    needed = "，必须有 · needed" if is_needed else ""
    yield f"### {name}"
    yield ""
    yield f"{part.get('description', '')}（{_type(part)}{needed}）"
    yield ""
    rows = list(_keys(part, ""))
    if rows:
        yield "| key | type | meaning |"
        yield "|---|---|---|"
        yield from rows
        yield ""


def _keys(part: Schema, prefix: str) -> Iterator[str]:
    for key, value in part.get("properties", {}).items():
        needed = " *" if key in part.get("required", ()) else ""
        meaning = value.get("description", "").replace("|", "\\|")
        yield f"| `{prefix}{key}`{needed} | {_type(value)} | {meaning} |"
        yield from _keys(_inner(value), f"{prefix}{key}.")
    for other in part.get("anyOf", ()):
        yield from _keys(other, prefix)
    inner = _inner(part)
    if inner is not part:
        yield from _keys(inner, prefix)


def _inner(part: Schema) -> Schema:
    # Of a list its items, of a mapping with free keys their values: what a file's author writes next.
    items = part.get("items")
    free = part.get("additionalProperties")
    if isinstance(items, dict):
        return items
    return free if isinstance(free, dict) else part


def _type(part: Schema) -> str:
    if "$ref" in part:
        name = part["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name})"
    if "enum" in part:
        return ", ".join(f"`{one}`" for one in part["enum"])
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(one) for one in part["anyOf"]))
    said = part.get("type", "object")
    names = said if isinstance(said, list) else [said]
    words = " or ".join(_TYPES[one] for one in names)
    items = part.get("items")
    return f"{words} of {_type(items)}" if isinstance(items, dict) and "array" in names else words
